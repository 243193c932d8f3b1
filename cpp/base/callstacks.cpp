#include "base/callstacks.hpp"

#include <algorithm>

namespace tracypy::base {
namespace {

constexpr std::uint64_t kFactor = 0x9E37'79B9'7F4A'7C15ull;

constexpr std::uint64_t mix(std::uint64_t hash, std::uint64_t part) noexcept {
    hash = (hash ^ part) * kFactor;
    return hash ^ hash >> 29;
}

}  // namespace

std::size_t CallstackTable::Hash::operator()(const StackFrame& frame) const noexcept {
    return static_cast<std::size_t>(
        mix(frame.line, static_cast<std::uint64_t>(frame.location) | std::uint64_t{frame.native} << 32));
}

std::size_t CallstackTable::Hash::operator()(const Stack& stack) const noexcept {
    std::uint64_t hash = stack.size();
    for (const StackFrameId id : stack) hash = mix(hash, static_cast<std::uint64_t>(id));
    return static_cast<std::size_t>(hash);
}

StackFrameId CallstackTable::intern_frame(const StackFrame& frame) {
    if (const auto found = frame_ids_.find(frame); found != frame_ids_.end()) return found->second;
    const bool is_native = frame.native != 0;  // there is room: it has been interned
    if (!is_native && frames_.size() - native_frames_ >= kMostDistinctFrames) return StackFrameId::None;
    frames_.push_back(frame);
    if (is_native) ++native_frames_;
    const auto id = static_cast<StackFrameId>(frames_.size());
    frame_ids_.emplace(frame, id);
    return id;
}

bool CallstackTable::has_native_room(std::size_t bytes) noexcept {
    if (native_bytes_ + bytes > kMostNativeBytes) return false;
    native_bytes_ += bytes;
    return true;
}

std::size_t CallstackTable::native_bytes() const noexcept {
    const std::lock_guard lock(mutex_);
    return native_bytes_;
}

std::uint32_t CallstackTable::intern_native(const NativeAddress& address) {
    constexpr std::size_t kBytesEach = 192;  // with its frame, and what finds the two
    std::uint64_t hash = mix(address.address, static_cast<std::uint64_t>(address.image));
    for (const NativeFrame& frame : address.frames) {
        hash = mix(hash, static_cast<std::uint64_t>(frame.function) ^ std::uint64_t{frame.line} << 32);
    }
    const std::lock_guard lock(mutex_);
    const auto [first, last] = native_numbers_.equal_range(static_cast<std::size_t>(hash));
    for (auto known = first; known != last; ++known) {
        if (natives_[known->second - 1] == address) return known->second;
    }
    if (!has_native_room(kBytesEach + address.frames.size() * sizeof(NativeFrame))) return 0;
    natives_.push_back(address);
    const auto number = static_cast<std::uint32_t>(natives_.size());
    native_numbers_.emplace(static_cast<std::size_t>(hash), number);
    return number;
}

const NativeAddress& CallstackTable::native(std::uint32_t number) const noexcept {
    static const NativeAddress none;
    const std::lock_guard lock(mutex_);
    return number == 0 || number > natives_.size() ? none : natives_[number - 1];
}

CallstackId CallstackTable::intern(std::span<const StackFrame> frames) {
    if (frames.empty()) return CallstackId::None;
    const bool is_native = std::ranges::any_of(frames, [](const StackFrame& frame) { return frame.native != 0; });
    const std::size_t most = is_native ? kMostNativeFrames : kMostFrames;
    const std::lock_guard lock(mutex_);
    scratch_.clear();
    for (const StackFrame& frame : frames.first(std::min(frames.size(), most))) {
        scratch_.push_back(intern_frame(frame));
        if (scratch_.back() == StackFrameId::None) {
            left_out_.fetch_add(1, std::memory_order_relaxed);
            return CallstackId::None;
        }
    }
    if (const auto found = stack_ids_.find(scratch_); found != stack_ids_.end()) return found->second;
    constexpr std::size_t kBytesEach = 96;  // besides its frames
    const bool has_room = is_native ? has_native_room(kBytesEach + scratch_.size() * sizeof(StackFrameId))
                                    : stacks_.size() - native_stacks_ < kMostStacks;
    if (!has_room) {
        left_out_.fetch_add(1, std::memory_order_relaxed);
        return CallstackId::None;
    }
    const auto id = static_cast<CallstackId>(stacks_.size() + 1);
    const auto added = stack_ids_.emplace(scratch_, id).first;
    stacks_.push_back(&added->first);
    if (is_native) ++native_stacks_;
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
