#include "io/process.hpp"

#include <algorithm>
#include <iterator>
#include <new>

#include "base/system_file.hpp"
#include "io/native.hpp"

#if !defined(_WIN32)
#include <pthread.h>
#include <signal.h>
#include <unistd.h>
#endif
#if defined(__linux__)
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>

#include <cstdio>
#include <cstring>
#endif

namespace tracypy::io {

#if defined(_WIN32)

struct SignalsBlocked::Mask {};

SignalsBlocked::SignalsBlocked() noexcept = default;
SignalsBlocked::~SignalsBlocked() = default;

std::uint64_t process_id() noexcept {
    return GetCurrentProcessId();
}

bool would_end_by(int) noexcept {
    return false;
}

void note_interrupts() noexcept {}

bool was_interrupted() noexcept {
    return false;
}

// Since Windows 10; Python runs on older ones, too.
void name_this_thread(const char* name) noexcept {
    using SetDescription = HRESULT(WINAPI*)(HANDLE, PCWSTR);
    const HMODULE kernel = GetModuleHandleW(L"kernelbase.dll");
    if (kernel == nullptr) return;
    const auto set_description =
        reinterpret_cast<SetDescription>(reinterpret_cast<void (*)()>(GetProcAddress(kernel, "SetThreadDescription")));
    if (set_description == nullptr) return;
    wchar_t wide[64] = {};
    for (std::size_t i = 0; i + 1 < std::size(wide) && name[i] != 0; ++i) wide[i] = static_cast<unsigned char>(name[i]);
    set_description(GetCurrentThread(), wide);
}

#else

namespace {
volatile sig_atomic_t g_was_interrupted = 0;
}

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

bool would_end_by(int signal) noexcept {
    constexpr int kAskingForTheEnd[] = {SIGTERM, SIGHUP, SIGQUIT, SIGINT, SIGUSR1, SIGUSR2, SIGALRM, SIGPIPE};
    if (std::find(std::begin(kAskingForTheEnd), std::end(kAskingForTheEnd), signal) == std::end(kAskingForTheEnd)) {
        return false;
    }
    struct sigaction action{};
    sigset_t blocked;
    if (sigaction(signal, nullptr, &action) != 0 || pthread_sigmask(SIG_SETMASK, nullptr, &blocked) != 0) return false;
    // The first process of a container ignores what it has no handler for.
    return action.sa_handler == SIG_DFL && sigismember(&blocked, signal) == 0 && getpid() != 1;
}

void note_interrupts() noexcept {
    struct sigaction action{};
    if (sigaction(SIGINT, nullptr, &action) != 0 || action.sa_handler != SIG_DFL) return;
    action.sa_handler = [](int) { g_was_interrupted = 1; };
    action.sa_flags = SA_RESTART;
    sigaction(SIGINT, &action, nullptr);
}

bool was_interrupted() noexcept {
    return g_was_interrupted != 0;
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

#if defined(__linux__)

void lower_priority_of_this_thread() noexcept {
    constexpr int kNiceness = 10;
    setpriority(PRIO_PROCESS, static_cast<id_t>(thread_number()), kNiceness);
}

std::uint64_t thread_number() noexcept {
    return static_cast<std::uint64_t>(syscall(SYS_gettid));
}

void wait_until_reaped(std::uint64_t number) noexcept {
    char path[64];
    std::snprintf(path, sizeof(path), "/proc/self/task/%llu", static_cast<unsigned long long>(number));
    constexpr timespec kNap{0, 100'000};
    for (int naps = 0; naps < 10'000 && access(path, F_OK) == 0; ++naps) nanosleep(&kNap, nullptr);
}

#else

void lower_priority_of_this_thread() noexcept {}

std::uint64_t thread_number() noexcept {
    return 0;
}

void wait_until_reaped(std::uint64_t) noexcept {}

#endif

#if defined(__linux__)

// "PID (NAME) STATE PARENT ...": the name may hold anything.
bool descends_from(std::uint64_t process, std::uint64_t ancestor) noexcept {
    constexpr int kMostGenerations = 64;
    for (int i = 0; i < kMostGenerations && process > 1; ++i) {
        if (process == ancestor) return true;
        char path[64];
        std::snprintf(path, sizeof(path), "/proc/%llu/stat", static_cast<unsigned long long>(process));
        const base::SystemFile file(path);
        const char* const name_end = std::strrchr(file.text(), ')');
        unsigned long long parent = 0;
        if (name_end == nullptr || std::sscanf(name_end + 1, " %*c %llu", &parent) != 1) return false;
        process = parent;
    }
    return false;
}

#else

bool descends_from(std::uint64_t process, std::uint64_t ancestor) noexcept {
    return process == ancestor;
}

#endif

}  // namespace tracypy::io
