// What is open at this moment: on each thread the zones, with what they were given so far, and the frames.
//
// It follows the events on their way to the journal, so it knows what the journal knows and nothing else. Memory grows
// with what is open, not with what has happened: a thread on which nothing is open takes none.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "events/event.hpp"

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

    /// The events of each thread that are still in force, in the order in which the threads were met. Forgets threads
    /// on which nothing is open.
    std::vector<events::ThreadBatch> open_zones();
    /// The starts of frames that have not ended.
    std::vector<events::FrameMark> open_frames() const;

private:
    struct Thread {
        std::uint64_t number = 0;
        std::vector<events::Word> words;    // of the open zones, begins and details
        std::vector<std::uint32_t> begins;  // where in `words` each open zone begins
        std::size_t details = 0;            // words that are no begins
    };

    void keep_detail(Thread& thread, const events::Word* event);
    static void pop(Thread& thread) {
        const std::size_t begin = thread.begins.back();
        thread.details -= thread.words.size() - begin - 2;
        thread.words.resize(begin);
        thread.begins.pop_back();
    }

    std::unordered_map<base::ThreadId, Thread> threads_;
    std::uint64_t next_number_ = 0;
    std::unordered_map<base::StringId, base::Ticks> last_marks_;   // of continuous sets
    std::unordered_map<base::StringId, base::Ticks> open_frames_;  // of the others
};

template <typename Ended>
void OpenZones::thread_batch(const events::ThreadBatch& batch, const Ended& ended) {
    const auto [entry, is_new] = threads_.try_emplace(batch.thread);
    Thread& thread = entry->second;
    if (is_new) thread.number = next_number_++;
    const events::Word* event = batch.words.data();
    const events::Word* const end = event + batch.words.size();
    for (; event < end && events::is_whole(event, end); event += events::event_words(event)) {
        const events::Kind kind = events::kind_of(event[0]);
        if (kind == events::Kind::ZoneBegin) {
            thread.begins.push_back(static_cast<std::uint32_t>(thread.words.size()));
            thread.words.insert(thread.words.end(), event, event + 2);
        } else if (kind == events::Kind::ZoneEnd) {
            if (thread.begins.empty()) continue;
            const events::Word* const begin = &thread.words[thread.begins.back()];
            ended(static_cast<base::SourceLocationId>(begin[1]), static_cast<base::Ticks>(events::payload_of(begin[0])),
                  static_cast<base::Ticks>(events::payload_of(event[0])));
            pop(thread);
        } else if (kind != events::Kind::Message && !thread.begins.empty()) {
            keep_detail(thread, event);
        }
    }
}

template <typename Ended>
void OpenZones::frame_marks(std::span<const events::FrameMark> marks, const Ended& ended) {
    using Kind = events::FrameMark::Kind;
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
