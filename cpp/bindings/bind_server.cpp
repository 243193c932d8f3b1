#include <nanobind/stl/string.h>

#include <algorithm>

#include "base/error.hpp"
#include "base/log.hpp"
#include "bindings/bind.hpp"
#include "bindings/interruption.hpp"
#include "cpython/process_recorder.hpp"
#include "process/engine.hpp"
#include "process/listening.hpp"
#include "process/parts.hpp"
#include "process/source_answers.hpp"
#include "protocol/schema.hpp"

namespace nb = nanobind;
using namespace nb::literals;

namespace tracypy::bindings {
namespace {

using drivers::ViewerServer;

int listen(std::uint16_t port, const std::string& address, bool only_ipv4, bool announce,
           std::uint32_t announced_protocol, const std::string& program_name, const std::string& host_info,
           double exit_timeout) {
    drivers::ServerConfig config;
    config.port = port;
    config.address = address;
    config.only_ipv4 = only_ipv4;
    config.announce = announce;
    config.announced_protocol = announced_protocol;
    config.program_name = program_name;
    config.host_info = host_info;
    config.exit_timeout_seconds = exit_timeout;
    return process::listen(config);
}

bool stop_listening(bool wait_for_viewer) {
    Interruption interruption;
    const auto wait = wait_for_viewer ? ViewerServer::Wait::ForAnyViewer : ViewerServer::Wait::ForConnectedViewer;
    const bool complete = process::stop_listening(wait, [&interruption] { return interruption.look(); });
    interruption.raise_if_come();
    return complete;
}

bool wait_connected(double timeout) {
    Interruption interruption;
    const bool connected = process::wait_connected(timeout, [&interruption] { return interruption.look(); });
    interruption.raise_if_come();
    return connected;
}

void set_buffer_limit(std::size_t megabytes, const std::string& policy) {
    if (policy != "wait" && policy != "skip")
        throw base::ValueError(base::problem<base::ErrorCode::UnknownBufferPolicy>());
    if (megabytes < 1) throw base::ValueError(base::problem<base::ErrorCode::BufferTooSmall>());
    cpython::process_recorder().pool().set_limit_bytes(megabytes << 20);
    cpython::process_recorder().policy().set_full(policy == "wait" ? recorder::FullPolicy::Wait
                                                                   : recorder::FullPolicy::Skip);
}

nb::tuple protocols() {
    nb::list rows;
    for (const protocol::Dialect& dialect : protocol::dialects()) {
        rows.append(nb::make_tuple(dialect.protocol, nb::str(dialect.releases.data(), dialect.releases.size())));
    }
    return nb::tuple(rows);
}

}  // namespace

void bind_server(nb::module_& module) {
    module.attr("VERSION") = TRACYPY_VERSION;
    module.attr("PROTOCOLS") = protocols();
    module.attr("SOURCE_TEXT_LIMIT") = process::kMostSourceBytes;
    module.def("listen", &listen, nb::kw_only(), "port"_a, "address"_a, "only_ipv4"_a, "announce"_a,
               "announced_protocol"_a, "program_name"_a, "host_info"_a, "exit_timeout"_a,
               "Start listening for viewers, unless tracypy listens already, and return the port.\n\n"
               "Raises:\n    OSError: The port is taken or this machine does not have the address.\n"
               "    ValueError: The address cannot be read.");
    module.def("stop_listening", &stop_listening, nb::kw_only(), "wait_for_viewer"_a = false,
               "Send a viewer what is left, end its session and stop listening: no thread and no socket is left.\n\n"
               "Return whether a viewer received everything.");
    module.def(
        "is_listening", [] { return process::server().is_running(); }, "Return whether a viewer could connect now.");
    module.def("port", [] { return int{process::server().port()}; }, "Return the port of the listener; 0 without one.");
    module.def(
        "is_connected", [] { return process::server().is_connected(); },
        "Return whether a viewer is connected and receives events.");
    module.def("wait_connected", &wait_connected, "timeout"_a,
               "Wait up to `timeout` seconds for a viewer; return whether one is connected. Ctrl-C ends the wait.");
    module.def("use_client", &process::use_client, "library"_a,
               "Tell everything to Tracy's own client in a library of this process; empty: whatever it has for all.\n\n"
               "Raises:\n    RuntimeError: There is none, or somebody else is told already.");
    module.def("leave_client", &process::leave_client, "End that. Return whether a client was told.");
    module.def("has_client", &process::has_client, "Return whether a client is told.");
    module.def(
        "set_log_level", [](int level) { base::set_log_level(static_cast<base::LogLevel>(std::clamp(level, 0, 2))); },
        "level"_a, "Choose what is written to stderr: 0 nothing, 1 warnings, 2 also what is going on.");
    module.def("set_buffer_limit", &set_buffer_limit, "megabytes"_a, "policy"_a,
               "Bound the memory for events on their way: when it is full, 'wait' for the viewer or 'skip' calls.");
    module.def(
        "dropped_zones", [] { return cpython::process_recorder().dropped_zones(); },
        "Return how many zones were left out so far because the buffer was full.");
}

}  // namespace tracypy::bindings
