// Waiting for a background thread, by a thread of the host.
#pragma once

#include <functional>

namespace tracypy::drivers {

/// Returns when `is_over`. Asks `keep_waiting`, when there is one, about ten times a second; after false, or what it
/// throws, `give_up` is called, once, and has to see to it that it is soon over. What was thrown is thrown again then.
void wait_until(const std::function<bool()>& is_over, const std::function<bool()>& keep_waiting,
                const std::function<void()>& give_up);

}  // namespace tracypy::drivers
