// Several traces as one, on one axis of time. Everything that a trace has goes over; what cannot is told.
//
// What stands for the same thing in all of them is united: texts, source locations. What only happens to have the same
// name or number is kept apart: threads, locks, addresses of code, and, under the name of their program, sets of
// frames, plots and pools of memory.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/trace.hpp"

namespace tracypy::model {

struct MergePart {
    Trace trace;
    std::string label;      // what its rows are called after: "program (process)"; empty: as they are
    std::string machine;    // the same for traces of the same one
    std::int64_t shift_ns;  // to be added to its times; never below 0
};

struct Merged {
    Trace trace;
    std::vector<std::string> notes;  // what did not go over as it was, one line each
};

/// Takes the parts one by one, and leaves nothing of them. Throws base::ValueError if no file holds what comes out.
Merged merge(std::vector<MergePart> parts);

}  // namespace tracypy::model
