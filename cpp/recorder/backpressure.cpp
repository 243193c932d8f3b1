// What happens when the sink is slower than the program: the memory cap holds, and what is lost is told.
#include <chrono>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "recorder/recorder.hpp"

namespace tracypy::recorder {

bool Recorder::wait_for_room() noexcept {
    if (policy_.load(std::memory_order_relaxed) == FullPolicy::Skip || blocking_ == nullptr) return false;
    if (stalled_.load(std::memory_order_relaxed)) return false;
    waiting_.fetch_add(1, std::memory_order_relaxed);
    blocking_(&Recorder::wait_until_room, *this);
    waiting_.fetch_sub(1, std::memory_order_relaxed);
    return pool_.has_room();
}

void Recorder::wait_until_room(Recorder& self) {
    using Clock = std::chrono::steady_clock;
    constexpr auto kLookAgain = std::chrono::milliseconds(20);  // the drain may free memory without our noticing
    std::unique_lock lock(self.room_mutex_);
    std::uint64_t seen = self.drained_words_;
    auto progress = Clock::now();
    const std::uint64_t started = epoch();
    while (!self.pool_.has_room() && epoch() == started) {
        self.room_.wait_for(lock, kLookAgain);
        if (self.drained_words_ != seen) {
            seen = self.drained_words_;
            progress = Clock::now();
        } else if (std::chrono::duration<double>(Clock::now() - progress).count() > kStallSeconds) {
            self.stalled_.store(true, std::memory_order_relaxed);
            return;
        }
    }
}

// In the trace each time the drain has caught up, on stderr once: a gap must not be taken for idleness.
void Recorder::tell_dropped(events::EventSink& sink) {
    const std::uint64_t zones = dropped_.load(std::memory_order_relaxed);
    const std::uint64_t markup = dropped_markup_.load(std::memory_order_relaxed);
    if (zones == told_dropped_ && markup == told_markup_) return;
    std::string text = "left out " + std::to_string(zones - told_dropped_) + " calls";
    if (markup != told_markup_) {
        text += " and " + std::to_string(markup - told_markup_) + " texts or values";
    }
    text += ": the viewer was slower than the program and the buffer of " +
            std::to_string(pool_.limit_bytes() >> 20) + " MB was full (TRACYPY_BUFFER_MB)";
    told_dropped_ = zones;
    told_markup_ = markup;
    if (!logged_dropped_) {
        logged_dropped_ = true;
        base::log(base::LogLevel::Warning, text);
    }
    text.insert(0, "tracypy: ");
    std::vector<events::Word> words(2 + events::words_for_bytes(text.size()));
    words[0] = events::header(events::Kind::Message, static_cast<events::Word>(base::now_ticks()));
    words[1] = static_cast<events::Word>(text.size()) << 32 | 0xFF4040u;
    text.copy(reinterpret_cast<char*>(words.data() + 2), text.size());
    sink.thread_batch({kNoticeThread, words});
}

}  // namespace tracypy::recorder
