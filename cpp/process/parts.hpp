// process: which of the parts run in this process, before and after a fork. The composition root: the one room that
// knows both the interpreter and the drivers.
//
// Here are recorder and interpreter as drivers::Program, the one server and the one recording, of which one at a time
// gets what happens. Must not know: nanobind.
#pragma once

#include "base/error_codes.hpp"
#include "drivers/exclusive_access.hpp"
#include "drivers/family_member.hpp"
#include "drivers/family_root.hpp"
#include "drivers/file_recorder.hpp"
#include "drivers/gather_root.hpp"
#include "drivers/viewer_server.hpp"

namespace tracypy::process {

/// The program that this process is, which one driver at a time may have; and who has it.
drivers::Program& program();
drivers::ExclusiveAccess& seat();

/// The one server of the process. Never destroyed; does nothing until it is started.
drivers::ViewerServer& server();

/// The one recording of the process, likewise.
drivers::FileRecorder& file_recorder();

/// What descends from this process, likewise; and this process as one that descends from another.
drivers::FamilyRoot& family_root();
drivers::FamilyMember& family_member();

/// The other Tracy clients whose events join those of this process, likewise.
drivers::GatherRoot& gather_root();

// Around a fork: of all of these together. Without the GIL.
void pause_parts();
void resume_parts();
/// In the child, in place of resume_parts().
void forget_parts() noexcept;

/// Throws when the interpreter is on its way out: then they may wait, with their locks held, for an interpreter that
/// lets nobody in any more, so that nothing may wait for them. `code` says what cannot be done then.
void refuse_at_the_end(base::ErrorCode code);

}  // namespace tracypy::process
