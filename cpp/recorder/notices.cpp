// What the recorder itself has to say, in the trace and on stderr: a gap must not be taken for idleness.
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/log.hpp"
#include "recorder/recorder.hpp"

namespace tracypy::recorder {
namespace {

void send_notice(events::EventSink& sink, std::string_view text) {
    std::vector<events::Word> words(2 + events::words_for_bytes(text.size()));
    words[0] = events::header(events::Kind::Message, static_cast<events::Word>(base::now_ticks()));
    words[1] = static_cast<events::Word>(text.size()) << 32 | 0xFF4040u;
    text.copy(reinterpret_cast<char*>(words.data() + 2), text.size());
    sink.thread_batch({Recorder::kNoticeThread, words});
}

}  // namespace

// In the trace each time the drain has caught up, on stderr once.
void Recorder::tell_dropped(events::EventSink& sink) {
    const std::uint64_t zones = dropped_.load(std::memory_order_relaxed);
    const std::uint64_t markup = dropped_markup_.load(std::memory_order_relaxed);
    if (zones == told_dropped_ && markup == told_markup_) return;
    std::string text = "left out " + std::to_string(zones - told_dropped_) + " calls";
    if (markup != told_markup_) {
        text += " and " + std::to_string(markup - told_markup_) + " texts or values";
    }
    text += ": the viewer, or the disk, was slower than the program and the buffer of " +
            std::to_string(pool_.limit_bytes() >> 20) + " MB was full (TRACYPY_BUFFER_MB)";
    told_dropped_ = zones;
    told_markup_ = markup;
    if (!logged_dropped_) {
        logged_dropped_ = true;
        base::log(base::LogLevel::Warning, text);
    }
    send_notice(sink, "tracypy: " + text);
}

void Recorder::govern(events::EventSink& sink) {
    if (!governor_.is_active()) return;
    static const double ns_per_tick = base::tick_scale().nanoseconds_per_tick();
    const bool first = !std::exchange(told_left_out_, true);
    if (first) {
        for (const std::string& line : governor_.left_out()) send_notice(sink, "left out (auto_throttle): " + line);
    }
    const std::vector<std::string> lines = governor_.judge(base::now_ticks(), ns_per_tick);
    for (const std::string& line : lines) {
        send_notice(sink, "left out from here on (auto_throttle): " + line);
        base::log(base::LogLevel::Warning, "left out from here on (auto_throttle): " + line);
    }
    if (!lines.empty() && on_left_out_ != nullptr) on_left_out_();
}

}  // namespace tracypy::recorder
