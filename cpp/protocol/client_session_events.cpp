// A ClientSession's half as a sink: what belongs to no thread goes to the viewer.
#include <algorithm>

#include "protocol/client_stream.hpp"
#include "protocol/kinds/app_info.hpp"
#include "protocol/kinds/frame_marks.hpp"
#include "protocol/kinds/locks.hpp"
#include "protocol/kinds/plots.hpp"
#include "protocol/kinds/sections.hpp"

namespace tracypy::protocol {

void ClientSession::take(std::span<const events::FrameMark> marks) {
    if (state_ != State::Streaming) return;
    using Kind = events::FrameMarkKind;
    for (const events::FrameMark& mark : marks) {
        const auto [verdict, ticks] = stream_->frames.decide(mark);
        if (verdict == FrameSets::Verdict::DropEnd || verdict == FrameSets::Verdict::DropMixed) {
            ++counters_.dropped_marks;
            if (verdict == FrameSets::Verdict::DropMixed) {
                warn_once(warned_frames_,
                          "a set of frames was marked both with frame marks and with starts and ends: it keeps the "
                          "kind of its first mark, the others are left out");
            }
            continue;
        }
        stream_->answers.show(mark.name);
        if (verdict == FrameSets::Verdict::SendAfterEnd) {
            kinds::write_frame_mark(stream_->encoder, {ticks, mark.name, Kind::End});
        }
        kinds::write_frame_mark(stream_->encoder, {ticks, mark.name, mark.kind});
        if (mark.name == base::StringId::None) stream_->images.mark(mark.ticks);
    }
}

void ClientSession::take(std::span<const events::FrameImage> images) {
    using Verdict = kinds::FrameImageWriter::Verdict;
    if (state_ != State::Streaming) return;
    for (const events::FrameImage& image : images) {
        const Verdict verdict = stream_->images.write(image);
        if (verdict != Verdict::Sent) ++counters_.dropped_images;
        if (verdict == Verdict::Twice) warn_once(warned_images_, "a frame was given two images: its first one counts");
    }
}

// Their times are relative to the thread that is selected. Points of several threads are in the order of none of them.
void ClientSession::take(std::span<const events::PlotPoint> points) {
    if (state_ != State::Streaming) return;
    stream_->encoder.select_thread(base::ThreadId::None);
    for (const events::PlotPoint& point : points) {
        stream_->answers.show(point.plot);
        kinds::write_plot_point(stream_->encoder, point);
    }
}

// A viewer makes a row of each thread that it hears of.
void ClientSession::take(std::span<const events::MemoryStep> steps) {
    if (state_ != State::Streaming) return;
    for (const events::MemoryStep& step : steps) {
        if (!has_thread(step.thread)) continue;
        stream_->memory.write(step);
    }
    if (!steps.empty()) stream_->last_tick = std::max(stream_->last_tick, steps.back().ticks);
    if (!stream_->memory.is_full()) return;
    warn_once(warned_memory_,
              "more blocks of memory at once than are followed for a viewer (4,194,304): further ones are left out");
}

void ClientSession::take(std::span<const events::PlotStyle> styles) {
    if (state_ != State::Streaming) return;
    for (const events::PlotStyle& style : styles) {
        stream_->answers.show(style.plot);
        kinds::write_plot_style(stream_->encoder, style);
    }
}

void ClientSession::take(std::span<const events::LockAnnounce> locks) {
    if (state_ != State::Streaming) return;
    for (const events::LockAnnounce& lock : locks) {
        const std::uint64_t location = stream_->locations.wire_id(static_cast<std::uint64_t>(lock.location));
        kinds::write_lock_announce(stream_->encoder, lock, location, stream_->first_clock.last());
    }
}

void ClientSession::take(std::span<const events::LockEvent> events) {
    if (state_ != State::Streaming) return;
    for (const events::LockEvent& event : events) {
        if (has_thread(event.thread)) kinds::write_lock_event(stream_->encoder, event);
    }
}

void ClientSession::take(std::span<const events::LockName> locks) {
    if (state_ != State::Streaming) return;
    for (const events::LockName& lock : locks) {
        kinds::write_lock_name(stream_->encoder, lock, names_.strings.find(lock.name).text);
    }
}

void ClientSession::take(std::span<const events::LockEnd> locks) {
    if (state_ != State::Streaming) return;
    for (const events::LockEnd& lock : locks) {
        stream_->encoder.write<WireEvent::LockTerminate>(lock.lock, std::max(lock.ticks, stream_->first_clock.last()));
    }
}

void ClientSession::take(std::span<const events::LockMark> marks) {
    if (state_ != State::Streaming) return;
    for (const events::LockMark& mark : marks) {
        const std::uint64_t location = stream_->locations.wire_id(static_cast<std::uint64_t>(mark.location));
        if (has_thread(mark.thread)) stream_->encoder.write<WireEvent::LockMark>(mark.thread, mark.lock, location);
    }
}

void ClientSession::take(std::span<const events::SectionCategory> categories) {
    if (state_ != State::Streaming) return;
    for (const events::SectionCategory& category : categories) {
        kinds::write_section_category(stream_->encoder, category, names_.strings.find(category.text).text);
    }
}

// As points of plots: they are in the order of no thread. Where they are messages they are on a row which has no others
// with call stacks: a viewer gives such a stack to the last message of its row in time.
void ClientSession::take(std::span<const events::SectionEdge> edges) {
    if (state_ != State::Streaming) return;
    const bool has_sections = kinds::has_sections(stream_->encoder);
    for (events::SectionEdge edge : edges) {
        if (!has_sections && !has_thread(base::kNoticeThread)) continue;
        stream_->encoder.select_thread(has_sections ? base::ThreadId::None : base::kNoticeThread);
        edge.ticks = std::max(edge.ticks, stream_->first_clock.last());
        kinds::write_section_edge(stream_->encoder, edge, names_.strings.find(edge.text).text);
        stream_->last_tick = std::max(stream_->last_tick, edge.ticks);
    }
}

void ClientSession::take(std::span<const events::Parameter> parameters) {
    if (state_ != State::Streaming) return;
    for (const events::Parameter& parameter : parameters) stream_->parameters.write(parameter);
}

void ClientSession::take(std::span<const events::GpuContext> contexts) {
    if (state_ != State::Streaming) return;
    for (const events::GpuContext& context : contexts) {
        stream_->gpus.context(context, names_.strings.find(context.name).text);
    }
}

void ClientSession::take(std::span<const events::GpuStep> steps) {
    if (state_ != State::Streaming) return;
    for (events::GpuStep step : steps) {
        if (!has_thread(step.thread)) continue;
        step.ticks = std::max(step.ticks, stream_->first_clock.last());
        const bool is_begin = step.action == events::GpuAction::Begin;
        const auto location = static_cast<std::uint64_t>(step.location);
        stream_->gpus.step(step, is_begin ? stream_->locations.wire_id(location) : 0);
        stream_->last_tick = std::max(stream_->last_tick, step.ticks);
    }
}

void ClientSession::take(std::span<const events::GpuNote> notes) {
    if (state_ != State::Streaming) return;
    for (const events::GpuNote& note : notes) stream_->gpus.note(note);
}

void ClientSession::take(std::span<const events::GpuNoteName> names) {
    if (state_ != State::Streaming) return;
    for (const events::GpuNoteName& name : names) {
        stream_->gpus.note_name(name, names_.strings.find(name.name).text);
    }
}

template <typename Event>
void ClientSession::tell_machine(std::span<const Event> events) {
    if (state_ != State::Streaming) return;
    for (const Event& event : events) {
        if constexpr (requires { event.thread; }) {
            if (!has_thread(event.thread)) continue;
        }
        stream_->machine.write(event);
        if constexpr (requires { event.ticks; }) stream_->last_tick = std::max(stream_->last_tick, event.ticks);
    }
}

template <typename Event>
void ClientSession::tell_natives(std::span<const Event> events) {
    if (state_ != State::Streaming) return;
    for (const Event& event : events) stream_->answers.natives().take(event);
}

#define TRACYPY_MACHINE(name)                                        \
    void ClientSession::take(std::span<const events::name> events) { \
        tell_machine(events);                                        \
    }
#define TRACYPY_NATIVE(name)                                         \
    void ClientSession::take(std::span<const events::name> events) { \
        tell_natives(events);                                        \
    }
TRACYPY_MACHINE(Sample)
TRACYPY_MACHINE(ContextSwitch)
TRACYPY_MACHINE(ThreadWakeup)
TRACYPY_MACHINE(HardwareSample)
TRACYPY_MACHINE(CrashReport)
TRACYPY_MACHINE(EnergyReading)
TRACYPY_MACHINE(ThreadProcess)
TRACYPY_MACHINE(ProcessorPlace)
TRACYPY_NATIVE(ForeignThread)
TRACYPY_NATIVE(Symbol)
TRACYPY_NATIVE(SymbolCode)
TRACYPY_NATIVE(SourceText)
#undef TRACYPY_NATIVE
#undef TRACYPY_MACHINE

void ClientSession::take(std::span<const events::AppInfo> lines) {
    if (state_ != State::Streaming) return;
    for (const events::AppInfo& line : lines) {
        kinds::write_app_info(stream_->encoder, stream_->last_tick, names_.strings.find(line.text).text);
    }
}

// Rows of one group stand together. A viewer has to know the row first.
void ClientSession::take(std::span<const events::ThreadFacts> facts) {
    if (state_ != State::Streaming) return;
    for (const events::ThreadFacts& each : facts) {
        if (each.group_hint == 0) continue;
        if (Row* const row = row_of(each.thread)) row->group_hint = each.group_hint;
    }
}

}  // namespace tracypy::protocol
