#include "recorder/notices.hpp"

#include <string_view>
#include <utility>
#include <vector>

#include "base/log.hpp"
#include "base/thread_names.hpp"
#include "recorder/fiber_rows.hpp"
#include "recorder/row_numbers.hpp"

namespace tracypy::recorder {
namespace {

void send_notice(events::EventSink& sink, std::string_view text) {
    std::vector<events::Word> words;
    events::append(words, events::Message{base::now_ticks(), 0xFF4040, text});
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

void Notices::start_session() noexcept {
    for (std::size_t i = 0; i < kLostKinds; ++i) told_[i] = policy_.lost(static_cast<Lost>(i));
    told_left_out_ = false;
    told_shared_rows_ = false;
    told_callstacks_ = false;
    told_fiber_rows_ = false;
    told_definitions_.clear();
}

// In the trace each time, on stderr once.
void Notices::tell(events::EventSink& sink, bool& logged, const std::string& text) {
    if (!std::exchange(logged, true)) base::log(base::LogLevel::Warning, text);
    send_notice(sink, "tracypy: " + text);
}

std::uint64_t Notices::untold(Lost what) noexcept {
    const std::uint64_t lost = policy_.lost(what);
    return lost - std::exchange(told_[static_cast<std::size_t>(what)], lost);
}

std::string Notices::why_full(std::size_t threads) const {
    const std::string cap = std::to_string(pool_.whole_bytes() >> 20) + " MB";
    if (pool_.ran_out_of_memory()) return "the system had no memory for the buffer";
    if (threads * kFirstChunkBytes > pool_.limit_bytes() / 2) {
        return "with " + std::to_string(threads) + " threads at once the buffer of " + cap +
               " was full (TRACYPY_BUFFER_MB)";
    }
    return "the viewer, or the disk, was slower than the program and the buffer of " + cap +
           " was full (TRACYPY_BUFFER_MB)";
}

void Notices::tell_lost(events::EventSink& sink, std::size_t threads) {
    std::string what;
    bool is_logged = true;  // each kind of them was lost before
    const auto add = [&](Lost kind, std::string_view one, std::string_view many) {
        const std::uint64_t count = untold(kind);
        add_count(what, count, one, many);
        if (count != 0 && !std::exchange(logged(kind), true)) is_logged = false;
    };
    add(Lost::Zone, "call", "calls");
    add(Lost::Markup, "text or value", "texts or values");
    add(Lost::Mark, "frame mark", "frame marks");
    add(Lost::Event, "event", "events");
    if (!what.empty()) tell(sink, is_logged, "left out " + what + ": " + why_full(threads));

    what.clear();
    add_count(what, untold(Lost::NotFinite), "point of a plot", "points of plots");
    if (!what.empty()) tell(sink, logged(Lost::NotFinite), "left out " + what + ": NaN or infinite");

    what.clear();
    add_count(what, untold(Lost::LockThread), "event of a lock", "events of locks");
    if (!what.empty()) {
        tell(sink, logged(Lost::LockThread), "left out " + what + ": a viewer follows 64 threads at one lock, no more");
    }

    what.clear();
    add_count(what, untold(Lost::Image), "frame image", "frame images");
    if (!what.empty())
        tell(sink, logged(Lost::Image), "left out " + what + ": they came faster than they were made small");

    what.clear();
    add_count(what, untold(Lost::GpuZone), "zone of a GPU", "zones of GPUs");
    if (!what.empty()) {
        tell(sink, logged(Lost::GpuZone),
             "left out " + what + ": 32,768 of its context wait for their times, and no more can");
    }

    what.clear();
    add_count(what, untold(Lost::Deep), "call", "calls");
    if (!what.empty()) {
        tell(sink, logged(Lost::Deep), "left out " + what + ": more were open on their thread than can be followed");
    }
}

void Notices::tell_shared_fiber_rows(events::EventSink& sink) {
    if (untold(Lost::Row) == 0 || std::exchange(told_fiber_rows_, true)) return;
    tell(sink, logged_fiber_rows_,
         "more tasks at once than there are rows for (" + std::to_string(FiberRows::kMost) +
             "): further ones are shown among the calls of their thread, in parts");
}

void Notices::tell_shared_rows(events::EventSink& sink) {
    if (std::exchange(told_shared_rows_, true)) return;
    tell(sink, logged_shared_rows_,
         "more than " + std::to_string(RowNumbers::kMostOwn) +
             " threads: further ones share rows, which are called \"other threads\"");
}

void Notices::tell_callstacks(events::EventSink& sink, const base::CallstackTable& callstacks) {
    if (callstacks.left_out() == 0 || std::exchange(told_callstacks_, true)) return;
    tell(sink, logged_callstacks_,
         "more different call stacks than there is room for (" + std::to_string(base::CallstackTable::kMostStacks) +
             " at most): further events have none");
}

void Notices::tell_left_out(events::EventSink& sink, const Definitions& definitions) {
    for (const std::string_view kind : definitions.left_out()) {
        if (!told_definitions_.insert(kind).second) continue;
        bool was_logged = !logged_definitions_.insert(kind).second;
        tell(sink, was_logged,
             "more " + std::string(kind) + " than there is room for (" + std::to_string(Definitions::kMostOfAKind) +
                 " at most): further ones are left out");
    }
}

bool Notices::tell_throttled(events::EventSink& sink, AutoThrottle& throttle) {
    static const double ns_per_tick = base::tick_scale().nanoseconds_per_tick();
    if (!std::exchange(told_left_out_, true)) {
        for (const std::string& line : throttle.left_out()) send_notice(sink, "left out (auto_throttle): " + line);
    }
    const std::vector<std::string> lines = throttle.judge(base::now_ticks(), ns_per_tick);
    for (const std::string& line : lines) {
        send_notice(sink, "left out from here on (auto_throttle): " + line);
        base::log(base::LogLevel::Warning, "left out from here on (auto_throttle): " + line);
    }
    return !lines.empty();
}

}  // namespace tracypy::recorder
