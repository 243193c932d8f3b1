#include "model/section_builder.hpp"

#include <algorithm>

namespace tracypy::model {

bool SectionBuilder::take(const events::SectionEdge& edge, base::Ticks tick, std::vector<ProgramSection>& sections) {
    if (edge.is_end) {
        const auto begun = open_.find(edge.section);
        if (begun == open_.end()) return ended_.try_emplace(edge.section, tick).second;
        ProgramSection& section = sections[begun->second];
        section.end_ns = std::max(tick, section.begin_ns);
        open_.erase(begun);
        return true;
    }
    if (open_.contains(edge.section)) return false;
    ProgramSection& section = sections.emplace_back(ProgramSection{.begin_ns = tick, .category = edge.category});
    names_.push_back(edge.text);
    if (const auto ended = ended_.extract(edge.section)) {
        section.end_ns = std::max(tick, ended.mapped());
    } else {
        open_.emplace(edge.section, sections.size() - 1);
    }
    return true;
}

}  // namespace tracypy::model
