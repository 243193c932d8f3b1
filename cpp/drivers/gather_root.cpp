#include "drivers/gather_root.hpp"

#include <algorithm>
#include <chrono>
#include <new>
#include <utility>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/log.hpp"
#include "io/process.hpp"
#include "protocol/discovery.hpp"

namespace tracypy::drivers {
namespace {

/// At the end, with who does not stop.
constexpr std::int64_t kLongestEndNs = 10'000'000'000;
constexpr int kEndWaitMs = 5;
/// Who ends the gathering of a client waits for it so long.
constexpr std::chrono::seconds kLongestWait{5};
/// Beyond the groups of the family.
constexpr std::int32_t kFirstGroup = 1 << 20;

bool is_retired(const GatherLink& link) noexcept {
    return link.is_retired();
}
bool has_gone(const GatherLink& link) noexcept {
    return link.is_retired() && link.has_ended();
}

}  // namespace

GatherRoot::GatherRoot(base::Names& names, FamilyNumbers& numbers, IsOurs is_ours)
    : names_(names), numbers_(numbers), is_ours_(std::move(is_ours)) {}

GatherRoot::~GatherRoot() = default;

bool GatherRoot::add_own() {
    const std::lock_guard lock(mutex_);
    if (std::exchange(gathers_own_, true)) return false;
    share_memory();
    if (phase_ == Phase::Recording) listen();
    return true;
}

bool GatherRoot::remove_own() {
    std::unique_lock lock(mutex_);
    receiver_.reset();
    const bool gathered = std::exchange(gathers_own_, false);
    (void)retire(lock, [](const GatherLink& link) { return link.expected_process() != 0; });
    return gathered;
}

void GatherRoot::listen() {
    try {
        receiver_ = std::make_unique<io::DatagramReceiver>(protocol::kDiscoveryPort);
    } catch (const base::SystemError& error) {
        if (std::exchange(told_deaf_, true)) return;
        base::log(base::LogLevel::Warning,
                  std::string("clients that announce themselves cannot be heard: ") + error.what());
    }
}

// Anyone on the network may send announcements: who is not of this machine does not answer there, or not with that
// process.
void GatherRoot::hear() {
    constexpr int kMostAtOnce = 64;
    for (int i = 0; i < kMostAtOnce; ++i) {
        const auto datagram = receiver_->receive();
        if (!datagram) return;
        const auto said = protocol::parse_announcement(datagram->bytes);
        if (!said || said->active_seconds == protocol::kLeaving || said->port == 0) continue;
        if (!io::descends_from(said->process_id, io::process_id()) || is_ours_(said->process_id, said->port)) continue;
        meet(said->port, said->process_id);
    }
}

void GatherRoot::meet(std::uint16_t port, std::uint64_t process) {
    constexpr std::size_t kMostClients = 256;
    const auto known = std::ranges::find(links_, port, &GatherLink::port);
    if (known != links_.end()) {
        if (known->expected_process() != 0 && known->expected_process() != process) known->expect(process);
        return;
    }
    if (links_.size() >= kMostClients) return;
    links_.emplace_back("127.0.0.1", port, names_, numbers_, kFirstGroup + ++last_group_);
    links_.back().expect(process);
}

bool GatherRoot::add(const std::string& address, std::uint16_t port) {
    const std::lock_guard lock(mutex_);
    const bool is_known = std::ranges::any_of(links_, [&](const GatherLink& link) {
        return link.address() == address && link.port() == port && !link.is_retired();
    });
    if (is_known) return false;
    (void)io::PeerAddresses(address, port);  // throws
    links_.emplace_back(address, port, names_, numbers_, kFirstGroup + ++last_group_);
    share_memory();
    if (phase_ == Phase::Recording) links_.back().begin();
    return true;
}

bool GatherRoot::remove(const std::string& address, std::uint16_t port) {
    std::unique_lock lock(mutex_);
    return retire(lock, [&](const GatherLink& link) { return link.address() == address && link.port() == port; });
}

// Who drains hands on what they have said.
template <typename IsIt>
bool GatherRoot::retire(std::unique_lock<std::mutex>& lock, const IsIt& is_it) {
    bool any = false;
    for (GatherLink& link : links_) {
        if (link.is_retired() || !is_it(link)) continue;
        link.retire();
        any = true;
    }
    links_.remove_if(has_gone);
    retired_went_.wait_for(lock, kLongestWait, [this] { return std::ranges::none_of(links_, is_retired); });
    share_memory();
    return any;
}

void GatherRoot::let_retired_go(events::EventSink& sink) {
    const std::int64_t now_ns = base::monotonic_ns();
    for (GatherLink& link : links_) {
        if (link.is_retired() && link.is_stuck(now_ns)) link.stop_waiting(sink);
    }
    if (links_.remove_if(has_gone) != 0) retired_went_.notify_all();
}

void GatherRoot::share_memory() {
    numbers_.share_memory(gathers_own_ || !links_.empty());
}

void GatherRoot::look_up(std::uint64_t address, protocol::PendingAnswer answer) {
    const std::lock_guard lock(mutex_);
    (void)std::ranges::any_of(links_, [&](GatherLink& link) { return link.look_up(address, answer); });
}

void GatherRoot::set_parameter(std::uint32_t index, std::int32_t value) {
    const std::lock_guard lock(mutex_);
    (void)std::ranges::any_of(links_, [&](GatherLink& link) { return link.set_parameter(index, value); });
}

void GatherRoot::begin_session() {
    const std::lock_guard lock(mutex_);
    phase_ = Phase::Recording;
    links_.remove_if(is_retired);
    share_memory();
    for (GatherLink& link : links_) link.begin();
    if (gathers_own_) listen();
}

// Whoever listens to us gets one number, before the first event: it is waited for, but not for long, and only once for
// who does not answer, as a client that somebody else watches.
std::int64_t GatherRoot::sampling_period() {
    constexpr std::int64_t kLongestNs = 1'000'000'000;
    const std::lock_guard lock(mutex_);
    const std::int64_t end_ns = base::monotonic_ns() + kLongestNs;
    for (bool is_over = false; !is_over;) {
        is_over = base::monotonic_ns() >= end_ns;
        bool is_waiting = false;
        for (GatherLink& link : links_) {
            is_waiting |= link.is_still_looked_for();
            if (!is_waiting && link.sampling_period() != 0) return link.sampling_period();
        }
        if (!is_waiting) return 0;
        if (!is_over) wait_for_more();
    }
    for (GatherLink& link : links_) link.note_silence();
    const auto sampled =
        std::ranges::find_if(links_, [](const GatherLink& link) { return link.sampling_period() != 0; });
    return sampled == links_.end() ? 0 : sampled->sampling_period();
}

void GatherRoot::end_session() {
    const std::lock_guard lock(mutex_);
    if (phase_ != Phase::Recording) return;
    phase_ = Phase::Ending;
    receiver_.reset();
    end_ns_ = base::monotonic_ns();
    for (GatherLink& link : links_) {
        if (!link.is_retired()) link.end();
    }
}

std::size_t GatherRoot::drain(events::EventSink& sink, std::size_t max_words) {
    const std::lock_guard lock(mutex_);
    if (phase_ == Phase::Idle) return 0;
    std::size_t words = 0;
    if (phase_ == Phase::Recording && receiver_ != nullptr) hear();
    for (GatherLink& link : links_) words += link.step(sink, max_words / links_.size() + 1);
    let_retired_go(sink);
    return phase_ == Phase::Recording ? words : wind_up(sink, words);
}

// Names of machine code may take a client a while: it looks them up when it is asked.
std::size_t GatherRoot::wind_up(events::EventSink& sink, std::size_t words) {
    const std::int64_t now_ns = base::monotonic_ns();
    for (GatherLink& link : links_) {
        if (link.is_stuck(now_ns) || now_ns - end_ns_ > kLongestEndNs) link.stop_waiting(sink);
    }
    if (std::ranges::all_of(links_, &GatherLink::has_ended)) {
        phase_ = Phase::Idle;
        return words;
    }
    if (words == 0) wait_for_more();
    return std::max<std::size_t>(words, 1);
}

void GatherRoot::wait_for_more() {
    poller_.clear();
    for (const GatherLink& link : links_) link.add_to(poller_);
    poller_.wait(kEndWaitMs);
}

void GatherRoot::leave_all() {
    const std::lock_guard lock(mutex_);
    phase_ = Phase::Idle;
    receiver_.reset();
    for (GatherLink& link : links_) link.leave();
    links_.remove_if(is_retired);
    retired_went_.notify_all();
}

void GatherRoot::abandon() noexcept {
    phase_ = Phase::Idle;
    for (GatherLink& link : links_) link.abandon();
    (void)receiver_.release();  // it may have been in use; the descriptor hears nothing that matters
    gathers_own_ = false;
    new (&links_) std::list<GatherLink>;
    new (&mutex_) std::mutex;
    new (&retired_went_) std::condition_variable;
}

}  // namespace tracypy::drivers
