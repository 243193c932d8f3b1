// The texts of source files in a trace, for who looks at it where the files are not, or are others by then.
#pragma once

#include "model/trace.hpp"

namespace tracypy::journal {

/// Adds the texts of the files that source locations name, in the order of these: of those that are on this machine's
/// disk, and were not changed after the recording had begun. Leaves out what is larger than a megabyte, and whatever
/// would make more than 64 of them.
void add_source_texts(model::Trace& trace);

}  // namespace tracypy::journal
