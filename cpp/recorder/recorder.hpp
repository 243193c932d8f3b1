// The recorder: every thread's buffer, the memory cap, and the drain.
//
// Its job: take begin and end of zones from handlers at the lowest cost, keep them valid and bounded, and hand them
// to a sink in batches. It knows opaque ids only: no Python, no wire.
//
// Threading contract
//   writers    each thread writes its own ThreadBuffer, and only while its epoch equals Recorder::epoch()
//   control    start/stop/advance/for_each run "with the world stopped": no writer is inside a handler. The caller
//              sees to that: it holds the GIL, or on free-threaded builds has stopped all threads
//   the drain  one background thread
//   registry_mutex_ guards the list of buffers; it is never held while waiting for anything
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "events/event_sink.hpp"
#include "recorder/auto_throttle.hpp"
#include "recorder/chunk.hpp"
#include "recorder/serial_lane.hpp"
#include "recorder/thread_buffer.hpp"
#include "recorder/zone_rows.hpp"

namespace tracypy::recorder {

/// What a writer does when the memory cap is reached because the sink is slower than the program.
enum class FullPolicy : std::uint8_t {
    Wait,  // until there is room; skips when the sink makes no progress at all for kStallSeconds
    Skip,  // leave out whole calls until there is room
};

class Recorder {
public:
    static constexpr double kStallSeconds = 2.0;
    /// A viewer holds about 65,000 threads. So many have rows of their own; what comes later shares the others: a row
    /// serves one thread at a time, for the sake of nesting, and says by its name how many it has served.
    static constexpr std::size_t kMaxOwnRows = 50'000;

    Recorder();

    /// 0: nobody listens. Changes whenever a writer must look up from its work. Hot: one relaxed load per event;
    /// the order that matters is made by stopping the world.
    static std::uint64_t epoch() noexcept { return epoch_.load(std::memory_order_relaxed); }

    // --- control, with the world stopped ---
    void start() noexcept;    // a new session: old events are forgotten
    void advance() noexcept;  // same session, new epoch: writers that wait or are elsewhere look up
    void finish() noexcept;   // what waits to be written is, so that nothing is lost when the session stops
    void stop() noexcept;     // nothing more is recorded; what there is can still be drained
    /// Zones deeper than this on their thread are not recorded.
    void set_max_depth(std::size_t depth) noexcept;
    void for_each(const std::function<void(ThreadBuffer&)>& visit);

    // --- threads ---
    /// The buffer of the system's thread `native_id`; made when there is none. `claim`: the caller is that thread.
    ThreadBuffer* find_or_create(std::uint64_t native_id, bool claim) noexcept;
    /// Called by a thread that ends: closes its zones, lets the drain free the buffer when it is read.
    void thread_exits(ThreadBuffer& buffer) noexcept;

    // --- zones by hand ---
    ZoneRows& rows() noexcept { return rows_; }
    /// A buffer that belongs to no thread; null without memory.
    ThreadBuffer* add_row() noexcept;
    /// Says something to a buffer of another thread, which may be gone; see ThreadBuffer::post.
    void post(const ThreadBuffer* to, ZoneKey key, bool is_end, base::Ticks tick, Remarks&& remarks) noexcept;
    /// Whether the call `key` can wait while other code runs on its thread. Set once.
    void set_is_coroutine(bool (*callback)(ZoneKey)) noexcept { is_coroutine_ = callback; }
    bool is_coroutine(ZoneKey key) const noexcept { return is_coroutine_ != nullptr && is_coroutine_(key); }

    // --- the drain ---
    std::size_t drain(events::EventSink& sink, std::size_t max_words);

    // --- memory ---
    ChunkPool& pool() noexcept { return pool_; }
    void set_policy(FullPolicy policy) noexcept { policy_.store(policy, std::memory_order_relaxed); }
    /// Waits, in `blocking` (see below), until there is room. False when there is no point in waiting (any more).
    bool wait_for_room() noexcept;
    /// How often somebody tries at most: another thread may be faster and take the room that one waited for. After so
    /// many times there is no memory at all.
    static constexpr int kMostTries = 1000;
    /// Runs `wait(recorder)` while the interpreter can go on: set once by the layer that knows how to let go of it.
    using Blocking = void (*)(void (*wait)(Recorder&), Recorder&);
    void set_blocking(Blocking blocking) noexcept { blocking_ = blocking; }
    /// Runs `work(argument)` with the world stopped; for a thread that is inside a handler. Set once, likewise.
    using StopWorld = void (*)(void (*work)(void*), void* argument) noexcept;
    void set_stop_world(StopWorld stop_world) noexcept { stop_world_ = stop_world; }
    void count_dropped(std::uint64_t zones) noexcept { dropped_.fetch_add(zones, std::memory_order_relaxed); }
    /// A zone on a thread whose stack of open zones cannot grow any more.
    void count_too_deep() noexcept { too_deep_.fetch_add(1, std::memory_order_relaxed); }
    void count_dropped_markup() noexcept { dropped_markup_.fetch_add(1, std::memory_order_relaxed); }
    std::uint64_t dropped() const noexcept {
        return dropped_.load(std::memory_order_relaxed) + too_deep_.load(std::memory_order_relaxed);
    }

