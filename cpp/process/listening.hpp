// The server for viewers, as the interpreter's threads start it, stop it and wait for a viewer.
//
// All functions are called with the GIL, and wait without it. `go_on` is asked without it, about ten times a second;
// false ends the wait.
#pragma once

#include <functional>

#include "drivers/viewer_server.hpp"

namespace tracypy::process {

/// Starts listening, and returns the port; that of the server that runs if there is one. Throws as ViewerServer::start,
/// and base::Error at the end of the interpreter.
int listen(const drivers::ServerConfig& config);

/// Returns false if no viewer has received everything. Does nothing while the interpreter shuts down.
bool stop_listening(drivers::ViewerServer::Wait wait, const std::function<bool()>& go_on);

/// Waits until a viewer is connected, or the time is up; returns whether one is.
bool wait_connected(double seconds, const std::function<bool()>& go_on);

}  // namespace tracypy::process
