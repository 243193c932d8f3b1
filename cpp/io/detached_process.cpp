#include "io/detached_process.hpp"

#if !defined(_WIN32)
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#endif
#if defined(__linux__)
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif

#include "io/process.hpp"

namespace tracypy::io {

#if defined(_WIN32)

bool start_detached(const std::filesystem::path&, const std::vector<std::string>&, std::span<const int>) noexcept {
    return false;
}

int open_to_give(const std::filesystem::path&) noexcept {
    return -1;
}

void close_given(int) noexcept {}

#else

namespace {

/// Orphans become children of the first process, or of one that has asked for them; a program that waits for all its
/// children would wait for ours.
bool adopts_orphans() noexcept {
    if (getpid() == 1) return true;
#if defined(__linux__)
    int adopts = 0;
    return prctl(PR_GET_CHILD_SUBREAPER, &adopts, 0, 0, 0) != 0 || adopts != 0;
#else
    return false;
#endif
}

/// Out of the way of the numbers that the new process finds them under.
class Parked {
public:
    explicit Parked(std::span<const int> descriptors) {
        const int free = kFirstGiven + static_cast<int>(descriptors.size());
        for (const int descriptor : descriptors) {
            parked_.push_back(descriptor < 0 ? -1 : fcntl(descriptor, F_DUPFD_CLOEXEC, free));
        }
    }
    ~Parked() {
        for (const int descriptor : parked_) {
            if (descriptor >= 0) ::close(descriptor);
        }
    }
    Parked(const Parked&) = delete;
    Parked& operator=(const Parked&) = delete;

    const std::vector<int>& descriptors() const noexcept { return parked_; }

private:
    std::vector<int> parked_;
};

/// The first of the two processes takes one step away, the second becomes the program. Both have the memory of this
/// one, which waits for them: they call nothing but the system.
struct Departure {
    const char* program;
    char* const* arguments;
    const std::vector<int>& given;
    volatile bool has_failed = false;
};

/// Runs `depart` in a process that has this one's memory, and waits until it has ended or become a program. -1 when
/// there can be none.
[[gnu::noinline]] pid_t with_our_memory(void (*depart)(Departure&), Departure& departure) noexcept {
    const pid_t child = vfork();
    if (child == 0) {
        depart(departure);
        _exit(0);
    }
    return child;
}

void close_from(int first) noexcept {
#if defined(__linux__) && defined(SYS_close_range)
    if (syscall(SYS_close_range, first, ~0U, 0) == 0) return;
#endif
    rlimit limit{};
    const bool is_known = getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY;
    const int end = is_known ? static_cast<int>(std::min<rlim_t>(limit.rlim_cur, 1 << 20)) : 1 << 16;
    for (int descriptor = first; descriptor < end; ++descriptor) ::close(descriptor);
}

/// What is ignored stays so in a program that one becomes, handlers do not.
void reset_signals() noexcept {
    struct sigaction as_at_first{};
    as_at_first.sa_handler = SIG_DFL;
    for (int number = 1; number < NSIG; ++number) sigaction(number, &as_at_first, nullptr);
}

/// Nobody can find a pipe or a terminal of theirs open in the program, not even for a moment.
bool leave_descriptors(const std::vector<int>& given) noexcept {
    int end = kFirstGiven;
    for (const int descriptor : given) {
        if (descriptor >= 0) {
            if (dup2(descriptor, end) < 0) return false;
        } else {
            ::close(end);
        }
        ++end;
    }
    close_from(end);
    const int nothing = ::open("/dev/null", O_RDWR);
    if (nothing < 0) return false;
    for (int descriptor = 0; descriptor < kFirstGiven; ++descriptor) dup2(nothing, descriptor);
    if (nothing >= kFirstGiven) ::close(nothing);
    return true;
}

void become_program(Departure& departure) noexcept {
    char* no_environment[] = {nullptr};
    execve(departure.program, departure.arguments, no_environment);
    departure.has_failed = true;
}

void leave(Departure& departure) noexcept {
    reset_signals();
    if (!leave_descriptors(departure.given) || chdir("/") != 0) {
        departure.has_failed = true;
        return;
    }
    setsid();
    if (with_our_memory(become_program, departure) < 0) departure.has_failed = true;
}

void await_child(pid_t child) noexcept {
    while (waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
    }
}

}  // namespace

bool start_detached(const std::filesystem::path& program, const std::vector<std::string>& arguments,
                    std::span<const int> given) noexcept try {
    if (adopts_orphans()) return false;
    const Parked parked(given);
    std::string name = program.filename().string();
    std::vector<std::string> words = arguments;
    std::vector<char*> argv{name.data()};
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    const std::filesystem::path place = std::filesystem::absolute(program);
    Departure departure{place.c_str(), argv.data(), parked.descriptors()};
    // None comes while another process has our memory, nor to the program that it becomes.
    const SignalsBlocked blocked;
    const pid_t child = with_our_memory(leave, departure);
    if (child < 0) return false;
    await_child(child);
    return !departure.has_failed;
} catch (const std::exception&) {
    return false;
}

int open_to_give(const std::filesystem::path& path) noexcept {
    return ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
}

void close_given(int descriptor) noexcept {
    if (descriptor >= 0) ::close(descriptor);
}

#endif

}  // namespace tracypy::io
