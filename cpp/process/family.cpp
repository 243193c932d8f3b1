#include "process/family.hpp"

#include <utility>

#include "base/error.hpp"
#include "cpython/child_environment.hpp"
#include "cpython/gil.hpp"
#include "io/local_channel.hpp"
#include "process/forking.hpp"
#include "process/parts.hpp"

namespace tracypy::process {

std::string lead_family(bool for_one_session) {
    if (!family_root().is_open()) {
        const std::string problem = family_root().open(for_one_session);
        if (!problem.empty()) throw base::Error(base::problem<base::ErrorCode::CannotFollow>(problem));
    }
    return family_root().path();
}

std::string family_secret() {
    const drivers::FamilySecret& secret = family_root().secret();
    return {secret.data(), secret.size()};
}

void set_family_path(std::string path) {
    static std::string known;
    known = std::move(path);
    cpython::set_child_connection([] { return io::connect_for_child(known); });
}

bool follow_family(const drivers::MemberConfig& config) {
    if (cpython::interpreter_is_leaving()) return false;
    resume_now();
    const cpython::GilReleased released;
    return family_member().start(config);
}

void leave_family() {
    if (cpython::interpreter_is_leaving()) return;
    resume_now();
    const cpython::GilReleased released;
    family_member().stop();
}

void hand_over_to_family() {
    resume_now();
    const cpython::GilReleased released;
    family_member().hand_over();
}

void settle_in_family(std::uint64_t process) {
    const bool is_root = family_root().is_open();
    if (!is_root && !family_member().is_following()) return;
    resume_now();
    const cpython::GilReleased released;
    if (is_root) {
        family_root().settle(process);
    } else {
        family_member().settle(process);
    }
}

}  // namespace tracypy::process
