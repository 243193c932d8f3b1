// Sections: parts of the whole program's run.
#pragma once

#include <cstdint>

#include "model/strings.hpp"

namespace tracypy::model {

struct ProgramSection {
    std::int64_t begin_ns = 0;
    std::int64_t end_ns = -1;  // kOpen: it lasted to the end, or longer
    TextId name = TextId::None;
    std::uint16_t category = 0;
};

struct SectionCategory {
    std::uint16_t number = 0;
    TextId name = TextId::None;
};

}  // namespace tracypy::model
