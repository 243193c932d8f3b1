#include "protocol/kinds/memory.hpp"

#include <algorithm>
#include <utility>

#include "protocol/peer_error.hpp"

namespace tracypy::protocol::kinds {

void MemoryWriter::write(const events::MemoryStep& step) {
    // A pool's times never go back, nor lie before the session: viewers count on it.
    last_tick_ = std::max(last_tick_, step.ticks);
    const bool is_taken = blocks_.take(
        step, [] { return std::uint64_t{0}; },
        [&](std::uint64_t address, std::uint64_t) { write_free(step, address); });
    if (!is_taken) {
        ++left_out_;
    } else if (step.action == events::MemoryAction::Allocate) {
        write_allocation(step);
    }
}

// A viewer takes the stack before the name of the pool.
template <MemoryWriter::Forms kForms, typename... Fields>
void MemoryWriter::write_form(base::StringId pool, base::CallstackId callstack, Fields... fields) {
    const bool has_callstack = encoder_.serial_callstack(callstack);
    if (pool == base::StringId::None) {
        if (has_callstack) return encoder_.write<kForms.callstack>(fields...);
        return encoder_.write<kForms.plain>(fields...);
    }
    answers_.show(pool);
    encoder_.write<WireEvent::MemNamePayload>(pool);
    if (has_callstack) return encoder_.write<kForms.named_callstack>(fields...);
    encoder_.write<kForms.named>(fields...);
}

void MemoryWriter::write_allocation(const events::MemoryStep& step) {
    using enum WireEvent;
    constexpr Forms kForms{MemAlloc, MemAllocNamed, MemAllocCallstack, MemAllocCallstackNamed};
    write_form<kForms>(step.pool, step.callstack, last_tick_, step.thread, step.address, step.size);
}

// Where the next block began at its address tells nothing of where it ended.
void MemoryWriter::write_free(const events::MemoryStep& step, std::uint64_t address) {
    using enum WireEvent;
    constexpr Forms kForms{MemFree, MemFreeNamed, MemFreeCallstack, MemFreeCallstackNamed};
    const bool is_replaced = step.action == events::MemoryAction::Allocate;
    write_form<kForms>(step.pool, is_replaced ? base::CallstackId::None : step.callstack, last_tick_, step.thread,
                       address);
}

void MemoryDecoder::on(const Incoming<WireEvent::MemNamePayload>& event) {
    if (pool_ != 0) throw PeerError("the names of two memory pools for one event");
    pool_ = event.get<"pool">();
}

base::StringId MemoryDecoder::take_pool(bool is_named) {
    const std::uint64_t pool = std::exchange(pool_, 0);
    if ((pool != 0) != is_named) throw PeerError("a memory event with the name of a pool that it does not use");
    return state_.names.text(pool);
}

void MemoryDecoder::add(events::MemoryStep step, std::uint32_t thread) {
    step.thread = state_.threads.notice(thread).id;
    state_.sink.take({&step, 1});
}

}  // namespace tracypy::protocol::kinds
