#include "io/detached_process.hpp"

#if !defined(_WIN32)
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
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

namespace tracypy::io {

#if defined(_WIN32)

bool start_detached(const std::filesystem::path&, const std::vector<std::string>&, std::span<const int>) noexcept {
    return false;
}

void become_detached(int, bool) noexcept {}

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

class SpawnSettings {
public:
    explicit SpawnSettings(const std::vector<int>& descriptors) {
        posix_spawn_file_actions_init(&actions_);
        posix_spawnattr_init(&attributes_);
        int number = kFirstGiven;
        for (const int descriptor : descriptors) {
            if (descriptor >= 0) {
                posix_spawn_file_actions_adddup2(&actions_, descriptor, number);
            }
            ++number;
        }
        sigset_t all;
        sigfillset(&all);
        posix_spawnattr_setsigdefault(&attributes_, &all);
        posix_spawnattr_setsigmask(&attributes_, &all);
        posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    }
    ~SpawnSettings() {
        posix_spawnattr_destroy(&attributes_);
        posix_spawn_file_actions_destroy(&actions_);
    }
    SpawnSettings(const SpawnSettings&) = delete;
    SpawnSettings& operator=(const SpawnSettings&) = delete;

    const posix_spawn_file_actions_t* actions() const noexcept { return &actions_; }
    const posix_spawnattr_t* attributes() const noexcept { return &attributes_; }

private:
    posix_spawn_file_actions_t actions_{};
    posix_spawnattr_t attributes_{};
};

bool has_left_well(pid_t child) noexcept {
    int status = 0;
    pid_t result;
    do {
        result = waitpid(child, &status, 0);
    } while (result < 0 && errno == EINTR);
    // A program that waits for no children (SIGCHLD is ignored) is not told.
    return result < 0 ? errno == ECHILD : WIFEXITED(status) && WEXITSTATUS(status) == 0;
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

}  // namespace

bool start_detached(const std::filesystem::path& program, const std::vector<std::string>& arguments,
                    std::span<const int> given) noexcept try {
    if (adopts_orphans()) return false;
    const Parked parked(given);
    const SpawnSettings settings(parked.descriptors());
    std::string name = program.filename().string();
    std::vector<std::string> words = arguments;
    std::vector<char*> argv{name.data()};
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    char* no_environment[] = {nullptr};
    pid_t child = 0;
    if (posix_spawn(&child, program.c_str(), settings.actions(), settings.attributes(), argv.data(), no_environment) !=
        0) {
        return false;
    }
    return has_left_well(child);
} catch (const std::exception&) {
    return false;
}

// Everything is left behind before the first process ends, for which the program waits: from then on nobody can find
// its pipes open.
void become_detached(int given, bool keep_stderr) noexcept {
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, nullptr);
    const int end = kFirstGiven + given;
    if (keep_stderr) dup2(STDERR_FILENO, end);
    close_from(keep_stderr ? end + 1 : end);
    const int nothing = ::open("/dev/null", O_RDWR);
    if (nothing < 0) _exit(1);
    for (int descriptor = 0; descriptor < kFirstGiven; ++descriptor) dup2(nothing, descriptor);
    if (nothing >= kFirstGiven) ::close(nothing);
    for (int descriptor = kFirstGiven; descriptor < end; ++descriptor) fcntl(descriptor, F_SETFD, FD_CLOEXEC);
    if (chdir("/") != 0) _exit(1);
    setsid();
    const pid_t child = fork();
    if (child != 0) _exit(child < 0 ? 1 : 0);
}

int open_to_give(const std::filesystem::path& path) noexcept {
    return ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
}

void close_given(int descriptor) noexcept {
    if (descriptor >= 0) ::close(descriptor);
}

#endif

}  // namespace tracypy::io
