#include "journal/open_zones.hpp"

#include <algorithm>
#include <utility>

namespace tracypy::journal {

std::vector<events::ThreadBatch> OpenZones::open_zones() {
    std::erase_if(threads_, [](const auto& entry) { return entry.second.open.empty(); });
    std::vector<std::pair<std::uint64_t, events::ThreadBatch>> numbered;
    for (const auto& [id, thread] : threads_) numbered.push_back({thread.number, {id, thread.words}});
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
