// This process and those that descend from it, as the interpreter's threads see them.
//
// All functions are called with the GIL, and wait without it.
#pragma once

#include <cstdint>
#include <string>

#include "drivers/family_member.hpp"

namespace tracypy::process {

/// From now on children may come, or until the first session is over. Returns the path of the socket that they find, or
/// throws base::Error.
std::string lead_family(bool for_one_session);
/// What they have to know besides.
std::string family_secret();

/// Of the root's socket: for children that cannot find it themselves.
void set_family_path(std::string path);

/// False: there is nobody to follow.
bool follow_family(const drivers::MemberConfig& config);
/// All that has happened is handed over, and nothing is followed any more.
void leave_family();
/// All that has happened so far is handed over.
void hand_over_to_family();
/// Before that process is killed: what it has is handed over, if it is one of the family.
void settle_in_family(std::uint64_t process);

}  // namespace tracypy::process
