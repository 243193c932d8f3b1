#include "drivers/gather_link.hpp"

#include <algorithm>
#include <exception>
#include <optional>
#include <utility>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/log.hpp"

namespace tracypy::drivers {
namespace {

constexpr std::int64_t kTryEveryNs = 100'000'000;
/// At the end: until it is asked for no more names; and without hearing of any, or of its leave.
constexpr std::int64_t kNamesPatienceNs = 3'000'000'000, kAnswerPatienceNs = 1'500'000'000;
constexpr std::int64_t kLeavePatienceNs = 500'000'000;
/// Then it has sent all that has happened.
constexpr std::int64_t kQuietNs = 200'000'000;

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
    end_tick_ = base::now_ticks();
    end_ns_ = progress_ns_ = base::monotonic_ns();
    if (state_ != State::Receiving) leave();
}

void GatherLink::retire() {
    is_retired_ = true;
    end();
}

// Not before it has told what happened up to now, and the names that it has been asked for: Tracy's client looks those
// of machine code up in another thread, and forgets all that is on its way when its viewer takes leave.
void GatherLink::take_leave() {
    protocol::ViewerSession& session = talk_->connection.session();
    const std::int64_t now_ns = base::monotonic_ns();
    const base::Ticks newest = session.welcome()->first_tick + session.progress().last_tick;
    const bool has_come_so_far = talk_->clock.map()(newest) >= end_tick_;
    const bool is_quiet = now_ns - std::max(heard_ns_, end_ns_) > kQuietNs;
    const bool has_told = session.knows_all_names() && (has_come_so_far || is_quiet);
    if (has_told || now_ns - end_ns_ > kNamesPatienceNs) session.stop();
    if (session.waits_for_little()) session.leave();
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

bool GatherLink::is_still_looked_for() {
    if (is_silent_ || state_ != State::Looking || next_try_ns_ != 0) return false;
    try {
        look();
    } catch (const std::exception&) {
        return false;  // the next step says it
    }
    return state_ == State::Looking && next_try_ns_ == 0;
}

void GatherLink::note_silence() noexcept {
    is_silent_ = state_ == State::Looking && next_try_ns_ == 0;
}

std::int64_t GatherLink::sampling_period() const noexcept {
    if (state_ != State::Receiving) return 0;
    return std::max<std::int64_t>(0, talk_->connection.session().welcome()->sampling_period);
}

// A client that takes one viewer only, and has told us all: its port is open until the process is gone.
bool GatherLink::is_on_its_way_out(const base::Error& error) const noexcept {
    return state_ == State::Looking && has_gathered_ && error.problem().code == base::ErrorCode::CaptureRefused;
}

void GatherLink::look() {
    const std::int64_t now_ns = base::monotonic_ns();
    if (now_ns < next_try_ns_) return;
    if (talk_ == nullptr) talk_ = std::make_unique<Talk>(config_, numbers_.memory());
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
    is_silent_ = false;
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
    const CaptureConnection& connection = talk_->connection;
    talk_->clock = RemoteClock(said, {connection.asked_tick(), connection.welcomed_tick(), connection.is_local()});
    talk_->events->set_clock(talk_->clock.map());
    state_ = State::Receiving;
}

std::size_t GatherLink::receive(events::EventSink& sink, std::size_t max_words) {
    protocol::ViewerSession& session = talk_->connection.session();
    std::size_t words = 0;
    bool has_read = true;
    while (has_read && words < max_words && !session.has_ended()) {
        has_read = talk_->connection.exchange();
        if (has_read && is_ending_) heard_ns_ = base::monotonic_ns();
        hand_on_parameters(sink, false);
        const bool is_whole = session.knows_all_names() && !(has_read && waits_for_newest());
        if (is_whole || is_nearly_full()) words += hand_on(sink);
        if (is_full()) {
            tell_what_is_missing();
            give_up("it has more rows, locks, plots and names than there is room for (TRACYPY_BUFFER_MB)");
            return words;
        }
    }
    if (is_ending_) take_leave();
    return session.has_ended() ? words + finish(sink) : words;
}

void GatherLink::Talk::count() {
    const std::size_t before = counted;
    counted = connection.session().bytes() + held.bytes() + kinds.bytes() + rows->bytes() + events->bytes();
    memory.hold(before, counted);
}

// What waits for its names goes on without them then; and if that is not it, no new names are taken.
bool GatherLink::is_nearly_full() {
    talk_->count();
    const bool is_held = talk_->held.bytes() > talk_->memory.most_held() / 2;
    return is_held || talk_->memory.is_full(GatherMemory::kNearlyFull, talk_->counted);
}

bool GatherLink::is_full() {
    talk_->count();
    const GatherMemory& memory = talk_->memory;
    if (memory.is_full(GatherMemory::kNearlyFull, talk_->counted)) talk_->names.strings.set_limit_bytes(0);
    return memory.is_full(GatherMemory::kFull, talk_->counted);
}

std::size_t GatherLink::finish(events::EventSink& sink) {
    const protocol::ViewerSession& session = talk_->connection.session();
    const std::size_t words = hand_on(sink);
    if (is_ending_ && !session.knows_all_names()) say("has not told all names in time: they read ???");
    if (const std::string corrections = talk_->clock.corrections(); !corrections.empty()) say(corrections);
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

bool GatherLink::is_stuck(std::int64_t now_ns) {
    constexpr std::uint64_t kSignsOfLife = 64;  // a byte every half a second, from a client that waits
    if (state_ != State::Receiving) return false;
    const protocol::ViewerSession& session = talk_->connection.session();
    const std::uint64_t bytes = session.progress().raw_bytes;
    if (bytes - talk_->known_bytes >= kSignsOfLife) {
        talk_->known_bytes = bytes;
        progress_ns_ = now_ns;
    }
    return now_ns - progress_ns_ > (session.knows_all_names() ? kLeavePatienceNs : kAnswerPatienceNs);
}

void GatherLink::stop_waiting(events::EventSink& sink) {
    if (state_ != State::Receiving) return leave();
    protocol::ViewerSession& session = talk_->connection.session();
    if (session.knows_all_names()) say("has not taken leave in time: its last moments may be missing");
    session.leave();
    finish(sink);
}

void GatherLink::add_to(io::Poller& poller) const {
    if (state_ == State::Receiving) talk_->connection.add_to(poller);
}

void GatherLink::tell_what_is_missing() {
    std::string missing;
    const auto add = [&missing](std::uint64_t count, std::string_view what) {
        if (count == 0) return;
        missing += (missing.empty() ? "" : ", ") + std::to_string(count) + " " + std::string(what);
    };
    const NativeRegion& natives = talk_->events->natives();
    add(talk_->names.left_out + talk_->events->left_out_names(),
        "names and call stacks more than there is room for (TRACYPY_BUFFER_MB)");
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

// Who does not say what its clock is is heard to the end of what it has to say so far: then its newest event is.
bool GatherLink::waits_for_newest() const {
    return !talk_->clock.is_known();
}

void GatherLink::follow_clock() {
    const protocol::ViewerSession& session = talk_->connection.session();
    const base::Ticks newest = session.progress().last_tick;
    if (newest == 0) return;  // nothing has happened
    const bool is_new = talk_->clock.note(session.welcome()->first_tick + newest, base::now_ticks());
    if (is_new) talk_->events->set_clock(talk_->clock.map());
}

void GatherLink::say(const std::string& what) {
    base::log(base::LogLevel::Warning, talk_->process + " " + what);
    const events::AppInfo line{names_.strings.intern_if_room(what)};
    if (line.text != base::StringId::None) static_cast<events::EventSink&>(*talk_->rows).take({&line, 1});
}

void GatherLink::hand_on_parameters(events::EventSink& sink, bool all) {
    talk_->rows->set_sink(sink);
    talk_->kinds.hand_on_parameters(*talk_->events, [this, all](base::StringId name) {
        return all || !talk_->names.strings.find(name).text.empty();
    });
}

void GatherLink::tell_sampling_period() {
    const std::int64_t ns = sampling_period();
    if (ns == 0 || !numbers_.claim_sampling(group_)) return;
    const events::SamplingPeriod period{static_cast<std::uint64_t>(ns)};
    static_cast<events::EventSink&>(*talk_->rows).take({&period, 1});
}

void GatherLink::tell_clock() {
    if (std::exchange(talk_->has_told_clock, true)) return;
    tell_sampling_period();
    if (talk_->clock.is_ours()) return;
    say("reads another clock: its times are estimated, " + talk_->clock.precision());
}

std::size_t GatherLink::hand_on(events::EventSink& sink) {
    talk_->rows->set_sink(sink);
    tell_clock();
    follow_clock();
    talk_->events->name_rows();
    talk_->events->hand_on_natives();
    talk_->held.release(*talk_->events);
    hand_on_parameters(sink, true);
    if (talk_->connection.session().knows_all_names()) answer_look_ups();
    return talk_->rows->take_words();
}

}  // namespace tracypy::drivers
