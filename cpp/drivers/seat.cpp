#include "drivers/seat.hpp"

#include "base/log.hpp"

namespace tracypy::drivers {

bool SeatedProgram::attach() {
    if (!seat_.take(this)) {
        if (!refusal_.empty()) base::log(base::LogLevel::Warning, refusal_);
        return false;
    }
    if (program_.attach()) return true;
    seat_.leave(this);
    return false;
}

void SeatedProgram::detach() {
    if (seat_.is_held_by(this)) program_.detach();
}

std::size_t SeatedProgram::drain(events::EventSink& sink, std::size_t max_words) {
    return seat_.is_held_by(this) ? program_.drain(sink, max_words) : 0;
}

}  // namespace tracypy::drivers
