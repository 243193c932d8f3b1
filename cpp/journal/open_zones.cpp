#include "journal/open_zones.hpp"

#include <algorithm>
#include <utility>

namespace tracypy::journal {

// That the row is a fiber's is said by its runs alone: one that waits all the time would be taken for a thread.
std::span<const events::Word> OpenZones::carried_by(Thread& thread) {
    if (!thread.run) return thread.words;
    thread.carried.clear();
    events::append(thread.carried, *thread.run);
    if (!thread.is_running) events::append(thread.carried, events::FiberLeave{thread.run->tick});
    thread.carried.insert(thread.carried.end(), thread.words.begin(), thread.words.end());
    return thread.carried;
}

std::vector<events::ThreadBatch> OpenZones::open_zones() {
    std::erase_if(threads_, [](const auto& entry) { return entry.second.open.empty() && !entry.second.is_running; });
    std::vector<std::pair<std::uint64_t, events::ThreadBatch>> numbered;
    for (auto& [id, thread] : threads_) numbered.push_back({thread.number, {id, carried_by(thread)}});
    std::sort(numbered.begin(), numbered.end(),
              [](const auto& left, const auto& right) { return left.first < right.first; });
    std::vector<events::ThreadBatch> batches;
    for (const auto& [number, batch] : numbered) batches.push_back(batch);
    return batches;
}

void OpenZones::section_edges(std::span<const events::SectionEdge> edges) {
    for (const events::SectionEdge& edge : edges) {
        if (edge.is_end) {
            open_sections_.erase(edge.section);
        } else {
            open_sections_.emplace(edge.section, edge);
        }
    }
}

std::vector<events::FrameMark> OpenZones::open_frames() const {
    std::vector<events::FrameMark> marks;
    for (const auto& [name, ticks] : open_frames_) marks.push_back({ticks, name, events::FrameMarkKind::Start});
    return marks;
}

}  // namespace tracypy::journal
