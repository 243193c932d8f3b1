// Drops the events of a program that no sink will take.
#pragma once

#include "drivers/program.hpp"

namespace tracypy::drivers {

/// After detach: takes what was not drained, so that it is not in the way, nor in memory, until the next attach.
void forget_leftovers(Program& program);

}  // namespace tracypy::drivers
