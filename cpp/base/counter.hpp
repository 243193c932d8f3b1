// The counter that programs may read by one instruction, where the processor has one: on x86 the time stamp counter, on
// ARM64 the virtual one of its generic timer, on a Mac what `mach_absolute_time` counts.
#pragma once

#include <cstdint>

#if defined(__APPLE__)
#include <mach/mach_time.h>
#define TRACYPY_HAS_COUNTER 1
#elif defined(__x86_64__) || defined(_M_X64)
#if defined(_MSC_VER) && !defined(__clang__)
#include <intrin.h>
#else
#include <x86intrin.h>
#endif
#define TRACYPY_HAS_COUNTER 1
#elif defined(_M_ARM64)
#include <intrin.h>
#define TRACYPY_HAS_COUNTER 1
#elif defined(__aarch64__)
#define TRACYPY_HAS_COUNTER 1
#else
#define TRACYPY_HAS_COUNTER 0
#endif

#if TRACYPY_HAS_COUNTER
namespace tracypy::base {

inline std::int64_t read_counter() noexcept {
#if defined(__APPLE__)
    return static_cast<std::int64_t>(mach_absolute_time());  // stands still in sleep, as the system's clock does
#elif defined(__x86_64__) || defined(_M_X64)
    return static_cast<std::int64_t>(__rdtsc());
#elif defined(_M_ARM64)
    constexpr int kVirtualCount =
        (1 << 14) | (3 << 11) | (14 << 7) | 2;  // cntvct_el0: op0 3, op1 3, CRn 14, CRm 0, op2 2
    return static_cast<std::int64_t>(_ReadStatusReg(kVirtualCount));
#else
    std::int64_t count;
    __asm__ volatile("mrs %0, cntvct_el0" : "=r"(count));
    return count;
#endif
}

/// The counter may be read before a load that stands in front of it, or after one that stands behind: not across this.
inline void order_counter() noexcept {
#if defined(__APPLE__)  // mach_absolute_time does it
#elif defined(__x86_64__) || defined(_M_X64)
    _mm_lfence();
#elif defined(_M_ARM64)
    __isb(_ARM64_BARRIER_SY);
#else
    __asm__ volatile("isb" ::: "memory");
#endif
}

}  // namespace tracypy::base
#endif
