#include "drivers/exclusive_access.hpp"

#include "base/log.hpp"

namespace tracypy::drivers {

bool ExclusiveProgram::attach() {
    if (!access_.take(this)) {
        if (!refusal_.empty()) base::log(base::LogLevel::Warning, refusal_);
        return false;
    }
    if (program_.attach()) return true;
    access_.leave(this);
    return false;
}

void ExclusiveProgram::detach() {
    if (access_.is_held_by(this)) program_.detach();
}

std::size_t ExclusiveProgram::drain(events::EventSink& sink, std::size_t max_words) {
    return access_.is_held_by(this) ? program_.drain(sink, max_words) : 0;
}

}  // namespace tracypy::drivers
