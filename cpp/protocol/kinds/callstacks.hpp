// Call stacks, out.
#pragma once

#include <span>
#include <string_view>

#include "protocol/callstack_ids.hpp"
#include "protocol/encoder.hpp"

namespace tracypy::protocol::kinds {

/// Sends a stack ahead of what says whose it is. False: there is no such stack.
inline bool write_payload(Encoder& encoder, CallstackIds& callstacks, base::CallstackId id) {
    if (id == base::CallstackId::None) return false;
    const std::span<const std::uint64_t> frames = callstacks.wire_frames(id);
    if (frames.empty()) return false;
    const std::string_view bytes(reinterpret_cast<const char*>(frames.data()), frames.size_bytes());
    encoder.write<WireEvent::CallstackPayload>(static_cast<std::uint64_t>(id), bytes);
    return true;
}

/// To be written right before the event that has it. `kUse`: Callstack for the selected thread's next event,
/// CallstackSerial for the next one of those that have one order over all threads. False: there is no such stack.
template <WireEvent kUse = WireEvent::Callstack>
bool write_callstack(Encoder& encoder, CallstackIds& callstacks, base::CallstackId id) {
    const bool is_there = write_payload(encoder, callstacks, id);
    if (is_there) encoder.write<kUse>();
    return is_there;
}

}  // namespace tracypy::protocol::kinds
