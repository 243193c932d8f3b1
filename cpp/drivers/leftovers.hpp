// What nobody will see any more of a program's events.
#pragma once

#include "drivers/program.hpp"

namespace tracypy::drivers {

/// After detach: takes what was not drained, so that it is not in the way, nor in memory, until the next attach.
void forget_leftovers(Program& program);

}  // namespace tracypy::drivers
