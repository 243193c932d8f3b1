// What the system and the processor tell of a captured program: samples, context switches, counters, load; and how it
// crashed.
#pragma once

#include <cstdint>
#include <unordered_map>

#include "protocol/decoder_state.hpp"

namespace tracypy::protocol::kinds {

constexpr bool is_switch_sample(WireEvent event) noexcept {
    using enum WireEvent;
    return event == CallstackSampleContextSwitch || event == CallstackSampleContextSwitch32 ||
           event == CallstackSampleContextSwitch16;
}
constexpr bool is_sample(WireEvent event) noexcept {
    using enum WireEvent;
    return event == CallstackSample || event == CallstackSample32 || event == CallstackSample16 ||
           is_switch_sample(event);
}
constexpr bool is_hardware_sample(WireEvent event) noexcept {
    return event >= WireEvent::HwSampleCpuCycle && event <= WireEvent::HwSampleBranchMiss;
}

/// One thread. Throws PeerError on a sample without its call stack, and on answers that were not asked for.
class MachineDecoder {
public:
    explicit MachineDecoder(DecoderState& state) : state_(state) {}

    template <WireEvent kEvent>
        requires(is_sample(kEvent))
    void on(const Incoming<kEvent>& event) {
        add_sample(state_.tick_of(event), event.template get<"thread">(), is_switch_sample(kEvent));
    }
    template <WireEvent kEvent>
        requires(is_hardware_sample(kEvent))
    void on(const Incoming<kEvent>& event) {
        constexpr auto kKind = static_cast<std::uint8_t>(static_cast<unsigned>(kEvent) -
                                                         static_cast<unsigned>(WireEvent::HwSampleCpuCycle));
        const auto address = static_cast<base::CodeAddress>(event.template get<"address">());
        state_.take(events::HardwareSample{state_.tick_of(event), address, kKind}, "");
    }
    void on(const Incoming<WireEvent::ContextSwitch>& event);
    void on(const Incoming<WireEvent::ThreadWakeup>& event);
    void on(const Incoming<WireEvent::TidToPid>& event);
    void on(const Incoming<WireEvent::ExternalName>& event);
    void on(const Incoming<WireEvent::ExternalThreadName>& event);
    void on(const Incoming<WireEvent::CpuTopology>& event);
    void on(const Incoming<WireEvent::CrashReport>& event);
    void on(const Incoming<WireEvent::SysTimeReport>& event);
    void on(const Incoming<WireEvent::SysPowerReport>& event);
    void on(const Incoming<WireEvent::ParamSetup>& event) {
        state_.take(events::CapturedParameter{event.get<"index">(), state_.names.text(event.get<"name">()),
                                              event.get<"kind">(), event.get<"value">()},
                    "parameters");
    }

private:
    void add_sample(base::Ticks tick, std::uint32_t thread, bool is_at_switch);
    base::ForeignThreadName& foreign_thread(std::uint64_t thread);

    DecoderState& state_;
    std::unordered_map<std::uint64_t, std::size_t> foreign_threads_;  // their places in the names
};

}  // namespace tracypy::protocol::kinds
