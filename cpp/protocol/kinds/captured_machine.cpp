#include "protocol/kinds/captured_machine.hpp"

#include "protocol/peer_error.hpp"

namespace tracypy::protocol::kinds {

void MachineDecoder::add_sample(base::Ticks tick, std::uint32_t thread, bool is_at_switch) {
    const base::CallstackId callstack = state_.callstacks.take();
    if (callstack == base::CallstackId::None) throw PeerError("a sample without its call stack");
    state_.take(events::Sample{tick, state_.threads.notice(thread).id, callstack, is_at_switch}, "samples");
}

base::ForeignThreadName& MachineDecoder::foreign_thread(std::uint64_t thread) {
    std::vector<base::ForeignThreadName>& threads = state_.trace_names.native.foreign_threads;
    const auto [known, is_new] = foreign_threads_.try_emplace(thread, threads.size());
    if (is_new) {
        state_.note_thing();
        threads.push_back({.thread = thread});
        state_.queries.ask(QueryKind::ExternalName, thread);
    }
    return threads[known->second];
}

void MachineDecoder::on(const Incoming<WireEvent::ContextSwitch>& event) {
    using Event = Incoming<WireEvent::ContextSwitch>;
    const bool is_told = event.has_slot<Event::slot<"c_state">()>();  // came with the processors of wake-ups
    const events::ContextSwitch change{state_.tick_of(event),
                                       event.get<"old">(),
                                       event.get<"new">(),
                                       event.get<"cpu">(),
                                       is_told ? event.get<"cpu">() : std::uint8_t{0},
                                       static_cast<std::int8_t>(event.get<"reason">()),
                                       static_cast<std::int8_t>(event.get<"state">())};
    state_.take(change, "context switches that do not fit together");
    if (change.to != 0) (void)foreign_thread(change.to);
}

void MachineDecoder::on(const Incoming<WireEvent::ThreadWakeup>& event) {
    state_.take(events::ThreadWakeup{state_.tick_of(event), event.get<"thread">(), event.get_or<"cpu">(0)}, "wake-ups");
}

void MachineDecoder::on(const Incoming<WireEvent::TidToPid>& event) {
    state_.take(events::ThreadProcess{event.get<"tid">(), event.get<"pid">()}, "processes");
}

// The name of the program comes first, then that of the thread.
void MachineDecoder::on(const Incoming<WireEvent::ExternalName>& event) {
    const std::uint64_t thread = event.get<"pointer">();
    state_.queries.answered(QueryKind::ExternalName, thread);
    foreign_thread(thread).program = state_.trace_names.keep(event.tail());
}

void MachineDecoder::on(const Incoming<WireEvent::ExternalThreadName>& event) {
    const std::uint64_t thread = event.get<"pointer">();
    if (!foreign_threads_.contains(thread)) throw PeerError("the name of a thread that was not asked for");
    foreign_thread(thread).name = state_.trace_names.keep(event.tail());
}

void MachineDecoder::on(const Incoming<WireEvent::CpuTopology>& event) {
    state_.take(events::ProcessorPlace{event.get<"thread">(), event.get<"package">(), event.get_or<"die">(0),
                                       event.get<"core">()},
                "processors that were there already");
}

void MachineDecoder::on(const Incoming<WireEvent::CrashReport>& event) {
    const base::StringId text = state_.names.text(event.get<"text">());
    CapturedRow& row = state_.current("a crash report");
    state_.take(events::CrashReport{state_.tick_of(event), row.id, text, state_.take_callstack(row)}, "crash reports");
}

void MachineDecoder::on(const Incoming<WireEvent::SysTimeReport>& event) {
    state_.take(events::CapturedLoad{state_.tick_of(event), static_cast<double>(event.get<"value">())},
                "reports of processor use that are no numbers");
}

void MachineDecoder::on(const Incoming<WireEvent::SysPowerReport>& event) {
    const base::Ticks tick = state_.tick_of(event);
    state_.take(events::EnergyReading{tick, state_.names.text(event.get<"name">()), event.get<"delta">()},
                "reports of power use");
}

}  // namespace tracypy::protocol::kinds
