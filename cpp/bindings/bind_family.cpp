#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/string.h>

#include <algorithm>
#include <cstdint>
#include <string>

#include "bindings/bind.hpp"
#include "cpython/child_environment.hpp"
#include "cpython/guarded_calls.hpp"
#include "cpython/process_name.hpp"
#include "process/family.hpp"
#include "process/parts.hpp"

namespace nb = nanobind;
using namespace nb::literals;

namespace tracypy::bindings {
namespace {

bool follow(const nb::bytes& path, int descriptor, const nb::bytes& secret, const std::string& name,
            std::uint64_t session) {
    drivers::MemberConfig config;
    config.path = std::string(path.c_str(), path.size());
    config.descriptor = descriptor;
    const std::size_t bytes = std::min(secret.size(), config.secret.size());
    std::copy_n(secret.c_str(), bytes, config.secret.begin());
    config.name = name;
    config.session = session;
    return process::follow_family(config);
}

}  // namespace

void bind_family(nb::module_& module) {
    module.def(
        "lead_family",
        [](bool for_one_session) {
            const std::string path = process::lead_family(for_one_session), secret = process::family_secret();
            return nb::make_tuple(nb::bytes(path.data(), path.size()), nb::bytes(secret.data(), secret.size()));
        },
        nb::kw_only(), "for_one_session"_a, nb::sig("def lead_family(*, for_one_session: bool) -> tuple[bytes, bytes]"),
        "Listen for the processes that descend from this one, for good or until the first session is over. Return the\n"
        "path of a local socket, and a secret.\n\n"
        "Raises:\n    RuntimeError: That cannot be had.");
    module.def("hide_family", [] { process::family_root().hide(); }, "Take the local socket's folder away.");
    module.def("follow_family", &follow, nb::kw_only(), "path"_a, "descriptor"_a, "secret"_a, "name"_a, "session"_a,
               "Hand over what happens to the process that listens there, or at the other end of a connection. Return\n"
               "whether there is one. `session`: one that has begun; 0 asks.");
    module.def("leave_family", &process::leave_family, "Hand over what has happened, and no more.");
    module.def("hand_over_to_family", &process::hand_over_to_family,
               "Wait until all that has happened so far is on its way.");
    module.def("settle_in_family", &process::settle_in_family, "process"_a,
               "Let a process that is about to be killed hand over what it has.");
    module.def(
        "is_followed", [] { return process::family_member().is_following(); },
        "Return whether what happens goes to the process that this one descends from.");
    module.def(
        "watch_process_name", [] { cpython::watch_process_name(); },
        "Call this process what multiprocessing calls it, from when it does.");
    module.def(
        "set_family_name", [](const std::string& name) { process::family_member().rename(name); }, "name"_a,
        "Call this process so, in the names of its rows.");
    module.def(
        "set_child_variables",
        [](const nb::bytes& follow, const nb::bytes& folder, const nb::bytes& path) {
            process::set_family_path({path.c_str(), path.size()});
            cpython::set_child_variables({follow.c_str(), follow.size()}, {folder.c_str(), folder.size()});
            if (!cpython::add_child_variables() || !cpython::watch_starts()) throw nb::python_error();
        },
        "follow"_a, "folder"_a, "path"_a,
        "Put a variable into the environment of all children from now on, and a folder before their PYTHONPATH. "
        "`path`\n"
        "is that of the local socket.");
}

}  // namespace tracypy::bindings
