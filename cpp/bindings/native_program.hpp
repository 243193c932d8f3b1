// This process as the driver sees it: recorder and interpreter behind drivers::Program, and the one server.
#pragma once

#include "drivers/viewer_server.hpp"

namespace tracypy::bindings {

/// The one server of the process. Never destroyed; does nothing until it is started.
drivers::ViewerServer& server();

/// The server's thread pauses around a fork and starts again a moment after it. At once, when somebody needs it now.
void resume_after_fork();

}  // namespace tracypy::bindings
