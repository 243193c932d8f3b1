// Call stacks that events refer to: one id for each content, as for texts and source locations.
//
// A frame is a function, by its source location, and the line that it was at. A program has few of them, and few ways
// to get to one: the same stacks come again and again.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/ids.hpp"

namespace tracypy::base {

struct StackFrame {
    SourceLocationId location = SourceLocationId::Other;
    std::uint32_t line = 0;

    bool operator==(const StackFrame&) const = default;
};

/// What viewers show as the binary that a frame is in.
inline constexpr std::string_view kFrameImage = "Python";

/// Thread-safe; `mutex_` guards all but the count. Ids are dense, from 1.
class CallstackTable {
public:
    /// As many as a viewer takes in one: it has room for 64, with some to spare for itself.
    static constexpr std::size_t kMostFrames = 62;
    // Bounds on memory, 20 MB in all: what goes beyond has no call stack.
    static constexpr std::size_t kMostStacks = 65'536;
    static constexpr std::size_t kMostDistinctFrames = 131'072;

    /// Innermost frame first, at most kMostFrames. None for an empty one, and, counted, where there is no room.
    CallstackId intern(std::span<const StackFrame> frames);
    /// Valid as long as the table; empty for an id that was never issued.
    std::span<const StackFrameId> find(CallstackId id) const noexcept;
    std::optional<StackFrame> frame(StackFrameId id) const noexcept;
    /// How often there was no room.
    std::uint64_t left_out() const noexcept { return left_out_.load(std::memory_order_relaxed); }

    void lock() const { mutex_.lock(); }  // around a fork
    void unlock() const { mutex_.unlock(); }

private:
    using Stack = std::vector<StackFrameId>;
    struct Hash {
        std::size_t operator()(const StackFrame& frame) const noexcept;
        std::size_t operator()(const Stack& stack) const noexcept;
    };

    StackFrameId intern_frame(const StackFrame& frame);

    mutable std::mutex mutex_;
    std::deque<StackFrame> frames_;
    std::unordered_map<StackFrame, StackFrameId, Hash> frame_ids_;
    std::unordered_map<Stack, CallstackId, Hash> stack_ids_;
    std::deque<const Stack*> stacks_;  // keys of stack_ids_, which never move
    Stack scratch_;
    std::atomic<std::uint64_t> left_out_{0};
};

}  // namespace tracypy::base
