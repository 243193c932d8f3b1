#include "io/signal_flag.hpp"

#include <array>
#include <atomic>
#include <cerrno>
#include <string>
#include <utility>

#include "base/error.hpp"

#if !defined(_WIN32)
#include <signal.h>
#include <unistd.h>
#endif

namespace tracypy::io {

#if defined(_WIN32)

SignalFlag::SignalFlag(int, const std::string&) {
    throw base::SystemError(ENOSYS, base::problem<base::ErrorCode::NoSignals>());
}
bool SignalFlag::take() noexcept {
    return false;
}
bool SignalFlag::release() noexcept {
    return true;
}

#else

namespace {

constexpr int kSignals = 65;  // numbers go up to 64

/// What the handler touches: it may run at any moment, on any thread, and in a child that was forked without our
/// knowing.
std::array<std::atomic<int>, kSignals> g_raised;
std::atomic<pid_t> g_process{0};
static_assert(std::atomic<int>::is_always_lock_free && std::atomic<pid_t>::is_always_lock_free);

void raise_flag(int signal) {
    if (g_process.load(std::memory_order_relaxed) == getpid()) g_raised[static_cast<std::size_t>(signal)] = 1;
}

}  // namespace

SignalFlag::SignalFlag(int signal, const std::string& name) : signal_(signal) {
    struct sigaction before{};
    if (signal <= 0 || signal >= kSignals || sigaction(signal, nullptr, &before) != 0) {
        throw base::SystemError(EINVAL, base::problem<base::ErrorCode::UnknownSignal>(name));
    }
    if ((before.sa_flags & SA_SIGINFO) != 0 || before.sa_handler != SIG_DFL) {
        const bool is_ignored = (before.sa_flags & SA_SIGINFO) == 0 && before.sa_handler == SIG_IGN;
        throw base::Error({is_ignored ? base::ErrorCode::SignalIsIgnored : base::ErrorCode::SignalIsUsed, {name}});
    }
    g_process = getpid();
    g_raised[static_cast<std::size_t>(signal)] = 0;
    struct sigaction ours{};
    ours.sa_handler = raise_flag;
    ours.sa_flags = SA_RESTART;
    sigfillset(&ours.sa_mask);
    if (sigaction(signal, &ours, nullptr) != 0) {
        throw base::SystemError(errno, base::problem<base::ErrorCode::CannotCatchSignal>(name));
    }
}

bool SignalFlag::take() noexcept {
    return signal_ != 0 && g_raised[static_cast<std::size_t>(signal_)].exchange(0) != 0;
}

bool SignalFlag::release() noexcept {
    const int signal = std::exchange(signal_, 0);
    struct sigaction now{};
    if (signal == 0 || sigaction(signal, nullptr, &now) != 0) return true;
    if ((now.sa_flags & SA_SIGINFO) != 0 || now.sa_handler != raise_flag) return false;
    struct sigaction before{};
    before.sa_handler = SIG_DFL;
    sigaction(signal, &before, nullptr);
    return true;
}

#endif

}  // namespace tracypy::io
