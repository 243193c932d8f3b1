#include "process/listening.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

#include "base/error.hpp"
#include "cpython/first_use.hpp"
#include "cpython/gil.hpp"
#include "process/forking.hpp"
#include "process/parts.hpp"

namespace tracypy::process {
namespace {

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

}  // namespace

int listen(const drivers::ServerConfig& config) {
    refuse_at_the_end(base::ErrorCode::TooLateToListen);
    resume_now();
    if (server().is_running()) return server().port();
    int port = 0;
    {
        const cpython::GilReleased released;
        port = start_or_find_started(config);
    }
    cpython::arm_first_use(false);
    return port;
}

bool stop_listening(drivers::ViewerServer::Wait wait, const std::function<bool()>& go_on) {
    if (cpython::interpreter_is_leaving()) return !server().is_running();  // see refuse_at_the_end
    resume_now();
    bool complete = false;
    {
        const cpython::GilReleased released;
        complete = server().stop(wait, go_on);
    }
    cpython::arm_first_use(true);
    return complete;
}

bool wait_connected(double seconds, const std::function<bool()>& go_on) {
    using Clock = std::chrono::steady_clock;
    constexpr double kSlice = 0.1;  // how long Ctrl-C may have to wait
    const auto end = Clock::now() + std::chrono::duration<double>(std::clamp(seconds, 0.0, 1e9));
    const cpython::GilReleased released;
    for (;;) {
        const double left = std::chrono::duration<double>(end - Clock::now()).count();
        const auto slice = std::chrono::duration_cast<std::chrono::microseconds>(
            std::chrono::duration<double>(std::clamp(left, 0.0, kSlice)));
        if (server().wait_connected(slice)) return true;
        if (!server().is_running()) std::this_thread::sleep_for(slice);
        // The interpreter is asked for no more often than need be: by daemon threads at its end, that is not without
        // danger in CPython 3.12 and 3.13.
        if (left <= kSlice || !go_on()) return false;
    }
}

}  // namespace tracypy::process
