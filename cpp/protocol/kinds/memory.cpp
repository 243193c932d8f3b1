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

void MemoryWriter::write_allocation(const events::MemoryStep& step) {
    if (step.pool == base::StringId::None) {
        return encoder_.write<WireEvent::MemAlloc>(last_tick_, step.thread, step.address, step.size);
    }
    write_pool(step.pool);
    encoder_.write<WireEvent::MemAllocNamed>(last_tick_, step.thread, step.address, step.size);
}

void MemoryWriter::write_free(const events::MemoryStep& step, std::uint64_t address) {
    if (step.pool == base::StringId::None) {
        return encoder_.write<WireEvent::MemFree>(last_tick_, step.thread, address);
    }
    write_pool(step.pool);
    encoder_.write<WireEvent::MemFreeNamed>(last_tick_, step.thread, address);
}

void MemoryWriter::write_pool(base::StringId pool) {
    answers_.show(pool);
    encoder_.write<WireEvent::MemNamePayload>(pool);
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
