#include <nanobind/stl/string.h>

#include <algorithm>
#include <chrono>

#include "base/error.hpp"
#include "base/log.hpp"
#include "bindings/bind.hpp"
#include "bindings/interruption.hpp"
#include "bindings/native_program.hpp"
#include "cpython/first_use.hpp"
#include "cpython/gil.hpp"
#include "cpython/process_recorder.hpp"
#include "protocol/schema.hpp"

namespace nb = nanobind;
using namespace nb::literals;

namespace tracypy::bindings {
namespace {

using drivers::ViewerServer;

/// Several threads may come here at once: the first of them starts, the others find it done.
int start_or_find_started(const drivers::ServerConfig& config) {
    try {
        return server().start(config);
    } catch (const base::Error&) {
        const int port = server().port();
        if (port == 0) throw;
        return port;
    }
}

int listen(std::uint16_t port, const std::string& address, bool only_ipv4, bool announce,
           std::uint32_t announced_protocol, const std::string& program_name, const std::string& host_info,
           double exit_timeout) {
    refuse_at_the_end("no viewer can connect any more");
    resume_after_fork();
    if (server().is_running()) return server().port();
    drivers::ServerConfig config;
    config.port = port;
    config.address = address;
    config.only_ipv4 = only_ipv4;
    config.announce = announce;
    config.announced_protocol = announced_protocol;
    config.program_name = program_name;
    config.host_info = host_info;
    config.exit_timeout_seconds = exit_timeout;
    int bound = 0;
    {
        const cpython::GilReleased released;
        bound = start_or_find_started(config);
    }
    cpython::arm_first_use(false);
    return bound;
}

bool stop_listening(bool wait_for_viewer) {
    if (cpython::interpreter_is_leaving()) return !server().is_running();  // see refuse_at_the_end
    bool complete = false;
    Interruption interruption;
    resume_after_fork();
    {
        const cpython::GilReleased released;
        const auto wait = wait_for_viewer ? ViewerServer::Wait::ForAnyViewer : ViewerServer::Wait::ForConnectedViewer;
        complete = server().stop(wait, [&interruption] { return interruption.look(); });
    }
    cpython::arm_first_use(true);
    interruption.raise_if_come();
    return complete;
}

bool wait_connected(double timeout) {
    using Clock = std::chrono::steady_clock;
    constexpr double kSlice = 0.1;  // how long Ctrl-C may have to wait
    const auto end = Clock::now() + std::chrono::duration<double>(std::clamp(timeout, 0.0, 1e9));
    for (;;) {
        const double left = std::chrono::duration<double>(end - Clock::now()).count();
        const auto slice = std::chrono::milliseconds(static_cast<int>(std::clamp(left, 0.0, kSlice) * 1000));
        bool connected = false;
        {
            const cpython::GilReleased released;
            connected = server().wait_connected(slice);
        }
        if (connected) return true;
        if (PyErr_CheckSignals() != 0) throw nb::python_error();
        if (left <= 0) return false;
    }
}

void set_buffer_limit(std::size_t megabytes, const std::string& policy) {
    if (policy != "wait" && policy != "skip") throw base::ValueError("the policy must be 'wait' or 'skip'");
    if (megabytes < 1) throw base::ValueError("the buffer must be at least 1 MB");
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
    module.def("listen", &listen, nb::kw_only(), "port"_a, "address"_a, "only_ipv4"_a, "announce"_a,
               "announced_protocol"_a, "program_name"_a, "host_info"_a, "exit_timeout"_a,
               "Starts listening for viewers and returns the port; returns the port if that is so already.\n\n"
               "Raises:\n    OSError: The port is taken or the address is none of this machine.\n"
               "    ValueError: The address cannot be read.");
    module.def("stop_listening", &stop_listening, nb::kw_only(), "wait_for_viewer"_a = false,
               "Sends a viewer what is left, ends its session and stops listening: no thread and no socket is left.\n\n"
               "Returns whether a viewer received everything.");
    module.def("is_listening", [] { return server().is_running(); }, "Whether a viewer could connect now.");
    module.def(
        "port", [] { return server().is_running() ? int{server().port()} : 0; },
        "The port that is listened on, 0 for none.");
    module.def(
        "is_connected", [] { return server().is_connected(); },
        "Whether a viewer is connected and receives what happens.");
    module.def("wait_connected", &wait_connected, "timeout"_a,
               "Waits up to `timeout` seconds for a viewer; returns whether one is connected. Ctrl-C ends the wait.");
    module.def(
        "set_log_level", [](int level) { base::set_log_level(static_cast<base::LogLevel>(std::clamp(level, 0, 2))); },
        "level"_a, "What is written to stderr: 0 nothing, 1 warnings, 2 also what is going on.");
    module.def("set_buffer_limit", &set_buffer_limit, "megabytes"_a, "policy"_a,
               "Bounds the memory for events on their way: when full, 'wait' for the viewer or 'skip' calls.");
    module.def(
        "dropped_zones", [] { return cpython::process_recorder().dropped_zones(); },
        "How many zones were left out so far because the buffer was full.");
}

}  // namespace tracypy::bindings
