#include "io/process.hpp"

#include <new>

#include "io/native.hpp"

#if !defined(_WIN32)
#include <pthread.h>
#include <signal.h>
#endif

namespace tracypy::io {

#if defined(_WIN32)

struct SignalsBlocked::Mask {};

SignalsBlocked::SignalsBlocked() noexcept = default;
SignalsBlocked::~SignalsBlocked() = default;

std::uint64_t process_id() noexcept {
    return GetCurrentProcessId();
}

void name_this_thread(const char*) noexcept {}

#else

struct SignalsBlocked::Mask {
    sigset_t signals;
};

SignalsBlocked::SignalsBlocked() noexcept : before_(new (std::nothrow) Mask) {
    sigset_t all;
    sigfillset(&all);
    if (before_ != nullptr) pthread_sigmask(SIG_SETMASK, &all, &before_->signals);
}

SignalsBlocked::~SignalsBlocked() {
    if (before_ != nullptr) pthread_sigmask(SIG_SETMASK, &before_->signals, nullptr);
}

std::uint64_t process_id() noexcept {
    return static_cast<std::uint64_t>(getpid());
}

void name_this_thread(const char* name) noexcept {
#if defined(__linux__)
    pthread_setname_np(pthread_self(), name);
#elif defined(__APPLE__)
    pthread_setname_np(name);
#else
    (void)name;
#endif
}

#endif

}  // namespace tracypy::io