    // --- auto_throttle ---
    AutoThrottle& auto_throttle() noexcept { return auto_throttle_; }
    /// Called by the drain when a function is left out from now on: the handlers must judge again. Set once.
    void set_on_left_out(void (*callback)()) noexcept { on_left_out_ = callback; }

    // --- frame marks, from any thread ---
    /// Inert while nobody listens, but for the count of default frames, from which a viewer numbers its own.
    void frame_mark(events::FrameMark::Kind kind, base::StringId name) noexcept;
    std::uint64_t frames_so_far() const noexcept { return frames_.load(std::memory_order_relaxed); }

    // --- fork ---
    /// Around the fork, so that no lock is held by a thread that the child does not have.
    void lock_for_fork();
    void unlock_after_fork();
    /// In the child: every buffer is the parent's, also the calling thread's, whose pointer the caller clears.
    void forget_threads() noexcept;

private:
    struct Row {
        base::ThreadId id;
        bool is_own;
    };
    Row new_row(std::uint64_t native_id);
    base::ThreadId shared_row();
    void keep_row(const ThreadBuffer& buffer);
    void forget_rows() noexcept;
    void remove_finished();
    void poke_writers(std::int64_t now_ns) noexcept;
    void tell_dropped(events::EventSink& sink);
    void tell_shared_rows(events::EventSink& sink);
    std::string why_full() const;
    void tell(events::EventSink& sink, bool& logged, const std::string& text);
    void make_room() noexcept;
    void throttle(events::EventSink& sink);
    static void wait_until_room(Recorder& self);

    static inline std::atomic<std::uint64_t> epoch_{0};
    std::uint64_t last_epoch_ = 0;

    std::mutex registry_mutex_;
    std::vector<std::unique_ptr<ThreadBuffer>> buffers_;             // registry_mutex_
    std::unordered_map<std::uint64_t, ThreadBuffer*> by_native_id_;  // registry_mutex_
    std::unordered_set<std::uint32_t> identities_;                   // registry_mutex_: ever used in this session
    std::unordered_map<base::ThreadId, std::uint64_t> shared_rows_;  // registry_mutex_: and how many threads they had
    std::vector<base::ThreadId> free_shared_rows_;                   // registry_mutex_
    std::size_t max_depth_ = static_cast<std::size_t>(-1);           // registry_mutex_
    std::uint32_t next_synthetic_ = 0x8000'0000u;                    // registry_mutex_

    ChunkPool pool_;
    SerialLane serial_{pool_};
    ZoneRows rows_;
    bool (*is_coroutine_)(ZoneKey) = nullptr;
    std::atomic<std::uint64_t> frames_{0};
    std::atomic<FullPolicy> policy_{FullPolicy::Wait};
    Blocking blocking_ = nullptr;
    StopWorld stop_world_ = nullptr;
    std::atomic<std::int64_t> made_room_ns_{0};
    std::mutex room_mutex_;
    std::condition_variable room_;     // signalled by the drain after it freed memory
    std::uint64_t drained_words_ = 0;  // room_mutex_: how a waiting writer sees progress
    std::atomic<int> waiting_{0};
    std::atomic<bool> stalled_{false};  // the sink made no progress for kStallSeconds: do not wait again
    std::atomic<std::uint64_t> dropped_{0};
    std::atomic<std::uint64_t> dropped_markup_{0};
    std::atomic<std::uint64_t> too_deep_{0};
    std::uint64_t told_dropped_ = 0;
    std::uint64_t told_markup_ = 0;
    std::uint64_t told_marks_ = 0;
    std::uint64_t told_too_deep_ = 0;
    bool logged_dropped_ = false;
    bool logged_too_deep_ = false;
    std::atomic<bool> shares_rows_{false};
    bool told_shared_rows_ = false;
    bool logged_shared_rows_ = false;
    AutoThrottle auto_throttle_;
    bool told_left_out_ = false;
    void (*on_left_out_)() = nullptr;

    static constexpr std::int64_t kPokeEveryNs = 100'000'000;
    std::int64_t poked_ns_ = 0;
    std::vector<ThreadBuffer*> draining_;  // the drain's scratch
    std::size_t drain_from_ = 0;           // which thread is first next time: no thread starves
};

/// The one recorder of the process. Never destroyed.
Recorder& recorder() noexcept;

}  // namespace tracypy::recorder
