#include "drivers/gather_root.hpp"

#include <algorithm>
#include <new>

#include "base/clock.hpp"

namespace tracypy::drivers {
namespace {

/// At the end: of who says nothing more, and of who does not stop.
constexpr std::int64_t kEndPatienceNs = 500'000'000, kLongestEndNs = 10'000'000'000;
/// Beyond the groups of the family.
constexpr std::int32_t kFirstGroup = 1 << 20;

}  // namespace

bool GatherRoot::add(const std::string& address, std::uint16_t port) {
    const std::lock_guard lock(mutex_);
    const bool is_known = std::ranges::any_of(
        links_, [&](const GatherLink& link) { return link.address() == address && link.port() == port; });
    if (is_known) return false;
    (void)io::PeerAddresses(address, port);  // throws
    links_.emplace_back(address, port, names_, numbers_, kFirstGroup + ++last_group_);
    if (phase_ == Phase::Recording) links_.back().begin();
    return true;
}

bool GatherRoot::remove(const std::string& address, std::uint16_t port) {
    const std::lock_guard lock(mutex_);
    return std::erase_if(links_,
                         [&](const GatherLink& link) { return link.address() == address && link.port() == port; }) != 0;
}

void GatherRoot::begin_session() {
    const std::lock_guard lock(mutex_);
    phase_ = Phase::Recording;
    for (GatherLink& link : links_) link.begin();
}

void GatherRoot::end_session() {
    const std::lock_guard lock(mutex_);
    if (phase_ != Phase::Recording) return;
    phase_ = Phase::Ending;
    end_ns_ = progress_ns_ = base::monotonic_ns();
    for (GatherLink& link : links_) link.end();
}

std::size_t GatherRoot::drain(events::EventSink& sink, std::size_t max_words) {
    const std::lock_guard lock(mutex_);
    if (phase_ == Phase::Idle) return 0;
    std::size_t words = 0;
    for (GatherLink& link : links_) words += link.step(sink, max_words / links_.size() + 1);
    if (phase_ == Phase::Recording) return words;
    const std::int64_t now_ns = base::monotonic_ns();
    if (words != 0) progress_ns_ = now_ns;
    if (now_ns - progress_ns_ > kEndPatienceNs || now_ns - end_ns_ > kLongestEndNs) {
        for (GatherLink& link : links_) link.leave();
    }
    if (std::ranges::all_of(links_, &GatherLink::has_ended)) {
        phase_ = Phase::Idle;
        return words;
    }
    return std::max<std::size_t>(words, 1);
}

void GatherRoot::abandon() noexcept {
    phase_ = Phase::Idle;
    for (GatherLink& link : links_) link.abandon();
    new (&links_) std::list<GatherLink>;
    new (&mutex_) std::mutex;
}

}  // namespace tracypy::drivers
