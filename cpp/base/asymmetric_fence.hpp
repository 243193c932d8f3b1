// A full memory fence that costs one side next to nothing: what one thread does often pays a compiler's fence, and what
// another one does seldom makes all processors of this process fence at once (Linux: membarrier).
//
// Both sides store to a place of their own, fence, and load the other's: at least one of them sees the other's store.
// Where the system cannot do it, both sides have a true fence.
#pragma once

#include <atomic>

#include "base/linkage.hpp"

#if defined(__SANITIZE_THREAD__)
#define TRACYPY_FENCE_BY_EXCHANGE 1  // ThreadSanitizer knows no fences
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define TRACYPY_FENCE_BY_EXCHANGE 1
#endif
#endif

namespace tracypy::base {

/// Changes once, from false to true: whoever still sees false has a true fence, which is always enough.
TRACYPY_LOCAL extern std::atomic<bool> g_fences_are_asymmetric;

#if defined(TRACYPY_FENCE_BY_EXCHANGE)
TRACYPY_LOCAL extern std::atomic<int> g_fence;
inline void light_fence() noexcept {
    g_fence.fetch_add(0, std::memory_order_seq_cst);
}
#else
inline void light_fence() noexcept {
    if (g_fences_are_asymmetric.load(std::memory_order_relaxed)) [[likely]] {
        std::atomic_signal_fence(std::memory_order_seq_cst);
    } else {
        std::atomic_thread_fence(std::memory_order_seq_cst);
    }
}
#endif

/// Makes light fences light, if the system can. May take some milliseconds, the first time only.
void prepare_fences() noexcept;
void heavy_fence() noexcept;

}  // namespace tracypy::base
