#include "base/asymmetric_fence.hpp"

#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace tracypy::base {

std::atomic<bool> g_fences_are_asymmetric{false};

#if defined(TRACYPY_FENCE_BY_EXCHANGE)

std::atomic<int> g_fence{0};

void prepare_fences() noexcept {}
void heavy_fence() noexcept {
    light_fence();
}

#else

namespace {

#if defined(__linux__) && defined(SYS_membarrier)
// As <linux/membarrier.h> has them, which not every system has.
constexpr int kPrivateExpedited = 1 << 3, kRegisterPrivateExpedited = 1 << 4;

bool do_membarrier(int command) noexcept {
    return syscall(SYS_membarrier, command, 0, 0) == 0;
}
bool fence_all() noexcept {
    return do_membarrier(kPrivateExpedited);
}
bool register_process() noexcept {
    return do_membarrier(kRegisterPrivateExpedited);
}
#else
bool fence_all() noexcept {
    return false;
}
bool register_process() noexcept {
    return false;
}
#endif

}  // namespace

void prepare_fences() noexcept {
    if (g_fences_are_asymmetric.load(std::memory_order_relaxed)) return;
    if (register_process() && fence_all()) g_fences_are_asymmetric.store(true, std::memory_order_relaxed);
}

// A writer may see the change to asymmetric fences before this thread does: so all are fenced wherever that works.
void heavy_fence() noexcept {
    std::atomic_thread_fence(std::memory_order_seq_cst);
    if (!fence_all() && register_process()) (void)fence_all();
}

#endif

}  // namespace tracypy::base
