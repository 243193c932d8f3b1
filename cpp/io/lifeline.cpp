#include "io/lifeline.hpp"

#if !defined(_WIN32)
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#endif
#if defined(__linux__)
#include <sys/syscall.h>
#endif

namespace tracypy::io {

#if defined(_WIN32)

Lifeline::Lifeline() noexcept = default;
void Lifeline::let_far_go() noexcept {}
void Lifeline::release() noexcept {}
void Lifeline::close() noexcept {}

LifelineEnd await_end(int, int) noexcept {
    return LifelineEnd::Released;
}

#else

namespace {

constexpr char kReleased = 'r';

#if defined(MSG_NOSIGNAL)
constexpr int kSendFlags = MSG_NOSIGNAL | MSG_DONTWAIT;
#else
constexpr int kSendFlags = MSG_DONTWAIT;
#endif

bool make_pair(int (&ends)[2]) noexcept {
#if defined(SOCK_CLOEXEC)
    return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0;
#else
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) return false;
    const int on = 1;
    for (const int end : ends) {
        fcntl(end, F_SETFD, FD_CLOEXEC);
        setsockopt(end, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof(on));
    }
    return true;
#endif
}

/// Since Linux 5.3; not in every sandbox. -1 where there is none.
int open_own_process() noexcept {
#if defined(__linux__)
#if defined(SYS_pidfd_open)
    constexpr long kPidfdOpen = SYS_pidfd_open;
#else
    constexpr long kPidfdOpen = 434;  // on every architecture
#endif
    return static_cast<int>(syscall(kPidfdOpen, getpid(), 0));
#else
    return -1;
#endif
}

}  // namespace

Lifeline::Lifeline() noexcept {
    int ends[2];
    if (!make_pair(ends)) return;
    near_ = ends[0];
    far_ = ends[1];
    identity_ = identity_of(near_);
    process_ = open_own_process();
    // Else the other process would take for it whatever it has under that number.
    if (process_ < 0) process_ = fcntl(far_, F_DUPFD_CLOEXEC, 0);
}

void Lifeline::let_far_go() noexcept {
    if (far_ >= 0) ::close(far_);
    if (process_ >= 0) ::close(process_);
    far_ = process_ = -1;
}

void Lifeline::release() noexcept {
    if (near_ >= 0 && identity_of(near_) == identity_) (void)::send(near_, &kReleased, 1, kSendFlags);
    close();
}

void Lifeline::close() noexcept {
    let_far_go();
    if (near_ >= 0 && identity_of(near_) == identity_) ::close(near_);
    near_ = -1;
}

LifelineEnd await_end(int far_end, int process) noexcept {
    pollfd watched[] = {{far_end, POLLIN, 0}, {process, POLLIN, 0}};
    while (poll(watched, 2, -1) < 0 && errno == EINTR) {
    }
    char said = 0;
    if (watched[0].revents != 0) {
        const bool is_released = ::recv(far_end, &said, 1, MSG_DONTWAIT) == 1;
        if (is_released) return LifelineEnd::Released;
    } else if (watched[1].revents != 0 && ::recv(far_end, &said, 1, MSG_DONTWAIT) == 1) {
        return LifelineEnd::Released;  // it has told, and was gone at once
    }
    return watched[1].revents != 0 ? LifelineEnd::Gone : LifelineEnd::Cut;
}

#endif

}  // namespace tracypy::io
