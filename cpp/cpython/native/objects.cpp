// Locks and GPU queues of native code: what lasts longer than a call, and is known by its record.
//
// One lock guards all of them. It is taken by threads inside the gate, so whoever has it waits for nothing: for room in
// the memory it has waited before.
#include <atomic>
#include <cstdint>
#include <limits>
#include <mutex>
#include <string>
#include <unordered_map>

#include "base/clock.hpp"
#include "base/names.hpp"
#include "cpython/native/api.hpp"
#include "cpython/native/publish.hpp"
#include "cpython/native/sites.hpp"
#include "cpython/native/stay.hpp"
#include "recorder/gpu_queue.hpp"
#include "recorder/lock_record.hpp"

namespace tracypy::cpython::native {
namespace {

using recorder::GpuQueue;
using recorder::GpuZone;
using recorder::LockRecord;
using recorder::ThreadBuffer;

/// A zone of a GPU whose times are not told yet.
struct PendingGpuZone {
    GpuQueue* queue;
    GpuZone zone;
};

/// `mutex` guards all.
struct Objects {
    std::mutex mutex;
    std::unordered_map<std::uint64_t, PendingGpuZone> gpu_zones;  // whose addresses stay
    std::uint64_t gpu_session = 0;                                // whose zones these are
    std::uint64_t last_gpu_zone = 0;
};

Objects& objects() noexcept {
    static auto* const instance = new Objects;  // never destroyed: threads may still run while the process exits
    return *instance;
}

/// Does `work(buffer)` with the mutex. What it cannot do without memory is left out.
template <typename Work>
void with_objects(const Work& work) noexcept {
    const Stay stay;
    if (!stay || !stay->await_room()) return;
    const std::lock_guard lock(objects().mutex);
    const ThreadBuffer::Impatience impatience(*stay);
    try {
        work(*stay);
    } catch (...) {
        process_recorder().policy().count(recorder::Lost::Event);
    }
}

// --- locks ---

constexpr std::uint64_t kLeftOut = 1;  // as a record: there was no room for one more

LockRecord* record_of(tracypy_lock& lock) {
    const std::atomic_ref<std::uint64_t> record(lock.record);
    std::uint64_t known = record.load(std::memory_order_relaxed);
    if (known == 0) {
        // Viewers show a lock by the function of its location.
        const tracypy_location& place = *lock.location;
        const char* const name = place.name != nullptr ? place.name : place.function;
        const base::SourceLocationId location =
            base::names().locate({.function = text_of(name), .file = text_of(place.file), .line = place.line});
        LockRecord* const made = process_recorder().locks().take(location, lock.is_shared != 0, base::now_ticks());
        known = made != nullptr ? reinterpret_cast<std::uint64_t>(made) : kLeftOut;
        record.store(known, std::memory_order_relaxed);
    }
    return known == kLeftOut ? nullptr : reinterpret_cast<LockRecord*>(known);
}

void give_back(tracypy_lock& lock) noexcept {
    const std::lock_guard guard(objects().mutex);
    const std::uint64_t record = std::atomic_ref(lock.record).exchange(0, std::memory_order_relaxed);
    if (record > kLeftOut) process_recorder().locks().give_back(reinterpret_cast<LockRecord*>(record));
}

// The protocol has no word for it: without this one would read that the thread waits for good.
void tell_given_up(ThreadBuffer& buffer, const tracypy_lock& lock) {
    const tracypy_location& place = *lock.location;
    const std::string text =
        "gave up waiting for the lock: " + std::string(text_of(place.name != nullptr ? place.name : place.function));
    buffer.write_moment(events::Message{.text = text, .severity = events::Severity::Warning});
}

// Where this is told after the lock was let go of, as by Tracy's macros, another thread may have it already: then that
// thread's obtain has been the end of this one's time.
void release(LockRecord& record, ThreadBuffer& buffer, bool is_shared) {
    if (is_shared || record.holder() == buffer.id()) record.release(buffer);
}

void lock_step(tracypy_lock* lock, std::uint32_t step) noexcept {
    if (step == TRACYPY_PRIVATE_LOCK_DESTROY) return give_back(*lock);
    with_objects([&](ThreadBuffer& buffer) {
        LockRecord* const record = record_of(*lock);
        if (record == nullptr) return;
        switch (step) {
            case TRACYPY_PRIVATE_LOCK_WAIT:
                return record->wait(buffer);
            case TRACYPY_PRIVATE_LOCK_OBTAIN:
                return record->obtain(buffer);
            case TRACYPY_PRIVATE_LOCK_RELEASE:
                return release(*record, buffer, lock->is_shared != 0);
            case TRACYPY_PRIVATE_LOCK_GIVE_UP:
                return tell_given_up(buffer, *lock);
            default:
                return;  // of a newer header
        }
    });
}

// --- GPUs ---

/// So that whatever is added to it stays a number.
constexpr std::int64_t kMostNs = std::numeric_limits<std::int64_t>::max() / 4;

bool is_time(std::int64_t ns) noexcept {
    return ns >= -kMostNs && ns <= kMostNs;
}

/// Made when it is first needed; null: there is no room for it. With the mutex.
GpuQueue* queue_of(tracypy_gpu_context& context, std::int64_t now_ns) {
    const std::atomic_ref<std::uint64_t> record(context.record);
    std::uint64_t known = record.load(std::memory_order_relaxed);
    if (known == 0) {
        const auto kind = static_cast<events::GpuKind>(
            context.kind <= static_cast<std::uint32_t>(events::kLast<events::GpuKind>) ? context.kind : 0);
        const base::StringId name = base::names().strings.intern_if_room(text_of(context.name));
        GpuQueue* made = nullptr;
        if (name != base::StringId::None) {
            made = process_recorder().gpus().make(kind, name, now_ns, recorder::GpuQueues::Owner::Native);
        }
        known = made != nullptr ? reinterpret_cast<std::uint64_t>(made) : kLeftOut;
        record.store(known, std::memory_order_relaxed);
    }
    return known == kLeftOut ? nullptr : reinterpret_cast<GpuQueue*>(known);
}

void gpu_sync(tracypy_gpu_context* context, std::int64_t now_ns) noexcept try {
    if (!is_time(now_ns)) return;
    const std::lock_guard lock(objects().mutex);
    if (const GpuQueue* const queue = queue_of(*context, now_ns)) process_recorder().gpus().sync(*queue, now_ns);
} catch (...) {
    // Out of memory: it is made later.
}

/// Forgets what is left of other sessions: nobody will read their times.
void look_up_session() noexcept {
    const std::uint64_t session = process_recorder().session();
    if (objects().gpu_session == session) return;
    objects().gpu_session = session;
    objects().gpu_zones.clear();
}

std::uint64_t gpu_zone_begin(tracypy_gpu_context* context, tracypy_location* location) noexcept {
    if (process_recorder().epoch() == 0) return 0;
    const Site site = site_of(*location);
    std::uint64_t key = 0;
    with_objects([&](ThreadBuffer& buffer) {
        look_up_session();
        GpuQueue* const queue = queue_of(*context, base::monotonic_ns());
        if (queue == nullptr) return process_recorder().policy().count(recorder::Lost::GpuZone);
        const std::uint64_t number = ++objects().last_gpu_zone;
        PendingGpuZone& pending = objects().gpu_zones[number];
        pending.queue = queue;
        queue->begin(buffer, site.location, pending.zone);
        if (pending.zone.session != 0) {
            key = number;
        } else {
            objects().gpu_zones.erase(number);
        }
    });
    return key;
}

/// Does `work(buffer, zone)` with the zone of that number, if there is such a one; it is over if that says so.
template <typename Work>
void with_gpu_zone(std::uint64_t number, const Work& work) noexcept {
    with_objects([&](ThreadBuffer& buffer) {
        look_up_session();
        const auto found = objects().gpu_zones.find(number);
        if (found != objects().gpu_zones.end() && work(buffer, found->second)) objects().gpu_zones.erase(found);
    });
}

void gpu_zone_end(std::uint64_t zone) noexcept {
    with_gpu_zone(zone, [](ThreadBuffer& buffer, PendingGpuZone& pending) {
        pending.queue->end(buffer, pending.zone);
        return pending.zone.session == 0;
    });
}

void gpu_zone_times(std::uint64_t zone, std::int64_t begin_ns, std::int64_t end_ns) noexcept {
    if (!is_time(begin_ns) || !is_time(end_ns)) return;
    with_gpu_zone(zone, [=](ThreadBuffer& buffer, PendingGpuZone& pending) {
        recorder::GpuQueues& gpus = process_recorder().gpus();
        pending.queue->end(buffer, pending.zone);  // if nobody has
        pending.queue->set_times(buffer, pending.zone, gpus.tick_of(*pending.queue, begin_ns),
                                 gpus.tick_of(*pending.queue, end_ns));
        return true;
    });
}

}  // namespace

void add_objects(tracypy_private_api& table) noexcept {
    table.lock_step = lock_step;
    table.gpu_sync = gpu_sync;
    table.gpu_zone_begin = gpu_zone_begin;
    table.gpu_zone_end = gpu_zone_end;
    table.gpu_zone_times = gpu_zone_times;
}

void lock_for_fork() noexcept {
    objects().mutex.lock();
    lock_sites();
}

void unlock_after_fork() noexcept {
    unlock_sites();
    objects().mutex.unlock();
}

}  // namespace tracypy::cpython::native
