// Which call stacks a viewer has been shown: it may ask for their frames.
//
// On the wire a stack is a list of addresses, and the viewer asks for the meaning of each, once. Ours are the ids of
// the frames, but for those of machine code. The other form, of texts, would carry every function's and file's name
// with every stack.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/callstacks.hpp"

namespace tracypy::protocol {

/// One thread; lives as long as the connection.
class CallstackIds {
public:
    explicit CallstackIds(const base::CallstackTable& callstacks) : callstacks_(callstacks) {}

    /// Its frames as the wire has them; empty for one that does not exist. Counts them as shown.
    std::span<const std::uint64_t> wire_frames(base::CallstackId id) {
        addresses_.clear();
        for (const base::StackFrameId frame : callstacks_.find(id)) {
            const auto index = static_cast<std::size_t>(frame);
            if (index >= shown_.size()) shown_.resize(2 * index + 64);
            shown_[index] = true;
            addresses_.push_back(address_of(frame));
        }
        return addresses_;
    }

    /// What a viewer asks for, if it was ever shown.
    std::optional<base::StackFrame> find(std::uint64_t address) const noexcept {
        if (const auto native = natives_.find(address); native != natives_.end()) {
            return callstacks_.frame(native->second);
        }
        if (address >= shown_.size() || !shown_[address]) return std::nullopt;
        return callstacks_.frame(static_cast<base::StackFrameId>(address));
    }

    /// Of machine code.
    const base::NativeAddress& native(const base::StackFrame& frame) const noexcept {
        return callstacks_.native(frame.native);
    }

private:
    /// Machine code has addresses of its own, far from the ids.
    std::uint64_t address_of(base::StackFrameId id) {
        const auto frame = callstacks_.frame(id);
        if (!frame || frame->native == 0) return static_cast<std::uint64_t>(id);
        const std::uint64_t address = callstacks_.native(frame->native).address;
        natives_.try_emplace(address, id);
        return address;
    }

    const base::CallstackTable& callstacks_;
    std::vector<bool> shown_;                                        // by StackFrameId
    std::unordered_map<std::uint64_t, base::StackFrameId> natives_;  // shown, by address
    std::vector<std::uint64_t> addresses_;
};

}  // namespace tracypy::protocol
