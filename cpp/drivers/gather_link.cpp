#include "drivers/gather_link.hpp"

#include <algorithm>
#include <cmath>
#include <exception>
#include <optional>
#include <utility>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/log.hpp"

namespace tracypy::drivers {
namespace {

constexpr std::int64_t kTryEveryNs = 100'000'000;
/// What waits for its names takes no more; then it goes on without them.
constexpr std::size_t kMostHeldBytes = std::size_t{64} << 20;
/// Of what it tells of its machine code.
constexpr std::size_t kMostNativeBytes = std::size_t{128} << 20;
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

void GatherLink::expect(std::uint64_t process) {
    expected_process_ = process;
    if (state_ != State::Receiving) begin();
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
    if (expected_process_ != 0 && said.program.process_id != expected_process_) {  // another one has its port now
        leave();
        state_ = State::GivenUp;
        return;
    }
    talk_->process = said.program.name + " (" + std::to_string(said.program.process_id) + ")";
    talk_->rows = std::make_unique<FamilyRows>(names_, numbers_, talk_->process, group_);
    talk_->rows->set_gathered();
    talk_->events = std::make_unique<GatheredEvents>(talk_->names, names_, said, begun_, *talk_->rows);
    state_ = State::Receiving;
}

std::size_t GatherLink::receive(events::EventSink& sink, std::size_t max_words) {
    protocol::ViewerSession& session = talk_->connection.session();
    std::size_t words = 0;
    bool has_read = true;
    while (has_read && words < max_words && !session.has_ended()) {
        has_read = talk_->connection.exchange();
        if (session.knows_all_names() || talk_->held.bytes() > kMostHeldBytes) words += hand_on(sink);
        if (session.native_bytes() > kMostNativeBytes) {
            give_up("it has more call stacks, functions and sources than there is room for");
            return words;
        }
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
    std::string missing;
    const auto add = [&missing](std::uint64_t count, std::string_view what) {
        if (count == 0) return;
        missing += (missing.empty() ? "" : ", ") + std::to_string(count) + " " + std::string(what);
    };
    const NativeRegion& natives = talk_->events->natives();
    add(natives.left_out_stacks(), "call stacks beyond the memory for them");
    add(natives.left_out_texts(), "names, codes and sources beyond the memory for them");
    add(talk_->events->lost_images(), "pictures of frames that are not there");
    add(talk_->rows->told_by_another(), "events of the system that another client tells");
    add(talk_->rows->left_out(), "events that have no place beside those of this program");
    for (const protocol::UnsupportedEvents& each : talk_->connection.session().unsupported_events()) {
        add(each.count, each.what);
    }
    if (missing.empty()) return;
    base::log(base::LogLevel::Warning, talk_->process + " has told what is not gathered: " + missing);
}

bool GatherLink::look_up(std::uint64_t address, protocol::PendingAnswer& answer) {
    if (state_ != State::Receiving) return false;
    const std::optional<std::uint64_t> own = talk_->events->natives().own_address(address);
    if (own) talk_->look_ups.push_back({talk_->connection.session().look_up(*own), std::move(answer)});
    return own.has_value();
}

void GatherLink::answer_look_ups() {
    for (Talk::LookUp& each : std::exchange(talk_->look_ups, {})) {
        const std::uint32_t number = talk_->events->natives().native_of(each.place);
        if (number != 0) each.answer.give(std::to_string(number));
    }
}

bool GatherLink::set_parameter(std::uint32_t index, std::int32_t value) {
    if (state_ != State::Receiving) return false;
    const std::optional<std::uint32_t> own = talk_->rows->parameter_of(index);
    if (own) talk_->connection.session().set_parameter(*own, value);
    return own.has_value();
}

// All programs of one machine read one counter. What comes from elsewhere, from another machine, through a tunnel or
// out of a container with a clock of its own, is put where the greeting says that its clock is, or so that its newest
// event happened just now; and nothing before the session.
void GatherLink::set_clock() {
    talk_->knows_clock = true;
    CaptureConnection& connection = talk_->connection;
    const protocol::Welcome& said = *connection.session().welcome();
    const base::Ticks now = base::now_ticks();
    const double our_ns = base::tick_scale().nanoseconds_per_tick();
    const double ratio = said.nanoseconds_per_tick / our_ns;
    const base::Ticks known = said.is_on_demand ? said.connected_tick : said.initialized_tick;
    const auto apart_s = static_cast<double>(now - known) * said.nanoseconds_per_tick * 1e-9;
    const bool counts = said.nanoseconds_per_tick != 1.0;  // else it asks the system
    const bool is_one_clock = counts || std::abs(base::between_system_clocks_ns()) <= kSameReadingNs;
    // Who says, by our counter, when it was asked, reads it; however long it believes a tick to be.
    const bool says_our_time = said.is_on_demand && connection.asked_tick() <= said.connected_tick &&
                               said.connected_tick <= connection.welcomed_tick();
    const bool may_be_ours = counts == base::has_counter_clock() && is_one_clock && std::abs(ratio - 1) <= kSameClock &&
                             apart_s >= -kSameMomentS && (!said.is_on_demand || apart_s <= kSameMomentS);
    if (connection.is_local() && (says_our_time || may_be_ours)) return;
    TickMap map{.from = said.first_tick, .to = 0, .ratio = ratio, .is_exact = false};
    bool is_followed = false;
    std::string error = "its newest event is taken to have happened when it came";
    if (said.is_on_demand && !connection.is_local()) {
        const base::Ticks half = (connection.welcomed_tick() - connection.asked_tick()) / 2;
        map.from = said.connected_tick;
        map.to = connection.asked_tick() + half;
        is_followed = true;
        error = "to " + std::to_string(std::llround(static_cast<double>(half) * our_ns / 1e3) + 1) +
                " microseconds, and better as it goes on";
    } else {
        const auto span = static_cast<double>(connection.session().progress().last_tick) * ratio;
        map.to = std::max(now - static_cast<base::Ticks>(span), begun_);
    }
    if (is_followed) talk_->clock = RemoteClock(map);
    talk_->events->set_clock(map);
    base::log(base::LogLevel::Warning, talk_->process + " reads another clock: its times are estimated, " + error);
}

void GatherLink::follow_clock() {
    const protocol::ViewerSession& session = talk_->connection.session();
    const base::Ticks newest = session.welcome()->first_tick + session.progress().last_tick;
    if (talk_->clock.note(newest, base::now_ticks())) talk_->events->set_clock(talk_->clock.map());
}

std::size_t GatherLink::hand_on(events::EventSink& sink) {
    if (!talk_->knows_clock) set_clock();
    follow_clock();
    talk_->rows->set_sink(sink);
    talk_->events->name_rows();
    talk_->events->hand_on_natives();
    talk_->held.release(*talk_->events);
    if (talk_->connection.session().knows_all_names()) answer_look_ups();
    return talk_->rows->take_words();
}

}  // namespace tracypy::drivers
