#include <nanobind/stl/string.h>

#include <cstdint>
#include <string>

#include "bindings/bind.hpp"
#include "cpython/gil.hpp"
#include "process/parts.hpp"

namespace nb = nanobind;
using namespace nb::literals;

namespace tracypy::bindings {

void bind_gather(nb::module_& module) {
    module.def(
        "gather",
        [](const std::string& address, std::uint16_t port) {
            const cpython::GilReleased released;
            return process::gather_root().add(address, port);
        },
        "address"_a, "port"_a,
        "Take in what the Tracy client there says, during each session of this process. Return\n"
        "whether that was not so before.\n\n"
        "Raises:\n    ValueError: There is no such host.");
    module.def(
        "gather_own",
        [] {
            const cpython::GilReleased released;
            return process::gather_root().add_own();
        },
        "Take in the Tracy clients of this process and of those that it starts, as they announce themselves. Return\n"
        "whether that was not so before.");
    module.def(
        "stop_gathering_own",
        [] {
            const cpython::GilReleased released;
            return process::gather_root().remove_own();
        },
        "Leave those clients. Return whether they were gathered.");
    module.def(
        "stop_gathering",
        [](const std::string& address, std::uint16_t port) {
            const cpython::GilReleased released;
            return process::gather_root().remove(address, port);
        },
        "address"_a, "port"_a, "Leave that client. Return whether it was gathered.");
}

}  // namespace tracypy::bindings
