// Zones that are open, but not written down yet, since the function that opened them may be about to return.
//
// A helper such as a context manager opens a zone for the code of its caller. Written at once, the zone would begin
// inside the helper and have to be cut when that returns. So the begin waits for the thread's next event. A thread that
// sleeps has none: then the drain writes the begins itself.
//
// Threading contract: the writer pushes and offers; from then on either the drain takes, or the writer withdraws, and
// only one of them succeeds. Between offer and withdrawal the writer publishes no words, so that what the drain takes
// comes after all that it has read.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "events/event.hpp"
#include "recorder/zone_key.hpp"

namespace tracypy::recorder {

struct PendingZone {
    base::Ticks begun;  // by the program
    base::Ticks from;   // where it begins on its thread's row: after the last event
    bool is_continued;  // a part of it is in the trace
};

class PendingZones {
public:
    static constexpr std::size_t kMost = 8;
    using Zones = std::array<PendingZone, kMost>;

    // --- the writer ---
    std::size_t count() const noexcept { return count_; }
    const PendingZone& innermost() const noexcept { return zones_[count_ - 1]; }
    /// Adds the innermost one; not while offered.
    void push(const PendingZone& zone, const OpenZone& open) noexcept;
    void offer() noexcept;
    /// Takes all back into `zones`; the number of those that are not in the trace: all, or 0 if the drain took them.
    std::size_t withdraw(Zones& zones) noexcept;
    /// Takes all back, to push more. False if the drain took them, and none is pending any more.
    bool reopen() noexcept;
    /// With the world stopped.
    void clear() noexcept;

    // --- the drain ---
    /// What has been offered for long, by calls of this; 0 for nothing. Long: most are withdrawn in a microsecond.
    std::uint64_t long_offered(std::int64_t now_ns) noexcept;
    /// The begins as words, to be handed on at once; empty when the writer was faster. Everything published before
    /// `offer` has been read.
    std::span<const events::Word> take(std::uint64_t offer) noexcept;

private:
    static constexpr std::uint64_t kNone = 0;
    static constexpr std::uint64_t kTaken = 1;

    Zones zones_{};
    std::size_t count_ = 0;
    std::uint64_t last_offer_ = kTaken;

    // Read by the drain while the writer may be changing them: then its exchange of `state_` fails.
    struct Shared {
        std::atomic<base::Ticks> from{0};
        std::atomic<base::SourceLocationId> location{base::SourceLocationId::Other};
        std::atomic<base::CallstackId> callstack{base::CallstackId::None};
    };
    std::array<Shared, kMost> shared_{};
    std::atomic<std::size_t> shared_count_{0};
    std::atomic<std::uint64_t> state_{kNone};  // an offer has a number of its own, from 2 on

    // The drain's.
    static constexpr std::int64_t kLongNs = 50'000'000;
    std::uint64_t seen_offer_ = kNone;
    std::int64_t seen_ns_ = 0;
    std::array<events::Word, events::kMostBeginWords * kMost> words_{};
};

}  // namespace tracypy::recorder
