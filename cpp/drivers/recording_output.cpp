#include "drivers/recording_output.hpp"

#include <algorithm>

#include "drivers/host_facts.hpp"

namespace tracypy::drivers {
namespace {

journal::JournalInfo info_of(const RecordingConfig& config) {
    journal::JournalInfo info{.about = gather_trace_info(config.program_name, config.host_info)};
    info.second_reading = base::read_clock();
    info.with_sources = config.sources;
    return info;
}

}  // namespace

RecordingOutput::RecordingOutput(JournalFile& file, const base::Names& names, const RecordingConfig& config) {
    if (!config.slow.empty()) slow_.emplace(names, config.slow);
    if (!config.last) {
        writer_.emplace(file.sink(), names, info_of(config));
        return;
    }
    journal::JournalInfo info = info_of(config);
    last_tick_ = info.start;
    const auto about_now = [about = info.about, name = config.program_name] {
        model::TraceInfo now = about;
        now.capture_time_s = base::unix_seconds();
        now.capture_name = capture_name(name, now.capture_time_s);
        return now;
    };
    ring_.emplace(file.ring(), names, std::move(info), *config.last, open_, definitions_, about_now);
}

events::EventSink& RecordingOutput::sink() noexcept {
    if (ring_ || slow_) return *this;
    return *writer_;
}

void RecordingOutput::thread_batch(const events::ThreadBatch& batch) {
    writer().thread_batch(batch);
    base::Ticks last = last_tick_;
    open_.thread_batch(batch, [&](base::SourceLocationId location, base::Ticks begin, base::Ticks end) {
        last = std::max(last, end);
        if (slow_) slow_->zone(location, begin, end);
    });
    last_tick_ = last;
}

void RecordingOutput::take_any(std::span<const events::FrameMark> marks) {
    writer().take(marks);
    open_.frame_marks(marks, [this](base::StringId name, base::Ticks begin, base::Ticks end) {
        if (slow_) slow_->frame(name, begin, end);
    });
}

void RecordingOutput::take_any(std::span<const events::SectionEdge> edges) {
    writer().take(edges);
    open_.section_edges(edges);
}

// What waits to be drained belongs to the segment that begins: that must not begin later than it happened.
void RecordingOutput::flush(bool has_all) {
    writer().flush();
    if (!ring_) return;
    const base::ClockReading now = base::read_clock();
    ring_->turn_if_full(now, has_all ? now.ticks : std::min(now.ticks, last_tick_));
}

}  // namespace tracypy::drivers
