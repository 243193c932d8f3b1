// The zones that are open on one thread, or of one fiber of it, and which of them are in the trace.
//
// It knows nothing of events: a thread that goes on with another fiber goes on with another stack, and its queue stays.
// One thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "base/ids.hpp"
#include "recorder/zone_key.hpp"

namespace tracypy::recorder {

/// What a ZoneStack consists of: apart, so that they may be copied as a block.
struct ZoneStackWords {
    static constexpr std::size_t kNowhere = static_cast<std::size_t>(-1);
    static constexpr std::size_t kNoDepth = static_cast<std::size_t>(-1);

    OpenZone* top_ = nullptr;       // behind the innermost open zone
    OpenZone* soft_end_ = nullptr;  // zones_ and the smaller of capacity_ and max_depth_
    OpenZone* zones_ = nullptr;     // zones_[-1] is the guard
    std::size_t capacity_ = 0;
    std::size_t max_depth_ = kNoDepth;
    std::size_t skipped_from_ = kNowhere;
    std::uint64_t unfollowed_ = 0;
};

class ZoneStack : ZoneStackWords {
public:
    using ZoneStackWords::kNoDepth;
    using ZoneStackWords::kNowhere;
    static constexpr std::size_t kMostOpen = std::size_t{1} << 20;

    /// One without any room: nobody pushes.
    constexpr ZoneStack() noexcept = default;
    explicit ZoneStack(std::size_t max_depth) noexcept;
    ~ZoneStack();
    ZoneStack(const ZoneStack&) = delete;
    ZoneStack& operator=(const ZoneStack&) = delete;
    /// Goes to `away`, and `next` comes in its place; what was in `away` goes to `next`.
    void replace(ZoneStack& away, ZoneStack& next) noexcept {
        std::byte spare[sizeof(ZoneStackWords)];
        std::memcpy(spare, away.words(), sizeof spare);
        std::memcpy(away.words(), words(), sizeof spare);
        std::memcpy(words(), next.words(), sizeof spare);
        std::memcpy(next.words(), spare, sizeof spare);
    }

    // --- hot ---
    /// No room for one more; or one more would be deeper than what is recorded.
    bool is_full() const noexcept { return top_ >= soft_end_; }
    void push(const OpenZone& zone) noexcept { *top_++ = zone; }
    void pop() noexcept { --top_; }
    /// Where it is empty, a guard whose key matches nothing: this spares the hot path a test.
    OpenZone& innermost() noexcept { return top_[-1]; }
    const OpenZone& innermost() const noexcept { return top_[-1]; }

    // --- the zones ---
    std::size_t depth() const noexcept { return static_cast<std::size_t>(top_ - zones_); }
    /// Not deeper than there were zones pushed: what is above stays as it is until it is overwritten.
    void set_depth(std::size_t depth) noexcept { top_ = zones_ + depth; }
    OpenZone& operator[](std::size_t index) noexcept { return zones_[index]; }
    const OpenZone& operator[](std::size_t index) const noexcept { return zones_[index]; }
    /// The place of the innermost zone `key`, or kNowhere.
    std::size_t find(ZoneKey key) const noexcept;
    /// How many lie directly below `index` without a call between.
    std::size_t zones_below(std::size_t index) const noexcept;
    /// The same as long as nothing begins or ends for good. Opaque, never followed.
    const void* mark() const noexcept { return top_; }
    /// Room for one more zone, if that can be had.
    bool make_place() noexcept { return depth() < capacity_ || grow(); }

    // --- how deep is recorded ---
    std::size_t max_depth() const noexcept { return max_depth_; }
    void set_max_depth(std::size_t depth) noexcept;
    /// The innermost zone is followed, but deeper than what is recorded.
    bool is_muted() const noexcept { return depth() > max_depth_; }
    /// The next one would be.
    bool is_deep() const noexcept { return depth() >= max_depth_; }

    // --- zones for which there was no room: from some index on, none of those that are open is in the trace (yet) ---
    bool is_skipping() const noexcept { return skipped_from_ != kNowhere; }
    std::size_t skipped_from() const noexcept { return skipped_from_; }
    void skip_from(std::size_t index) noexcept { skipped_from_ = index; }
    /// Those from `index` on are gone from the stack.
    void limit_skipped(std::size_t index) noexcept {
        if (is_skipping() && skipped_from_ > index) skipped_from_ = index;
    }
    void skip_none() noexcept { skipped_from_ = kNowhere; }

    // --- calls that did not even find a place here: they end before all others ---
    bool has_unfollowed() const noexcept { return unfollowed_ != 0; }
    void add_unfollowed() noexcept { ++unfollowed_; }
    void end_unfollowed() noexcept { --unfollowed_; }

    void clear() noexcept;

private:
    static constexpr std::size_t kFirstCapacity = 256;

    bool grow() noexcept;
    void set_soft_end() noexcept;
    ZoneStackWords* words() noexcept { return this; }
};

}  // namespace tracypy::recorder
