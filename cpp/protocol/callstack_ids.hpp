// Which call stacks a viewer has been shown: it may ask for their frames.
//
// On the wire a stack is a list of addresses, and the viewer asks for the meaning of each, once. Ours are the ids of
// the frames. The other form, of texts, would carry every function's and file's name with every stack.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
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
            addresses_.push_back(index);
        }
        return addresses_;
    }

    /// What a viewer asks for, if it was ever shown.
    std::optional<base::StackFrame> find(std::uint64_t address) const noexcept {
        if (address >= shown_.size() || !shown_[address]) return std::nullopt;
        return callstacks_.frame(static_cast<base::StackFrameId>(address));
    }

private:
    const base::CallstackTable& callstacks_;
    std::vector<bool> shown_;  // by StackFrameId
    std::vector<std::uint64_t> addresses_;
};

}  // namespace tracypy::protocol
