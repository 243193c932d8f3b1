#include "base/callstacks.hpp"

namespace tracypy::base {
namespace {

constexpr std::uint64_t kFactor = 0x9E37'79B9'7F4A'7C15ull;

constexpr std::uint64_t mix(std::uint64_t hash, std::uint64_t part) noexcept {
    hash = (hash ^ part) * kFactor;
    return hash ^ hash >> 29;
}

}  // namespace

std::size_t CallstackTable::Hash::operator()(const StackFrame& frame) const noexcept {
    return static_cast<std::size_t>(mix(frame.line, static_cast<std::uint64_t>(frame.location)));
}

std::size_t CallstackTable::Hash::operator()(const Stack& stack) const noexcept {
    std::uint64_t hash = stack.size();
    for (const StackFrameId id : stack) hash = mix(hash, static_cast<std::uint64_t>(id));
    return static_cast<std::size_t>(hash);
}

StackFrameId CallstackTable::intern_frame(const StackFrame& frame) {
    if (const auto found = frame_ids_.find(frame); found != frame_ids_.end()) return found->second;
    if (frames_.size() >= kMostDistinctFrames) return StackFrameId::None;
    frames_.push_back(frame);
    const auto id = static_cast<StackFrameId>(frames_.size());
    frame_ids_.emplace(frame, id);
    return id;
}

CallstackId CallstackTable::intern(std::span<const StackFrame> frames) {
    if (frames.empty()) return CallstackId::None;
    const std::lock_guard lock(mutex_);
    scratch_.clear();
    for (const StackFrame& frame : frames.first(frames.size() < kMostFrames ? frames.size() : kMostFrames)) {
        scratch_.push_back(intern_frame(frame));
        if (scratch_.back() == StackFrameId::None) {
            left_out_.fetch_add(1, std::memory_order_relaxed);
            return CallstackId::None;
        }
    }
    if (const auto found = stack_ids_.find(scratch_); found != stack_ids_.end()) return found->second;
    if (stacks_.size() >= kMostStacks) {
        left_out_.fetch_add(1, std::memory_order_relaxed);
        return CallstackId::None;
    }
    const auto id = static_cast<CallstackId>(stacks_.size() + 1);
    const auto added = stack_ids_.emplace(scratch_, id).first;
    stacks_.push_back(&added->first);
    return id;
}

std::span<const StackFrameId> CallstackTable::find(CallstackId id) const noexcept {
    const std::lock_guard lock(mutex_);
    const auto index = static_cast<std::size_t>(id);
    if (index == 0 || index > stacks_.size()) return {};
    return *stacks_[index - 1];
}

std::optional<StackFrame> CallstackTable::frame(StackFrameId id) const noexcept {
    const std::lock_guard lock(mutex_);
    const auto index = static_cast<std::size_t>(id);
    if (index == 0 || index > frames_.size()) return std::nullopt;
    return frames_[index - 1];
}

}  // namespace tracypy::base
