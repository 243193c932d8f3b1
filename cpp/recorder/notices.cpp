// What the recorder itself has to say, in the trace and on stderr: a gap must not be taken for idleness.
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/log.hpp"
#include "base/thread_names.hpp"
#include "recorder/recorder.hpp"

namespace tracypy::recorder {
namespace {

void send_notice(events::EventSink& sink, std::string_view text) {
    std::vector<events::Word> words(2 + events::words_for_bytes(text.size()));
    words[0] = events::header(events::Kind::Message, static_cast<events::Word>(base::now_ticks()));
    words[1] = static_cast<events::Word>(text.size()) << 32 | 0xFF4040u;
    text.copy(reinterpret_cast<char*>(words.data() + 2), text.size());
    sink.thread_batch({base::kNoticeThread, words});
}

/// Nothing for 0.
void add_count(std::string& text, std::uint64_t count, std::string_view one, std::string_view many) {
    if (count == 0) return;
    if (!text.empty()) text += " and ";
    text += std::to_string(count) + ' ';
    text += count == 1 ? one : many;
}

}  // namespace

// In the trace each time, on stderr once.
void Recorder::tell(events::EventSink& sink, bool& logged, const std::string& text) {
    if (!std::exchange(logged, true)) base::log(base::LogLevel::Warning, text);
    send_notice(sink, "tracypy: " + text);
}

std::string Recorder::why_full() const {
    const std::string cap = std::to_string(pool_.limit_bytes() >> 20) + " MB";
    if (pool_.ran_out_of_memory()) return "the system had no memory for the buffer";
    if (const std::size_t threads = draining_.size(); threads * kFirstChunkBytes > pool_.limit_bytes() / 2) {
        return "with " + std::to_string(threads) + " threads at once the buffer of " + cap +
               " was full (TRACYPY_BUFFER_MB)";
    }
    return "the viewer, or the disk, was slower than the program and the buffer of " + cap +
           " was full (TRACYPY_BUFFER_MB)";
}

// When the drain has caught up.
void Recorder::tell_dropped(events::EventSink& sink) {
    const std::uint64_t zones = dropped_.load(std::memory_order_relaxed);
    const std::uint64_t markup = dropped_markup_.load(std::memory_order_relaxed);
    const std::uint64_t marks = serial_.dropped();
    std::string what;
    add_count(what, zones - std::exchange(told_dropped_, zones), "call", "calls");
    add_count(what, markup - std::exchange(told_markup_, markup), "text or value", "texts or values");
    add_count(what, marks - std::exchange(told_marks_, marks), "frame mark", "frame marks");
    if (!what.empty()) tell(sink, logged_dropped_, "left out " + what + ": " + why_full());

    const std::uint64_t too_deep = too_deep_.load(std::memory_order_relaxed);
    what.clear();
    add_count(what, too_deep - std::exchange(told_too_deep_, too_deep), "call", "calls");
    if (!what.empty()) {
        tell(sink, logged_too_deep_, "left out " + what + ": more were open on their thread than can be followed");
    }
}

void Recorder::tell_shared_rows(events::EventSink& sink) {
    if (!shares_rows_.load(std::memory_order_relaxed) || std::exchange(told_shared_rows_, true)) return;
    tell(sink, logged_shared_rows_,
         "more than " + std::to_string(kMaxOwnRows) +
             " threads: further ones share rows, which are called \"other threads\"");
}

void Recorder::throttle(events::EventSink& sink) {
    if (!auto_throttle_.is_active()) return;
    static const double ns_per_tick = base::tick_scale().nanoseconds_per_tick();
    const bool first = !std::exchange(told_left_out_, true);
    if (first) {
        for (const std::string& line : auto_throttle_.left_out())
            send_notice(sink, "left out (auto_throttle): " + line);
    }
    const std::vector<std::string> lines = auto_throttle_.judge(base::now_ticks(), ns_per_tick);
    for (const std::string& line : lines) {
        send_notice(sink, "left out from here on (auto_throttle): " + line);
        base::log(base::LogLevel::Warning, "left out from here on (auto_throttle): " + line);
    }
    if (!lines.empty() && on_left_out_ != nullptr) on_left_out_();
}

}  // namespace tracypy::recorder
