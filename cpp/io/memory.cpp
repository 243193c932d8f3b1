#include "io/memory.hpp"

#include <cstdio>

#include "base/system_file.hpp"
#include "io/native.hpp"

#if defined(_WIN32)
#define PSAPI_VERSION 2  // in kernel32
#include <psapi.h>
#else
#include <sys/resource.h>
#endif
#if defined(__APPLE__)
#include <mach/mach.h>
#include <sys/sysctl.h>
#endif

namespace tracypy::io {

#if defined(_WIN32)

std::uint64_t resident_bytes() noexcept {
    PROCESS_MEMORY_COUNTERS counters{};
    return GetProcessMemoryInfo(GetCurrentProcess(), &counters, sizeof(counters)) ? counters.WorkingSetSize : 0;
}

std::uint64_t machine_bytes() noexcept {
    MEMORYSTATUSEX status{};
    status.dwLength = sizeof(status);
    return GlobalMemoryStatusEx(&status) ? status.ullTotalPhys : 0;
}

#else

std::uint64_t resident_bytes() noexcept {
#if defined(__linux__)
    unsigned long long size = 0, resident = 0;
    if (std::sscanf(base::SystemFile("/proc/self/statm").text(), "%llu %llu", &size, &resident) == 2) {
        return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
    }
#elif defined(__APPLE__)
    mach_task_basic_info info{};
    mach_msg_type_number_t size = MACH_TASK_BASIC_INFO_COUNT;
    const auto target = reinterpret_cast<task_info_t>(&info);
    if (task_info(mach_task_self(), MACH_TASK_BASIC_INFO, target, &size) == KERN_SUCCESS) return info.resident_size;
#endif
    rusage usage{};
    if (getrusage(RUSAGE_SELF, &usage) != 0) return 0;
#if defined(__APPLE__)
    return static_cast<std::uint64_t>(usage.ru_maxrss);
#else
    return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
#endif
}

std::uint64_t machine_bytes() noexcept {
#if defined(__APPLE__)
    std::uint64_t bytes = 0;
    std::size_t size = sizeof(bytes);
    return sysctlbyname("hw.memsize", &bytes, &size, nullptr, 0) == 0 ? bytes : 0;
#else
    const long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
    return pages > 0 && page > 0 ? static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(page) : 0;
#endif
}

#endif

}  // namespace tracypy::io
