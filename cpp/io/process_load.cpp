#include "io/process_load.hpp"

#include <cstdio>
#include <cstring>

#include "base/system_file.hpp"
#include "io/native.hpp"

#if defined(_WIN32)
#include <tlhelp32.h>
#elif defined(__APPLE__)
#include <mach/mach.h>
#endif
#if !defined(_WIN32)
#include <time.h>
#endif

namespace tracypy::io {

#if defined(_WIN32)

std::int64_t process_cpu_ns() noexcept {
    FILETIME made{}, ended{}, kernel{}, user{};
    if (!GetProcessTimes(GetCurrentProcess(), &made, &ended, &kernel, &user)) return 0;
    const auto steps = [](const FILETIME& time) {  // of 100 ns
        return static_cast<std::int64_t>(static_cast<std::uint64_t>(time.dwHighDateTime) << 32 | time.dwLowDateTime);
    };
    return (steps(kernel) + steps(user)) * 100;
}

std::uint64_t thread_count() noexcept {
    const HANDLE all = CreateToolhelp32Snapshot(TH32CS_SNAPTHREAD, 0);
    if (all == INVALID_HANDLE_VALUE) return 0;
    THREADENTRY32 entry{};
    entry.dwSize = sizeof(entry);
    std::uint64_t threads = 0;
    for (BOOL more = Thread32First(all, &entry); more; more = Thread32Next(all, &entry)) {
        if (entry.th32OwnerProcessID == GetCurrentProcessId()) ++threads;
    }
    CloseHandle(all);
    return threads;
}

#else

std::int64_t process_cpu_ns() noexcept {
    timespec time{};
    if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) != 0) return 0;
    return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

std::uint64_t thread_count() noexcept {
#if defined(__APPLE__)
    thread_act_array_t threads = nullptr;
    mach_msg_type_number_t count = 0;
    if (task_threads(mach_task_self(), &threads, &count) != KERN_SUCCESS) return 0;
    for (mach_msg_type_number_t i = 0; i < count; ++i) mach_port_deallocate(mach_task_self(), threads[i]);
    vm_deallocate(mach_task_self(), reinterpret_cast<vm_address_t>(threads), count * sizeof(*threads));
    return count;
#else
    const base::SystemFile file("/proc/self/stat");
    // The name of the program, which stands in parentheses, may have any characters. The number is the 18th behind it.
    const char* field = std::strrchr(file.text(), ')');
    for (int i = 0; i < 18 && field != nullptr; ++i) {
        field = std::strchr(field, ' ');
        if (field != nullptr) ++field;
    }
    unsigned long long threads = 0;
    return field != nullptr && std::sscanf(field, "%llu", &threads) == 1 ? threads : 0;
#endif
}

#endif

}  // namespace tracypy::io
