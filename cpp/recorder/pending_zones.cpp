#include "recorder/pending_zones.hpp"

namespace tracypy::recorder {

void PendingZones::push(const PendingZone& zone, const OpenZone& open) noexcept {
    zones_[count_] = zone;
    shared_[count_].from.store(zone.from, std::memory_order_relaxed);
    shared_[count_].location.store(open.location(), std::memory_order_relaxed);
    shared_[count_].callstack.store(open.callstack(), std::memory_order_relaxed);
    ++count_;
}

void PendingZones::offer() noexcept {
    shared_count_.store(count_, std::memory_order_relaxed);
    // Release: the drain sees the zones, and all words published so far.
    state_.store(++last_offer_, std::memory_order_release);
}

bool PendingZones::reopen() noexcept {
    if (count_ == 0) return true;
    std::uint64_t offer = last_offer_;
    // Acquire: what is written from now on comes after what the drain has handed on.
    if (state_.compare_exchange_strong(offer, kNone, std::memory_order_acq_rel, std::memory_order_acquire)) return true;
    count_ = 0;
    return false;
}

std::size_t PendingZones::withdraw(Zones& zones) noexcept {
    const std::size_t count = reopen() ? count_ : 0;
    zones = zones_;
    count_ = 0;
    return count;
}

void PendingZones::clear() noexcept {
    count_ = 0;
    state_.store(kNone, std::memory_order_release);
}

std::uint64_t PendingZones::long_offered(std::int64_t now_ns) noexcept {
    const std::uint64_t offer = state_.load(std::memory_order_acquire);
    if (offer <= kTaken) return kNone;
    if (offer == seen_offer_) return now_ns - seen_ns_ >= kLongNs ? offer : kNone;
    seen_offer_ = offer;
    seen_ns_ = now_ns;
    return kNone;
}

std::span<const events::Word> PendingZones::take(std::uint64_t offer) noexcept {
    const std::size_t count = shared_count_.load(std::memory_order_relaxed);
    events::Word* end = words_.data();
    for (std::size_t i = 0; i < count; ++i) {
        const events::ZoneBegin zone{shared_[i].from.load(std::memory_order_relaxed),
                                     shared_[i].location.load(std::memory_order_relaxed)};
        const base::CallstackId callstack = shared_[i].callstack.load(std::memory_order_relaxed);
        const bool is_plain = callstack == base::CallstackId::None;
        end = is_plain ? events::put(end, zone)
                       : events::put(end, events::ZoneBeginCallstack{zone.tick, zone.location, callstack});
    }
    if (!state_.compare_exchange_strong(offer, kTaken, std::memory_order_acq_rel, std::memory_order_relaxed)) return {};
    return {words_.data(), end};
}

}  // namespace tracypy::recorder
