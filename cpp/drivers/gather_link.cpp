#include "drivers/gather_link.hpp"

#include <algorithm>
#include <cmath>
#include <exception>
#include <utility>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/log.hpp"

namespace tracypy::drivers {
namespace {

constexpr std::int64_t kTryEveryNs = 100'000'000;
/// What waits for its names takes no more; then it goes on without them.
constexpr std::size_t kMostHeldBytes = std::size_t{64} << 20;
/// Clients of one machine read one counter: then the lengths of their ticks differ by what they have measured.
constexpr double kSameClock = 0.01;
/// A client says when it was asked, or when it began; that is about now, or before.
constexpr double kSameMomentS = 10;
/// A client may ask either of the system's clocks.
constexpr std::int64_t kSameReadingNs = 1'000;

using SessionState = protocol::ViewerSession::State;

}  // namespace

GatherLink::GatherLink(std::string address, std::uint16_t port, base::Names& names, FamilyNumbers& numbers,
                       std::int32_t group)
    : names_(names), numbers_(numbers), group_(group) {
    config_.address = std::move(address);
    config_.port = port;
}

GatherLink::~GatherLink() = default;

void GatherLink::begin() {
    talk_.reset();
    state_ = State::Looking;
    is_ending_ = false;
    next_try_ns_ = 0;
    begun_ = base::now_ticks();
}

void GatherLink::end() {
    is_ending_ = true;
    if (state_ == State::Receiving) {
        talk_->connection.session().stop();
    } else {
        leave();
    }
}

void GatherLink::leave() noexcept {
    talk_.reset();
    state_ = State::Idle;
}

void GatherLink::abandon() noexcept {
    if (talk_ != nullptr) talk_->connection.abandon();
    (void)talk_.release();  // it may have been in use by a thread that the child does not have
    state_ = State::Idle;
}

void GatherLink::give_up(const std::string& why) {
    base::log(base::LogLevel::Warning,
              config_.address + ":" + std::to_string(config_.port) + " is not gathered any more: " + why);
    leave();
    state_ = State::GivenUp;
}

std::size_t GatherLink::step(events::EventSink& sink, std::size_t max_words) {
    try {
        if (state_ == State::Looking) look();
        if (state_ == State::Receiving) return receive(sink, max_words);
    } catch (const base::Error& error) {
        if (!is_on_its_way_out(error)) give_up(error.what());
        talk_.reset();
        next_try_ns_ = base::monotonic_ns() + kTryEveryNs;
    } catch (const std::exception& error) {
        give_up(error.what());
    }
    return 0;
}

// A client that takes one viewer only, and has told us all: its port is open until the process is gone.
bool GatherLink::is_on_its_way_out(const base::Error& error) const noexcept {
    return state_ == State::Looking && has_gathered_ && error.problem().code == base::ErrorCode::CaptureRefused;
}

void GatherLink::look() {
    const std::int64_t now_ns = base::monotonic_ns();
    if (now_ns < next_try_ns_) return;
    if (talk_ == nullptr) talk_ = std::make_unique<Talk>(config_);
    switch (talk_->connection.knock()) {
        case CaptureConnection::Step::NobodyListens:
            next_try_ns_ = now_ns + kTryEveryNs;
            return;
        case CaptureConnection::Step::NoAnswer:
            return;
        case CaptureConnection::Step::Welcomed:
            return welcome();
    }
}

void GatherLink::welcome() {
    const protocol::Welcome& said = *talk_->connection.session().welcome();
    if (!(said.nanoseconds_per_tick > 0)) return give_up("its clock stands still");
    talk_->process = said.program.name + " (" + std::to_string(said.program.process_id) + ")";
    talk_->rows = std::make_unique<FamilyRows>(names_, numbers_, talk_->process, group_);
    talk_->events = std::make_unique<GatheredEvents>(talk_->names, names_, said.first_tick, *talk_->rows);
    state_ = State::Receiving;
}

std::size_t GatherLink::receive(events::EventSink& sink, std::size_t max_words) {
    protocol::ViewerSession& session = talk_->connection.session();
    std::size_t words = 0;
    bool has_read = true;
    while (has_read && words < max_words && !session.has_ended()) {
        has_read = talk_->connection.exchange();
        if (session.knows_all_names() || talk_->held.bytes() > kMostHeldBytes) words += hand_on(sink);
    }
    if (is_ending_ && session.waits_for_little()) session.leave();
    if (!session.has_ended()) return words;
    words += hand_on(sink);
    tell_what_is_missing();
    talk_->connection.close();
    if (session.state() == SessionState::Failed) {
        give_up(session.problem());
    } else {
        const bool goes_on = !is_ending_;
        leave();
        has_gathered_ = true;
        if (goes_on) state_ = State::Looking;  // it may come back
    }
    return words;
}

void GatherLink::tell_what_is_missing() {
    std::string missing = talk_->others.text();
    for (const protocol::UnsupportedEvents& each : talk_->connection.session().unsupported_events()) {
        missing += (missing.empty() ? "" : ", ") + std::to_string(each.count) + " " + std::string(each.what);
    }
    if (missing.empty()) return;
    base::log(base::LogLevel::Warning, talk_->process + " has told what is not gathered: " + missing);
}

// All programs of one machine read one counter. What comes from elsewhere, through a tunnel or out of a container with
// a clock of its own, is set so that its newest event happened just now, and nothing before the session.
void GatherLink::set_clock() {
    talk_->knows_clock = true;
    const protocol::ViewerSession& session = talk_->connection.session();
    const protocol::Welcome& said = *session.welcome();
    const base::Ticks now = base::now_ticks();
    const double ratio = said.nanoseconds_per_tick / base::tick_scale().nanoseconds_per_tick();
    const base::Ticks known = said.is_on_demand ? said.connected_tick : said.initialized_tick;
    const auto apart_s = static_cast<double>(now - known) * said.nanoseconds_per_tick * 1e-9;
    const bool counts = said.nanoseconds_per_tick != 1.0;  // else it asks the system
    const bool is_one_clock = counts || std::abs(base::between_system_clocks_ns()) <= kSameReadingNs;
    const bool is_ours = counts == base::has_counter_clock() && is_one_clock && std::abs(ratio - 1) <= kSameClock &&
                         apart_s >= -kSameMomentS && (!said.is_on_demand || apart_s <= kSameMomentS);
    if (is_ours) return;
    const auto span = static_cast<base::Ticks>(static_cast<double>(session.progress().last_tick) * ratio);
    talk_->events->set_clock(
        {.from = said.first_tick, .to = std::max(now - span, begun_), .ratio = ratio, .is_exact = false});
    base::log(base::LogLevel::Warning, talk_->process + " reads another clock: its times are estimated");
}

std::size_t GatherLink::hand_on(events::EventSink& sink) {
    if (!talk_->knows_clock) set_clock();
    talk_->rows->set_sink(sink);
    talk_->events->name_rows();
    talk_->held.release(*talk_->events);
    return talk_->rows->take_words();
}

}  // namespace tracypy::drivers
