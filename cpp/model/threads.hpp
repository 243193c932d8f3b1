// One row of the viewer: a thread or a fiber.
#pragma once

#include <cstdint>

#include "model/zones.hpp"

namespace tracypy::model {

struct Thread {
    std::uint64_t id = 0;
    std::uint32_t short_number = 0;  // how viewers of the file it was read from number it; 0: it has no zones
    TextId name = TextId::None;
    bool is_fiber = false;
    std::int32_t group_hint = 0;  // known to releases from 0.11.1 on
    ZoneTable zones;
};

}  // namespace tracypy::model
