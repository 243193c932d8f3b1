// What gathered clients tell of machine and machine code, in a trace.
#include <string>

#include "check.hpp"
#include "model/trace_builder.hpp"

namespace tracypy::native_tests {
namespace {

constexpr base::Ticks kStart = 1'000;
constexpr base::ThreadId kThread{7};
constexpr std::uint64_t kKernel = 0xFFFF'FFFF'8000'1000;

struct Scene {
    base::StringId text(const char* content) { return names.strings.intern(content); }
    base::CallstackId stack(std::uint64_t address, const char* function) {
        const base::NativeAddress native{.address = address,
                                         .image = text("binary"),
                                         .frames = {{text(function), text("a.c"), 3, address & ~15ull}}};
        const base::StackFrame frame{.native = names.callstacks.intern_native(native)};
        return names.callstacks.intern({&frame, 1});
    }
    template <typename Event>
    void take(const Event& event) {
        static_cast<events::EventSink&>(builder).take({&event, 1});
    }
    model::Trace finish() {
        model::TraceInfo info;
        info.ns_per_tick = 1;
        return builder.finish(kStart + 100, info);
    }

    base::Names names;
    model::TraceBuilder builder{names, kStart};
};

}  // namespace

TEST(samples_of_one_moment_are_one_stack) {
    Scene scene;
    scene.take(events::Sample{kStart + 10, kThread, scene.stack(kKernel, "syscall"), false});
    scene.take(events::Sample{kStart + 10, kThread, scene.stack(0x5004, "main"), false});
    scene.take(events::Sample{kStart + 20, kThread, scene.stack(0x5004, "main"), true});
    const model::Trace trace = scene.finish();
    const model::Thread& thread = trace.threads.at(0);
    CHECK(thread.samples.size() == 2 && thread.switch_samples.size() == 1 && thread.kernel_samples == 1);
    CHECK(thread.samples[0].time_ns == 10);
    const auto function = [&](std::uint32_t address) {
        return trace.strings.at(trace.callstacks.addresses[address].frames.front().function);
    };
    const auto& joined = trace.callstacks.stacks[thread.samples[0].callstack];
    CHECK(joined.size() == 2 && function(joined[0]) == "syscall" && function(joined[1]) == "main");
}

TEST(thousands_of_samples_of_one_moment_are_stacks_that_a_file_has_room_for) {
    Scene scene;
    for (int i = 0; i < 10'000; ++i) {
        scene.take(events::Sample{kStart + 10, kThread, scene.stack(kKernel, "syscall"), false});
        scene.take(events::Sample{kStart + 10, kThread, scene.stack(0x5004, "main"), false});
    }
    const model::Trace trace = scene.finish();
    CHECK(trace.threads.at(0).samples.size() == 10'000);
    for (const model::Sample& sample : trace.threads.at(0).samples) {
        CHECK(trace.callstacks.stacks[sample.callstack].size() == 2);
    }
}

TEST(functions_and_their_code_come_once_and_in_pieces) {
    Scene scene;
    constexpr auto kMain = base::CodeAddress{0x5000};
    const events::Symbol main{
        kMain, scene.text("main"), scene.text("a.c"), scene.text("binary"), scene.text("a.c"), 3, 3, 8, false};
    scene.take(main);
    scene.take(main);
    scene.take(events::SymbolCode{base::CodeAddress{0x5004}, kMain, scene.text("5678")});
    scene.take(events::SymbolCode{kMain, kMain, scene.text("1234")});
    scene.take(events::SourceText{2, scene.text("a.c"), scene.text("{}")});
    scene.take(events::SourceText{1, scene.text("a.c"), scene.text("main() ")});
    scene.take(events::ForeignThread{900, scene.text("program"), scene.text("thread")});
    const model::Trace trace = scene.finish();
    CHECK(trace.symbols.symbols.size() == 1 && trace.symbols.symbols[0].size == 8);
    CHECK(trace.symbols.codes.size() == 1 && trace.symbols.codes[0].code == "12345678");
    CHECK(trace.source_files.size() == 1 && trace.source_files[0].text == "main() {}");
    CHECK(trace.switches.foreign_threads.size() == 1 && trace.switches.foreign_threads[0].thread == 900);
}

TEST(what_the_system_tells_has_its_tables) {
    Scene scene;
    scene.take(events::ProcessorPlace{1, 0, 0, 1});
    scene.take(events::SamplingPeriod{100'000});
    scene.take(events::ContextSwitch{kStart + 5, 0, 7, 1, 0, 0, 0});
    scene.take(events::ThreadWakeup{kStart + 6, 8, 2});
    scene.take(events::Sample{kStart + 10, kThread, scene.stack(0x5004, "main"), false});
    scene.take(events::ContextSwitch{kStart + 30, 7, 0, 1, 0, 3, 5});
    scene.take(events::HardwareSample{kStart + 11, base::CodeAddress{0x5004}, 2});
    scene.take(events::HardwareSample{kStart + 11, base::CodeAddress{0x5004}, 200});
    scene.take(events::ThreadProcess{900, 4});
    scene.take(events::EnergyReading{kStart, scene.text("package"), 0});
    scene.take(events::EnergyReading{kStart + 50, scene.text("package"), 5});
    scene.take(events::CrashReport{kStart + 60, kThread, scene.text("crash"), scene.stack(0x5004, "main")});
    const model::Trace trace = scene.finish();
    CHECK(scene.builder.dropped_events() == 1);  // of a counter that there is not
    CHECK(trace.processors.size() == 1 && trace.info.sampling_period_ns == 100'000);
    CHECK(trace.switches.threads.size() == 1 && trace.switches.threads[0].switches[0].end_ns == 30);
    CHECK(trace.switches.processors[1].size() == 1 && trace.switches.processes.size() == 1);
    CHECK(trace.hardware_samples.size() == 1 && trace.hardware_samples[0].times_ns[2].size() == 1);
    CHECK(trace.plots.size() == 1 && trace.plots[0].points.size() == 1);
    CHECK(trace.crash.thread == 7 && trace.crash.time_ns == 60 && trace.strings.at(trace.crash.message) == "crash");
}

TEST(locks_have_names_ends_and_marks) {
    Scene scene;
    scene.take(events::LockAnnounce{1, kStart, base::SourceLocationId::Other, false});
    scene.take(events::LockName{1, scene.text("ledger")});
    scene.take(events::LockMark{kStart, 1, kThread, base::SourceLocationId::Other});  // it has done nothing yet
    scene.take(events::LockEvent{kStart + 1, 1, kThread, events::LockEventKind::Wait});
    scene.take(events::LockMark{kStart, 1, kThread, base::SourceLocationId::Other});
    scene.take(events::LockEnd{kStart + 50, 1});
    scene.take(events::LockEnd{kStart + 50, 2});  // nobody knows it
    const model::Trace trace = scene.finish();
    CHECK(scene.builder.dropped_events() == 2);
    const model::Lock& lock = trace.locks.at(0);
    CHECK(trace.strings.at(lock.name) == "ledger" && lock.ended_ns == 50);
    CHECK(lock.events.size() == 1 && lock.events[0].mark != model::LockEvent::kNoMark);
}

TEST(notes_of_gpu_zones_have_names) {
    Scene scene;
    scene.take(events::GpuContext{3, scene.text("queue"), events::GpuKind::Vulkan, kStart, 9});
    events::GpuStep begin{.ticks = kStart + 1, .thread = kThread, .context = 3};
    begin.callstack = scene.stack(0x5004, "main");
    scene.take(begin);
    scene.take(events::GpuNoteName{kStart, 3, 5, scene.text("primitives")});
    scene.take(events::GpuNote{kStart, 3, 0, 5, 2.5});
    scene.take(events::GpuNote{kStart, 4, 0, 5, 2.5});  // there is no such context
    const model::Trace trace = scene.finish();
    CHECK(scene.builder.dropped_events() == 1);
    const model::GpuContext& context = trace.gpu_contexts.at(0);
    CHECK(context.thread == 9 && context.rows.at(0).thread == model::kNoThread);
    CHECK(context.rows[0].zones.at(0).callstack != 0);
    CHECK(context.notes.size() == 1 && trace.strings.at(context.note_names.at(0).name) == "primitives");
}

}  // namespace tracypy::native_tests
