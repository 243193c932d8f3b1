#include "io/standard_error.hpp"

#include <cerrno>
#include <cstdio>

#include "io/file_identity.hpp"

#if !defined(_WIN32)
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>
#endif

namespace tracypy::io {

#if defined(_WIN32)

namespace {
bool g_is_there = false;
}

void remember_standard_error() noexcept {
    g_is_there = true;
}

bool has_standard_error() noexcept {
    return g_is_there;
}

void write_standard_error(std::string_view text, const std::function<bool()>&) {
    if (g_is_there) std::fwrite(text.data(), 1, text.size(), stderr);
}

#else

namespace {

constexpr int kStandardError = 2;
constexpr int kLongestWaitMs = 1000;

FileIdentity g_at_start;  // the empty one: there was none

/// While it lives, a write to a pipe without a reader is an error and not a signal, which would end a program that has
/// given SIGPIPE back its default.
class NoBrokenPipe {
public:
    NoBrokenPipe() noexcept {
        sigset_t pending;
        sigpending(&pending);
        was_pending_ = sigismember(&pending, SIGPIPE) == 1;
        sigemptyset(&pipe_);
        sigaddset(&pipe_, SIGPIPE);
        pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
    }
    ~NoBrokenPipe() {
        const int error = errno;
        if (!was_pending_) take_pending();
        pthread_sigmask(SIG_SETMASK, &before_, nullptr);
        errno = error;
    }
    NoBrokenPipe(const NoBrokenPipe&) = delete;
    NoBrokenPipe& operator=(const NoBrokenPipe&) = delete;

private:
    void take_pending() const noexcept {
        sigset_t pending;
        sigpending(&pending);
        if (sigismember(&pending, SIGPIPE) != 1) return;
        int which = 0;
        sigwait(&pipe_, &which);
    }

    sigset_t pipe_;
    sigset_t before_;
    bool was_pending_ = false;
};

bool waits_for_room() noexcept {
    pollfd place{kStandardError, POLLOUT, 0};
    return ::poll(&place, 1, kLongestWaitMs) > 0 && (place.revents & POLLOUT) != 0;
}

}  // namespace

void remember_standard_error() noexcept {
    g_at_start = identity_of(kStandardError);
}

bool has_standard_error() noexcept {
    return g_at_start != FileIdentity{} && identity_of(kStandardError) == g_at_start;
}

void write_standard_error(std::string_view text, const std::function<bool()>& go_on) {
    const NoBrokenPipe guard;
    while (!text.empty() && has_standard_error()) {
        const ssize_t written = ::write(kStandardError, text.data(), text.size());
        if (written > 0) {
            text.remove_prefix(static_cast<std::size_t>(written));
        } else if (written == 0 || (errno != EINTR && (errno != EAGAIN || !waits_for_room()))) {
            return;
        }
        if (!text.empty() && go_on && !go_on()) return;  // a part is what is written when a signal comes
    }
}

#endif

}  // namespace tracypy::io
