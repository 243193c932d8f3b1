// This process as the driver sees it: recorder and interpreter behind drivers::Program, and the one server.
#pragma once

#include "drivers/viewer_server.hpp"

namespace tracypy::bindings {

/// The one server of the process. Never destroyed; does nothing until it is started.
drivers::ViewerServer& server();

}  // namespace tracypy::bindings
