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
#include "base/native_names.hpp"

namespace tracypy::base {

/// `native`: of machine code, by CallstackTable::native(); then it is no more than that. 0: of Python's.
struct StackFrame {
    SourceLocationId location = SourceLocationId::Other;
    std::uint32_t line = 0;
    std::uint32_t native = 0;

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
    /// The same of machine code, which samples bring in: addresses and stacks together.
    static constexpr std::size_t kMostNativeBytes = 48u << 20;
    static constexpr std::size_t kMostNativeFrames = 1'024;

    /// An address of machine code with all that is known of it, as a frame's `native`. 0: there is no room.
    std::uint32_t intern_native(const NativeAddress& address);
    /// Valid as long as the table; an empty one for what was never issued.
    const NativeAddress& native(std::uint32_t number) const noexcept;

    /// Innermost frame first, at most kMostFrames, or kMostNativeFrames if there are such. None for an empty one, and,
    /// counted, where there is no room.
    CallstackId intern(std::span<const StackFrame> frames);
    /// Valid as long as the table; empty for an id that was never issued.
    std::span<const StackFrameId> find(CallstackId id) const noexcept;
    std::optional<StackFrame> frame(StackFrameId id) const noexcept;
    /// What machine code takes.
    std::size_t native_bytes() const noexcept;
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
    /// Takes it out of the room for machine code.
    bool has_native_room(std::size_t bytes) noexcept;

    mutable std::mutex mutex_;
    std::deque<NativeAddress> natives_;
    std::unordered_multimap<std::size_t, std::uint32_t> native_numbers_;  // by a hash of the content
    std::size_t native_bytes_ = 0;
    std::size_t native_frames_ = 0;
    std::size_t native_stacks_ = 0;
    std::deque<StackFrame> frames_;
    std::unordered_map<StackFrame, StackFrameId, Hash> frame_ids_;
    std::unordered_map<Stack, CallstackId, Hash> stack_ids_;
    std::deque<const Stack*> stacks_;  // keys of stack_ids_, which never move
    Stack scratch_;
    std::atomic<std::uint64_t> left_out_{0};
};

}  // namespace tracypy::base
