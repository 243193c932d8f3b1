#include "protocol/kinds/machine.hpp"

#include <algorithm>

namespace tracypy::protocol::kinds {
namespace {

constexpr base::ThreadId number_of(std::uint32_t system_thread) noexcept {
    return static_cast<base::ThreadId>(system_thread);
}

}  // namespace

void MachineWriter::write(const events::Sample& sample) {
    const base::Ticks tick = std::max(sample.ticks, start_);
    encoder_.sample(tick, sample.thread, sample.callstack, sample.is_at_switch);
}

// States of idle processors and priorities are not kept: viewers do not show them.
void MachineWriter::write(const events::ContextSwitch& change) {
    encoder_.write<WireEvent::ContextSwitch>(
        std::max(change.ticks, start_), number_of(change.from), number_of(change.to), change.processor,
        static_cast<std::uint8_t>(change.reason), static_cast<std::uint8_t>(change.state), std::uint8_t{0},
        std::int8_t{0}, std::int8_t{0});
}

void MachineWriter::write(const events::ThreadWakeup& wakeup) {
    encoder_.write<WireEvent::ThreadWakeup>(std::max(wakeup.ticks, start_), number_of(wakeup.woken), wakeup.processor,
                                            std::int8_t{0}, std::int8_t{0});
}

void MachineWriter::write(const events::HardwareSample& sample) {
    const auto address = static_cast<std::uint64_t>(sample.address);
    const base::Ticks tick = std::max(sample.ticks, start_);
    switch (sample.counter) {
        case 0:
            return encoder_.write<WireEvent::HwSampleCpuCycle>(address, tick);
        case 1:
            return encoder_.write<WireEvent::HwSampleInstructionRetired>(address, tick);
        case 2:
            return encoder_.write<WireEvent::HwSampleCacheReference>(address, tick);
        case 3:
            return encoder_.write<WireEvent::HwSampleCacheMiss>(address, tick);
        case 4:
            return encoder_.write<WireEvent::HwSampleBranchRetired>(address, tick);
        case 5:
            return encoder_.write<WireEvent::HwSampleBranchMiss>(address, tick);
        default:
            return;
    }
}

void MachineWriter::write(const events::CrashReport& report) {
    encoder_.select_thread(report.thread);
    (void)encoder_.callstack(report.callstack);
    answers_.show(report.text);
    encoder_.write<WireEvent::CrashReport>(std::max(report.ticks, start_), report.text);
}

void MachineWriter::write(const events::EnergyReading& reading) {
    answers_.show(reading.name);
    encoder_.write<WireEvent::SysPowerReport>(std::max(reading.ticks, start_), reading.microjoules, reading.name);
}

void MachineWriter::write(const events::ThreadProcess& process) {
    if (!owned_threads_.insert(process.thread_number).second) return;
    encoder_.write<WireEvent::TidToPid>(process.thread_number, process.process);
}

void MachineWriter::write(const events::ProcessorPlace& place) {
    if (!processors_.insert(place.processor).second) return;
    encoder_.write<WireEvent::CpuTopology>(place.package, place.die, place.core, place.processor);
}

}  // namespace tracypy::protocol::kinds
