// Begins and ends of sections in, sections out.
#pragma once

#include <cstdint>
#include <map>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "events/vocabulary.hpp"
#include "model/sections.hpp"

namespace tracypy::model {

/// One thread. Times stay ticks.
class SectionBuilder {
public:
    /// False: it fits nothing, and is left out.
    bool take(const events::SectionEdge& edge, base::Ticks tick, std::vector<ProgramSection>& sections);
    void take(const events::SectionCategory& category) { categories_[category.category] = category.text; }

    /// By index of the section.
    const std::vector<base::StringId>& names() const noexcept { return names_; }
    const std::map<std::uint16_t, base::StringId>& categories() const noexcept { return categories_; }

private:
    std::vector<base::StringId> names_;
    std::map<std::uint16_t, base::StringId> categories_;
    std::unordered_map<std::uint32_t, std::size_t> open_;
    std::unordered_map<std::uint32_t, base::Ticks> ended_;  // whose begin is still to come: from another thread
};

}  // namespace tracypy::model
