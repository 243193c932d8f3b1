// This process as the drivers see it: recorder and interpreter behind drivers::Program, the one server and the one
// recording, of which one at a time gets what happens.
#pragma once

#include "drivers/file_recorder.hpp"
#include "drivers/viewer_server.hpp"

namespace tracypy::bindings {

/// The one server of the process. Never destroyed; does nothing until it is started.
drivers::ViewerServer& server();

/// The one recording of the process, likewise.
drivers::FileRecorder& file_recorder();

// Around a fork: of the server and the recording together.
void pause_for_fork();
void resume_after_pause();
void forget_after_fork() noexcept;

/// Throws when the interpreter is on its way out: then they may wait, with their locks held, for an interpreter that
/// lets nobody in any more, so that nothing may wait for them. `what` cannot be done then.
void refuse_at_the_end(const char* what);

/// Their threads pause around a fork and start again a moment after it. At once, when somebody needs them now.
void resume_after_fork();

}  // namespace tracypy::bindings
