#include "synthetic_trace.hpp"

#include <string>

#include "model/trace_builder.hpp"

namespace tracypy::native_tests {

using base::SourceLocationId;
using events::FrameMark;
using events::FrameMarkKind;

namespace {

constexpr auto kStart = static_cast<std::uint64_t>(kSceneStart);

SourceLocationId location(base::Names& names, const char* function, std::uint32_t line, std::uint32_t color = 0) {
    base::SourceLocation location;
    location.function = names.strings.intern(function);
    location.file = names.strings.intern("scene.py");
    location.line = line;
    location.color = color;
    return names.locations.intern(location);
}

void nested(Words& words, base::Names& names) {
    const SourceLocationId outer = location(names, "outer", 1, 0x102030);
    const SourceLocationId inner = location(names, "inner", 2);
    for (std::uint64_t i = 0; i < 40; ++i) {
        const std::uint64_t at = kStart + 1'000 + i * 1'000;
        words.begin(at, outer);
        for (std::uint64_t j = 0; j < 3; ++j) {
            words.begin(at + 100 + j * 200, inner);
            words.end(at + 200 + j * 200);
        }
        words.end(at + 900);
    }
}

void marked(Words& words, base::Names& names) {
    const SourceLocationId marked = location(names, "marked", 3);
    for (std::uint64_t i = 0; i < 60; ++i) {
        const std::uint64_t at = kStart + 2'000 + i * 500;
        words.begin(at, marked);
        words.text("item " + std::to_string(i));
        if (i % 2 == 0) words.value(i * 1000);
        if (i % 3 == 0) words.name("renamed " + std::to_string(i % 7));
        if (i % 4 == 0) words.color(0xAABB00 + static_cast<std::uint32_t>(i));
        words.end(at + 400);
        if (i % 2 == 0) words.message(at + 450, "message " + std::to_string(i), i % 4 == 0 ? 0xFF8000 : 0);
    }
}

void busy(Words& words, base::Names& names) {
    const SourceLocationId busy = location(names, "busy ünïcode", 4);
    for (std::uint64_t i = 0; i < 500; ++i) {
        words.begin(kStart + 3'000 + i * 60, busy);
        words.end(kStart + 3'020 + i * 60);
    }
    words.begin(kStart + 60'000, busy);  // still open at the end: 501 of them
}

std::vector<FrameMark> marks(base::Names& names) {
    std::vector<FrameMark> marks;
    const base::StringId physics = names.strings.intern("physics");
    const base::StringId io = names.strings.intern("io");
    for (int i = 0; i < 20; ++i) {
        const base::Ticks at = static_cast<base::Ticks>(kStart) + 2'000 * (i + 1);
        marks.push_back({at, base::StringId::None, FrameMarkKind::Continuous});
        if (i % 2 == 0) marks.push_back({at + 10, physics, FrameMarkKind::Continuous});
        if (i % 4 == 0) {
            marks.push_back({at + 20, io, FrameMarkKind::Start});
            marks.push_back({at + 820, io, FrameMarkKind::End});
        }
    }
    return marks;
}

/// Times that look like a profiled interpreter's: tens to hundreds of ticks between events.
class Recursion {
public:
    Recursion(events::EventSink& sink, SourceLocationId location, std::uint64_t zones)
        : sink_(sink), location_(location), left_(zones) {}

    void run() {
        while (left_ > 0) call(21);
        sink_.thread_batch(words_.batch(1));
    }
    base::Ticks now() const noexcept { return static_cast<base::Ticks>(tick_); }

private:
    std::uint64_t step() {
        random_ = random_ * 6364136223846793005u + 1442695040888963407u;
        return tick_ += 60 + (random_ >> 59) + ((random_ >> 40 & 0x3FF) == 0 ? 4'000 : 0);
    }
    void call(int n) {
        if (left_ == 0) return;
        --left_;
        words_.begin(step(), location_);
        if (n > 1) {
            call(n - 1);
            call(n - 2);
        }
        words_.end(step());
        if (words_.size() < 65'536) return;
        sink_.thread_batch(words_.batch(1));
        words_.clear();
    }

    events::EventSink& sink_;
    SourceLocationId location_;
    std::uint64_t left_;
    std::uint64_t tick_ = kStart;
    std::uint64_t random_ = 1;
    Words words_;
};

}  // namespace

model::TraceInfo synthetic_info() {
    model::TraceInfo info;
    info.program.name = "synthetic";
    info.capture_name = "synthetic @ test";
    info.program.host = "a machine that does not exist";
    info.program.process_id = 4711;
    info.program.executable_time_s = 1'600'000'000;
    info.program.processor = {
        base::Processor::Architecture::Arm64, 0xABCDEF, {'t', 'e', 's', 't', 'e', 'd', ' ', 'o', 'n', 'l', 'y', '!'}};
    info.capture_time_s = 1'700'000'000;
    info.resolution_ns = 21;
    info.ns_per_tick = 0.5;
    return info;
}

void scene_events(base::Names& names, events::EventSink& sink) {
    names.threads.set(base::ThreadId{1}, "main thread");
    names.threads.set(base::ThreadId{2}, "worker");
    sink.take(marks(names));
    const events::AppInfo lines[] = {{names.strings.intern("version 1.2.3")}, {names.strings.intern("")}};
    sink.take(lines);
    Words words;
    nested(words, names);
    sink.thread_batch(words.batch(1));
    words.clear();
    marked(words, names);
    sink.thread_batch(words.batch(2));
    words.clear();
    busy(words, names);
    sink.thread_batch(words.batch(3));
}

model::Trace scene_trace(base::Names& names) {
    model::TraceBuilder builder(names, kSceneStart);
    scene_events(names, builder);
    model::Trace trace = builder.finish(kSceneEnd, synthetic_info());
    model::Plot& plot = trace.plots.emplace_back();
    plot.name = trace.strings.intern("temperature");
    plot.color = 0x20A0FF;
    for (int i = 0; i < 25; ++i) plot.points.push_back({1'000 * i, 20 + i / 4.0});
    return trace;
}

base::Ticks recursion_events(base::Names& names, events::EventSink& sink, std::uint64_t zones) {
    names.threads.set(base::ThreadId{1}, "MainThread");
    Recursion recursion(sink, location(names, "fib", 7), zones);
    recursion.run();
    return recursion.now();
}

model::Trace recursion_trace(base::Names& names, std::uint64_t zones) {
    model::TraceBuilder builder(names, kSceneStart);
    const base::Ticks end = recursion_events(names, builder, zones);
    model::TraceInfo about = synthetic_info();
    about.ns_per_tick = 0.385;
    return builder.finish(end, about);
}

}  // namespace tracypy::native_tests
