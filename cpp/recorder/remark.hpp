// What the program said about a zone, while it cannot be written down yet: the wire knows only "the innermost zone".
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "events/event.hpp"
#include "recorder/zone_key.hpp"

namespace tracypy::recorder {

struct Remark {
    events::Kind kind;
    std::uint64_t number;
    std::string text;
};
using Remarks = std::vector<Remark>;

/// What is known about an open zone beside its place on the stack.
struct Aside {
    ZoneKey key;
    Remarks remarks;        // to be written before its end
    bool is_ended = false;  // by the program, while calls were open above it: it ends when they have
    base::Ticks ended_at = 0;
    base::SourceLocationId inside = base::SourceLocationId::Other;  // the call in which the program ended it
};

}  // namespace tracypy::recorder
