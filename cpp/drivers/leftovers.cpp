#include "drivers/leftovers.hpp"

#include "events/null_sink.hpp"

namespace tracypy::drivers {

void forget_leftovers(Program& program) {
    events::NullSink nowhere;
    for (int i = 0; i < kMostDrains && program.drain(nowhere, kDrainWords) > 0; ++i) {
    }
}

}  // namespace tracypy::drivers
