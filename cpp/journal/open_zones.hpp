// What is open at this moment: on each thread the zones, with what they were given so far; the frames; the sections.
//
// It follows the events on their way to the journal, so it knows what the journal knows and nothing else. Memory grows
// with what is open, not with what has happened: a thread on which nothing is open takes none.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "events/event.hpp"
#include "events/thread_walk.hpp"

namespace tracypy::journal {

/// One thread.
class OpenZones {
public:
    /// Of one thread the texts, names, values and colours of open zones take no more; what comes then is not kept here.
    static constexpr std::size_t kMostDetailWords = 8 * 1024;

    /// `ended(location, begin, end)` is called for each zone that ends.
    template <typename Ended>
    void thread_batch(const events::ThreadBatch& batch, const Ended& ended);
    /// `ended(name, begin, end)` is called for each frame that ends.
    template <typename Ended>
    void frame_marks(std::span<const events::FrameMark> marks, const Ended& ended);

    void section_edges(std::span<const events::SectionEdge> edges);

    /// The events of each thread that are still in force, in the order in which the threads were met. Forgets threads
    /// on which nothing is open.
    std::vector<events::ThreadBatch> open_zones();
    /// The starts of frames that have not ended.
    std::vector<events::FrameMark> open_frames() const;
    /// The begins of sections that last, by their number.
    const std::map<std::uint32_t, events::SectionEdge>& open_sections() const noexcept { return open_sections_; }

private:
    struct Open {
        events::ZoneBegin zone;
        std::size_t at;       // where it begins in the thread's words
        std::size_t details;  // of its thread, when it began
    };
    struct Thread {
        std::uint64_t number = 0;
        events::SteadyWalk walk{base::SteadyClock(0)};
        std::vector<events::Word> words;  // of the open zones, begins and details
        std::vector<Open> open;
        std::size_t details = 0;                // words that are not begins
        std::optional<events::FiberEnter> run;  // of a fiber: the last one
        bool is_running = false;
        std::vector<events::Word> carried;  // of a fiber: its run, and the open zones
    };
    template <typename Ended>
    struct Visitor;

    static std::span<const events::Word> carried_by(Thread& thread);

    std::unordered_map<base::ThreadId, Thread> threads_;
    std::uint64_t next_number_ = 0;
    std::unordered_map<base::StringId, base::Ticks> last_marks_;   // of continuous sets
    std::unordered_map<base::StringId, base::Ticks> open_frames_;  // of the others
    std::map<std::uint32_t, events::SectionEdge> open_sections_;
};

template <typename Ended>
struct OpenZones::Visitor {
    void on(const events::ZoneBegin& zone) { begin(zone, zone); }
    void on(const events::ZoneBeginCallstack& zone) { begin(zone, events::without_callstack(zone)); }
    void on(const events::ZoneEnd& end) {
        const Open open = thread->open.back();
        thread->open.pop_back();
        thread->words.resize(open.at);
        thread->details = open.details;
        (*ended)(open.zone.location, open.zone.tick, end.tick);
    }
    template <events::ZoneDetail Event>
    void on(const Event& event) {
        const std::size_t words = events::words_of(event);
        if (thread->details + words > kMostDetailWords) return;
        thread->details += words;
        events::append(thread->words, event);
    }
    void on(const events::FiberEnter& run) {
        thread->run = run;
        thread->is_running = true;
    }
    void on(const events::FiberLeave&) noexcept { thread->is_running = false; }
    template <events::ThreadMoment Event>
    void on(const Event&) noexcept {}  // over as soon as it has happened
    void dropped() noexcept {}         // the journal counts it
    template <events::ZoneOpening Event>
    void begin(const Event& event, const events::ZoneBegin& zone) {
        thread->open.push_back({zone, thread->words.size(), thread->details});
        events::append(thread->words, event);
    }

    Thread* thread;
    const Ended* ended;
};

template <typename Ended>
void OpenZones::thread_batch(const events::ThreadBatch& batch, const Ended& ended) {
    const auto [entry, is_new] = threads_.try_emplace(batch.thread);
    if (is_new) entry->second.number = next_number_++;
    Visitor<Ended> visitor{&entry->second, &ended};
    entry->second.walk.walk(batch.words, visitor);
}

template <typename Ended>
void OpenZones::frame_marks(std::span<const events::FrameMark> marks, const Ended& ended) {
    using Kind = events::FrameMarkKind;
    for (const events::FrameMark& mark : marks) {
        auto& times = mark.kind == Kind::Continuous ? last_marks_ : open_frames_;
        const auto found = times.find(mark.name);
        if (found != times.end() && mark.kind != Kind::Start) {
            ended(mark.name, found->second, mark.ticks);
        }
        if (mark.kind != Kind::End) {
            times[mark.name] = mark.ticks;
        } else if (found != times.end()) {
            times.erase(found);
        }
    }
}

}  // namespace tracypy::journal
