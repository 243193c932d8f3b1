#include "cpython/memory_hooks.hpp"

#include <array>
#include <atomic>
#include <limits>
#include <optional>

#include "base/log.hpp"
#include "base/names.hpp"
#include "cpython/callstacks.hpp"
#include "cpython/thread_state.hpp"
#include "cpython/tracked_blocks.hpp"
#include "events/vocabulary.hpp"

namespace tracypy::cpython {
namespace {

using events::MemoryAction;

constexpr std::size_t kDomains = 3;
constexpr std::array<PyMemAllocatorDomain, kDomains> kApiDomains{PYMEM_DOMAIN_RAW, PYMEM_DOMAIN_MEM, PYMEM_DOMAIN_OBJ};
constexpr std::array<const char*, kDomains> kPools{"raw", "mem", "object"};
constexpr std::array<const char*, kDomains> kSampledPools{"raw (sampled)", "mem (sampled)", "object (sampled)"};

/// Ours in front, what was there before behind it. Its `ctx` is that of the other, so that a thread which does not hold
/// the GIL may find the one's function with the other's `ctx` while they are exchanged.
struct Domain {
    PyMemAllocatorEx behind;
    bool is_set = false;  // by us, and not taken out
    std::atomic<std::uint32_t> pool{0};
};
constinit std::array<Domain, kDomains> g_domains{};

union Tracked {
    TrackedBlocks blocks;
    constexpr Tracked() : blocks() {}
    ~Tracked() {}  // threads may allocate to the very end
};
constinit Tracked g_tracked;

constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();
std::atomic<std::uint64_t> g_interval{kNoMemory};
std::atomic<unsigned> g_callstack_frames{0};
/// Bytes until the next block is looked at. All threads count it down; a count that gets lost does no harm.
std::atomic<std::int64_t> g_until{kNever};

enum class Place : std::uint8_t { Outside, Inside, Probing, Seen };
TRACYPY_NEAR_TLS
thread_local constinit Place t_place = Place::Outside;
std::size_t g_probed = 0;  // the domain that is probed; guarded by the GIL

/// What runs inside asks for no memory of its own.
class Inside {
public:
    Inside() noexcept : before_(t_place) { t_place = Place::Inside; }
    ~Inside() { t_place = before_; }
    Inside(const Inside&) = delete;
    Inside& operator=(const Inside&) = delete;

private:
    Place before_;
};

// --- writing it down ---

// The thread may hold no GIL, and may not be Python's at all.
base::ThreadId row_of_this_thread() noexcept {
    struct Known {
        std::uint64_t session = 0;
        base::ThreadId row = base::ThreadId::None;
    };
    static thread_local constinit Known known;
    if (t_buffer->id() != base::ThreadId::None) return t_buffer->id();
    const std::uint64_t session = process_recorder().epoch();
    if (known.session != session || known.row == base::ThreadId::None) {
        known = {session, process_recorder().try_row_of(PyThread_get_thread_native_id())};
    }
    return known.row != base::ThreadId::None ? known.row : base::kNoticeThread;
}

bool try_write(events::MemoryStep& step) noexcept {
    recorder::ThreadBuffer* const buffer = t_buffer;
    if (is_ready(buffer) && holds_main_interpreter()) {
        step.thread = buffer->id();
        return buffer->try_write_shared(step);
    }
    step.thread = row_of_this_thread();
    return process_recorder().try_write_shared(step);
}

void write(std::size_t domain, MemoryAction action, const void* block, std::size_t size) noexcept {
    constexpr int kMostTries = 100;
    recorder::Recorder& recorder = process_recorder();
    events::MemoryStep step{.pool = static_cast<base::StringId>(g_domains[domain].pool.load(std::memory_order_relaxed)),
                            .action = action,
                            .address = reinterpret_cast<std::uintptr_t>(block),
                            .size = size,
                            .callstack = callstack_in_allocator(g_callstack_frames.load(std::memory_order_relaxed))};
    for (int tries = 0; recorder.epoch() != 0; ++tries) {
        if (try_write(step)) return;
        if (tries < kMostTries && recorder.policy().wait_in_place()) continue;
        return recorder.policy().count(recorder::Lost::Event);
    }
}

// --- which blocks ---

// Around the interval, so that no pattern of the program's falls in with it.
std::int64_t next_interval(std::uint64_t interval) noexcept {
    static thread_local constinit std::uint64_t random = 0x2545'F491'4F6C'DD1D;
    random = random * 6364136223846793005u + 1442695040888963407u;
    return static_cast<std::int64_t>(1 + (random >> 20) % (2 * interval));
}

bool is_recorded(std::size_t size) noexcept {
    const std::uint64_t interval = g_interval.load(std::memory_order_relaxed);
    if (interval <= kAllMemory) return interval == kAllMemory;
    const std::int64_t left = g_until.load(std::memory_order_relaxed) - static_cast<std::int64_t>(size);
    g_until.store(left > 0 ? left : next_interval(interval), std::memory_order_relaxed);
    return left <= 0;
}

void note_allocation(std::size_t domain, const void* block, std::size_t size) noexcept {
    const bool is_sampled = g_interval.load(std::memory_order_relaxed) > kAllMemory;
    if (is_sampled && !g_tracked.blocks.add(block, domain)) {
        return process_recorder().policy().count(recorder::Lost::Event);
    }
    write(domain, MemoryAction::Allocate, block, size);
}

/// Its domain, if its allocation was recorded as far as can be told.
std::optional<std::size_t> forget(std::size_t domain, const void* block) noexcept {
    const std::uint64_t interval = g_interval.load(std::memory_order_relaxed);
    if (interval == kNoMemory || block == nullptr) return std::nullopt;
    return interval == kAllMemory ? domain : g_tracked.blocks.remove(block);
}

// --- the hooks ---

/// A larger block is no small matter anyway, and may ask another domain for its memory.
constexpr std::size_t kSmall = 512;

/// Hot: true for nearly all while blocks are sampled, or none are recorded.
bool passes(std::size_t size) noexcept {
    const std::int64_t left = g_until.load(std::memory_order_relaxed) - static_cast<std::int64_t>(size);
    if (left <= 0 || size > kSmall) [[unlikely]] {
        return false;
    }
    g_until.store(left, std::memory_order_relaxed);
    return true;
}

/// False: the call is another one's, or somebody only looks whether it comes here.
bool counts(std::size_t domain) noexcept {
    if (t_place == Place::Probing && domain == g_probed) t_place = Place::Seen;
    return t_place == Place::Outside;
}

template <typename Allocate>
void* allocate_slow(std::size_t domain, std::size_t size, const Allocate& allocate) noexcept {
    if (!counts(domain)) return allocate();
    void* block = nullptr;
    {
        const Inside inside;
        block = allocate();
    }
    if (block != nullptr && is_recorded(size)) note_allocation(domain, block, size);
    return block;
}

void free_slow(std::size_t domain, void* ctx, void* block) noexcept {
    const PyMemAllocatorEx& behind = g_domains[domain].behind;
    if (!counts(domain)) return behind.free(ctx, block);
    if (const auto known = forget(domain, block)) write(*known, MemoryAction::Free, block, 0);
    const Inside inside;
    behind.free(ctx, block);
}

// Nobody else can get the block's memory before its end is written: where the GIL is held that can wait until it is
// sure that the block ends. In the raw domain it cannot; if the memory cannot be had there, the block ends too early.
void* reallocate_slow(std::size_t domain, void* ctx, void* block, std::size_t size) noexcept {
    const PyMemAllocatorEx& behind = g_domains[domain].behind;
    if (!counts(domain)) return behind.realloc(ctx, block, size);
    const auto known = forget(domain, block);
    const bool is_raw = domain == 0;
    if (known && is_raw) write(*known, MemoryAction::Free, block, 0);
    void* moved = nullptr;
    {
        const Inside inside;
        moved = behind.realloc(ctx, block, size);
    }
    if (moved == nullptr) {
        if (known && is_raw) process_recorder().policy().count(recorder::Lost::Event);
        if (known && !is_raw && g_interval.load(std::memory_order_relaxed) > kAllMemory) {
            (void)g_tracked.blocks.add(block, *known);
        }
        return nullptr;
    }
    if (known && !is_raw) write(*known, MemoryAction::Free, block, 0);
    if (known || is_recorded(size)) note_allocation(domain, moved, size);
    return moved;
}

template <std::size_t kDomain>
struct Hooks {
    static void* malloc(void* ctx, std::size_t size) noexcept {
        const PyMemAllocatorEx& behind = g_domains[kDomain].behind;
        if (passes(size)) [[likely]] {
            return behind.malloc(ctx, size);
        }
        return allocate_slow(kDomain, size, [&] { return behind.malloc(ctx, size); });
    }
    static void* calloc(void* ctx, std::size_t count, std::size_t each) noexcept {
        const PyMemAllocatorEx& behind = g_domains[kDomain].behind;
        if (passes(count * each)) [[likely]] {
            return behind.calloc(ctx, count, each);
        }
        return allocate_slow(kDomain, count * each, [&] { return behind.calloc(ctx, count, each); });
    }
    static void* realloc(void* ctx, void* block, std::size_t size) noexcept {
        if (!g_tracked.blocks.may_have(block) && passes(size)) [[likely]] {
            return g_domains[kDomain].behind.realloc(ctx, block, size);
        }
        return reallocate_slow(kDomain, ctx, block, size);
    }
    static void free(void* ctx, void* block) noexcept {
        if (!g_tracked.blocks.may_have(block)) [[likely]] {
            return g_domains[kDomain].behind.free(ctx, block);
        }
        free_slow(kDomain, ctx, block);
    }
    static PyMemAllocatorEx in_front_of(const PyMemAllocatorEx& behind) noexcept {
        return {behind.ctx, malloc, calloc, realloc, free};
    }
};

PyMemAllocatorEx ours_in_front_of(std::size_t domain, const PyMemAllocatorEx& behind) noexcept {
    return domain == 0   ? Hooks<0>::in_front_of(behind)
           : domain == 1 ? Hooks<1>::in_front_of(behind)
                         : Hooks<2>::in_front_of(behind);
}

// --- setting them, with the GIL ---

PyMemAllocatorEx foremost(std::size_t domain) noexcept {
    PyMemAllocatorEx found;
    PyMem_GetAllocator(kApiDomains[domain], &found);
    return found;
}

bool is_ours(std::size_t domain, const PyMemAllocatorEx& allocator) noexcept {
    return allocator.malloc == ours_in_front_of(domain, allocator).malloc;
}

void ask_for_memory(std::size_t domain) noexcept {
    switch (kApiDomains[domain]) {
        case PYMEM_DOMAIN_RAW:
            return PyMem_RawFree(PyMem_RawMalloc(1));
        case PYMEM_DOMAIN_MEM:
            return PyMem_Free(PyMem_Malloc(1));
        case PYMEM_DOMAIN_OBJ:
            return PyObject_Free(PyObject_Malloc(1));
    }
}

/// Whether allocations come by here: other tools put themselves in front, and what they put back may be older than
/// ours.
bool is_in_the_way(std::size_t domain) noexcept {
    if (is_ours(domain, foremost(domain))) return true;
    if (!g_domains[domain].is_set) return false;
    const std::int64_t until = g_until.exchange(0, std::memory_order_relaxed);
    g_probed = domain;
    t_place = Place::Probing;
    ask_for_memory(domain);
    const bool is_seen = t_place == Place::Seen;
    t_place = Place::Outside;
    g_until.store(until, std::memory_order_relaxed);
    return is_seen;
}

void put_in_front(std::size_t domain) noexcept {
    if (is_in_the_way(domain)) return;
    g_domains[domain].behind = foremost(domain);
    PyMemAllocatorEx ours = ours_in_front_of(domain, g_domains[domain].behind);
    g_domains[domain].is_set = true;
    PyMem_SetAllocator(kApiDomains[domain], &ours);
}

void take_out(std::size_t domain) noexcept {
    if (!g_domains[domain].is_set || !is_ours(domain, foremost(domain))) return;
    g_domains[domain].is_set = false;
    PyMem_SetAllocator(kApiDomains[domain], &g_domains[domain].behind);
}

void record_none() noexcept {
    g_interval.store(kNoMemory, std::memory_order_relaxed);
    g_until.store(kNever, std::memory_order_relaxed);
    g_tracked.blocks.clear();
}

void record(std::uint64_t interval) {
    const bool is_sampled = interval > kAllMemory;
    for (std::size_t i = 0; i < kDomains; ++i) {
        const base::StringId pool = base::names().memory_pools.intern(is_sampled ? kSampledPools[i] : kPools[i]);
        g_domains[i].pool.store(static_cast<std::uint32_t>(pool), std::memory_order_relaxed);
        put_in_front(i);
    }
    g_interval.store(interval, std::memory_order_relaxed);
    g_tracked.blocks.claim_all(!is_sampled);
    g_until.store(is_sampled ? next_interval(interval) : 0, std::memory_order_relaxed);
}

void warn_of_other_tools() noexcept {
    for (std::size_t i = 0; i < kDomains; ++i) {
        if (!g_domains[i].is_set || is_in_the_way(i)) continue;
        return base::log(base::LogLevel::Warning,
                         "another tool has put allocators in place of ours while memory was recorded: what was freed "
                         "since then is shown as if it were still in use");
    }
}

}  // namespace

void set_memory_hooks(std::uint64_t interval) noexcept {
    if (!kHasMemoryHooks || g_interval.load(std::memory_order_relaxed) == interval) return;
    try {
        if (g_interval.load(std::memory_order_relaxed) != kNoMemory) warn_of_other_tools();
        record_none();
        if (interval != kNoMemory) return record(interval);
    } catch (...) {
        base::log(base::LogLevel::Warning, "the system had no memory to record memory");
    }
    for (std::size_t i = 0; i < kDomains; ++i) take_out(i);
}

void set_memory_callstacks(unsigned frames) noexcept {
    g_callstack_frames.store(frames, std::memory_order_relaxed);
}

void reset_memory_hooks_after_fork() noexcept {
    if (!kHasMemoryHooks) return;
    g_tracked.blocks.renew();
    record_none();
    for (std::size_t i = 0; i < kDomains; ++i) take_out(i);
}

}  // namespace tracypy::cpython
