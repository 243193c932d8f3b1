// Memory: allocations and frees, in the default pool or in named ones, in and out. They have one order over all
// threads.
#pragma once

#include <cstddef>
#include <cstdint>

#include "events/live_blocks.hpp"
#include "protocol/decoder_state.hpp"
#include "protocol/encoder.hpp"
#include "protocol/query_answers.hpp"

namespace tracypy::protocol::kinds {

/// What goes to one viewer: a valid sequence, whatever the program says. One thread.
class MemoryWriter {
public:
    /// Blocks that live at the same time: a viewer's session is to hold no more. 64 bytes each at most.
    static constexpr std::size_t kMostBlocks = std::size_t{1} << 22;

    /// No event is older than `first_tick`.
    MemoryWriter(Encoder& encoder, QueryAnswers& answers, base::Ticks first_tick)
        : encoder_(encoder), answers_(answers), last_tick_(first_tick) {}

    void write(const events::MemoryStep& step);

    std::uint64_t left_out() const noexcept { return left_out_; }
    bool is_full() const noexcept { return blocks_.is_full(); }

private:
    /// Of an event: those of the default pool and of one with a name, each without a call stack and with one.
    struct Forms {
        WireEvent plain, named, callstack, named_callstack;
    };
    template <Forms kForms, typename... Fields>
    void write_form(base::StringId pool, base::CallstackId callstack, Fields... fields);
    void write_allocation(const events::MemoryStep& step);
    void write_free(const events::MemoryStep& step, std::uint64_t address);

    Encoder& encoder_;
    QueryAnswers& answers_;
    events::LiveBlocks blocks_{kMostBlocks};
    base::Ticks last_tick_;
    std::uint64_t left_out_ = 0;
};

constexpr bool is_allocation(WireEvent event) noexcept {
    using enum WireEvent;
    return event == MemAlloc || event == MemAllocNamed || event == MemAllocCallstack || event == MemAllocCallstackNamed;
}
constexpr bool is_free(WireEvent event) noexcept {
    using enum WireEvent;
    return event == MemFree || event == MemFreeNamed || event == MemFreeCallstack || event == MemFreeCallstackNamed;
}
constexpr bool is_discard(WireEvent event) noexcept {
    return event == WireEvent::MemDiscard || event == WireEvent::MemDiscardCallstack;
}
constexpr bool is_in_named_pool(WireEvent event) noexcept {
    using enum WireEvent;
    return event == MemAllocNamed || event == MemAllocCallstackNamed || event == MemFreeNamed ||
           event == MemFreeCallstackNamed;
}

constexpr bool is_memory_with_callstack(WireEvent event) noexcept {
    using enum WireEvent;
    return event == MemAllocCallstack || event == MemAllocCallstackNamed || event == MemFreeCallstack ||
           event == MemFreeCallstackNamed || event == MemDiscardCallstack;
}

/// One thread. Throws PeerError where a pool is named for an event that has none, or the other way round.
class MemoryDecoder {
public:
    explicit MemoryDecoder(DecoderState& state) : state_(state) {}

    void on(const Incoming<WireEvent::MemNamePayload>& event);

    template <WireEvent kEvent>
        requires(is_allocation(kEvent) || is_free(kEvent))
    void on(const Incoming<kEvent>& event) {
        events::MemoryStep step{.ticks = state_.tick_of(event), .pool = take_pool(is_in_named_pool(kEvent))};
        step.action = is_free(kEvent) ? events::MemoryAction::Free : events::MemoryAction::Allocate;
        step.address = event.template get<"address">();
        if constexpr (is_allocation(kEvent)) step.size = event.template get<"size">();
        if constexpr (is_memory_with_callstack(kEvent)) step.callstack = state_.take_serial_callstack();
        add(step, event.template get<"thread">());
    }
    template <WireEvent kEvent>
        requires(is_discard(kEvent))
    void on(const Incoming<kEvent>& event) {
        events::MemoryStep step{.ticks = state_.tick_of(event), .action = events::MemoryAction::Discard};
        step.pool = state_.names.text(event.template get<"pool">());
        if constexpr (is_memory_with_callstack(kEvent)) step.callstack = state_.take_serial_callstack();
        add(step, event.template get<"thread">());
    }

private:
    base::StringId take_pool(bool is_named);
    void add(events::MemoryStep step, std::uint32_t thread);

    DecoderState& state_;
    std::uint64_t pool_ = 0;  // sent ahead
};

}  // namespace tracypy::protocol::kinds
