// The recorder: every thread's buffer, the memory cap, and the drain.
//
// Its job: take begin and end of zones from handlers at the lowest cost, keep them valid and bounded, and hand them
// to a sink in batches. It knows opaque ids only: no Python, no wire. There may be several in a process.
//
// Threading contract
//   writers    each thread writes its own ThreadBuffer, and only while its epoch equals Recorder::epoch()
//   control    start/stop/advance/for_each run "with the world stopped": no writer is inside a handler. The caller
//              sees to that: it holds the GIL, or on free-threaded builds has stopped all threads; and it has stopped
//              the writers that have no interpreter to wait for (WritersStopped)
//   the drain  one background thread
//   registry_mutex_ guards the list of buffers; it is never held while waiting for anything
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/names.hpp"
#include "events/event_sink.hpp"
#include "recorder/auto_throttle.hpp"
#include "recorder/chunk.hpp"
#include "recorder/definitions.hpp"
#include "recorder/drop_policy.hpp"
#include "recorder/fiber_rows.hpp"
#include "recorder/frame_images.hpp"
#include "recorder/gpu_queues.hpp"
#include "recorder/lock_records.hpp"
#include "recorder/notices.hpp"
#include "recorder/open_sections.hpp"
#include "recorder/ordered_lane.hpp"
#include "recorder/parameters.hpp"
#include "recorder/row_numbers.hpp"
#include "recorder/thread_buffer.hpp"
#include "recorder/writer_gate.hpp"
#include "recorder/zone_rows.hpp"

namespace tracypy::recorder {

class Recorder {
public:
    /// `names` must outlive it.
    explicit Recorder(base::Names& names);

    /// 0: there is no session. Changes whenever a writer must look up from its work. Hot: one relaxed load per event;
    /// the order that matters is made by stopping the world.
    std::uint64_t epoch() const noexcept { return epoch_.load(std::memory_order_relaxed); }

    /// Where it lies, for code of other libraries: it changes in their sight.
    const std::atomic<std::uint64_t>* epoch_address() const noexcept { return &epoch_; }

    /// Which session this is, or the last one was: unlike `epoch` the same to its end.
    std::uint64_t session() const noexcept { return session_.load(std::memory_order_relaxed); }

    // --- control, with the world stopped ---
    void start() noexcept;    // a new session: old events are forgotten
    void advance() noexcept;  // same session, new epoch: writers that wait or are elsewhere look up
    void finish() noexcept;   // what waits to be written is, so that nothing is lost when the session stops
    void stop() noexcept;     // nothing more is recorded; what there is can still be drained
    /// Zones deeper than this on their thread are not recorded.
    void set_max_depth(std::size_t depth) noexcept;
    void for_each(const std::function<void(ThreadBuffer&)>& callback);

    // --- writers without the interpreter ---
    WriterGate& gate() noexcept { return gate_; }
    /// Until let_writers_go(), none of them is at work. Not by one that is inside the gate.
    void stop_writers() noexcept;
    void let_writers_go() noexcept { gate_.open(); }

    // --- threads ---
    /// The buffer of the system's thread `native_id`; made when there is none. `claim`: the caller is that thread.
    ThreadBuffer* find_or_create(std::uint64_t native_id, bool claim) noexcept;
    /// Called by a thread that ends: closes its zones, lets the drain free the buffer when it is read.
    void thread_exits(ThreadBuffer& buffer) noexcept;

    // --- fibers ---
    /// Throw std::bad_alloc; None when there is no row to be had. See FiberRows.
    std::string fiber_row_name(std::string_view name);
    base::ThreadId add_fiber_row(const std::string& row_name);

    // --- other processes ---
    /// A row of this session that is nobody's here, under that number if it is free; None when all are taken. Throws
    /// std::bad_alloc.
    base::ThreadId take_row(std::uint64_t number);

    // --- zones by hand ---
    ZoneRows& rows() noexcept { return rows_; }
    /// A buffer that belongs to no thread; null without memory.
    ThreadBuffer* add_row() noexcept;
    /// Says something to a buffer of another thread, which may be gone; see ThreadBuffer::post.
    void post(const ThreadBuffer* to, ZoneKey key, bool is_end, base::Ticks tick, Remarks&& remarks) noexcept;
    /// The same to the one whose new_numbered_token() `key` is.
    void post_to_owner(ZoneKey key, bool is_end, base::Ticks tick, Remarks&& remarks) noexcept;
    /// Whether the call `key` can wait while other code runs on its thread. Set once.
    void set_is_coroutine(bool (*callback)(ZoneKey)) noexcept { is_coroutine_ = callback; }
    bool is_coroutine(ZoneKey key) const noexcept { return is_coroutine_ != nullptr && is_coroutine_(key); }

    // --- the drain ---
    std::size_t drain(events::EventSink& sink, std::size_t max_words);

    // --- a sink that each thread tells at once, in place of a drain ---
    /// From the next session on; null: there is a drain. Between sessions, and with the world stopped.
    void tell_at_once(events::EventSink* sink) noexcept { direct_sink_.store(sink, std::memory_order_relaxed); }
    bool tells_at_once() const noexcept { return direct_sink_.load(std::memory_order_relaxed) != nullptr; }
    /// Waits until no thread is telling the sink before; none does from here on.
    void await_telling() noexcept { const std::lock_guard lock(direct_mutex_); }
    /// Tells the sink what the calling thread has written, and what belongs to no thread.
    void tell_of(ThreadBuffer* buffer) noexcept;

    // --- memory ---
    ChunkPool& pool() noexcept { return pool_; }
    DropPolicy& policy() noexcept { return policy_; }
    const DropPolicy& policy() const noexcept { return policy_; }
    /// As the policy says; and first of all, threads that hold much for nothing give it back.
    bool wait_for_room() noexcept;
    /// Runs `work(argument)` with the world stopped; for a thread that is inside a handler. Set once.
    using StopWorld = void (*)(void (*work)(void*), void* argument) noexcept;
    void set_stop_world(StopWorld stop_world) noexcept { stop_world_ = stop_world; }
    /// Zones that were left out, since ever.
    std::uint64_t dropped_zones() const noexcept { return policy_.lost(Lost::Zone) + policy_.lost(Lost::Deep); }

    // --- auto_throttle ---
    AutoThrottle& auto_throttle() noexcept { return auto_throttle_; }
    /// Called by the drain when a function is left out from now on: the handlers must judge again. Set once.
    void set_on_left_out(void (*callback)()) noexcept { on_left_out_ = callback; }

    // --- frame marks, from any thread ---
    /// Inert between sessions, but for the count of default frames, from which a viewer numbers its own.
    void frame_mark(events::FrameMarkKind kind, base::StringId name) noexcept;
    std::uint64_t frames_so_far() const noexcept { return frames_.load(std::memory_order_relaxed); }

    /// Another event that is ordered over all threads, of a thread that has no buffer of its own; others see to
    /// ThreadBuffer::write_ordered.
    void write_ordered(base::ThreadId thread, std::span<const events::Word> event, bool beyond_limit) noexcept;

    /// Another event that belongs to no thread, of one that has no buffer ready and must not wait for locks. False: it
    /// was not written.
    template <events::SharedEvent Event>
    bool try_write_shared(const Event& event) noexcept {
        return ordered_.try_write_shared(Event::kKind, SharedFields(event));
    }
    /// The row of the system's thread `native_id`, made when there is none; None when that is not known just now.
    base::ThreadId try_row_of(std::uint64_t native_id) noexcept;

    // --- what holds for good, from any thread ---
    /// Whoever listens, now or later, gets it before the first event that needs it. False: there was no room.
    template <events::Definition Event>
    bool define(const Event& event) noexcept {
        const bool is_defined = definitions_.define(event);
        tell_of(nullptr);
        return is_defined;
    }
    Definitions& definitions() noexcept { return definitions_; }
    LockRecords& locks() noexcept { return locks_; }
    OpenSections& sections() noexcept { return sections_; }
    Parameters& parameters() noexcept { return parameters_; }
    FrameImages& images() noexcept { return images_; }
    GpuQueues& gpus() noexcept { return gpus_; }

    base::Names& names() noexcept { return names_; }

    // --- fork ---
    /// Around the fork, so that no lock is held by a thread that the child does not have.
    void lock_for_fork();
    void unlock_after_fork();
    /// In the child, at once: there is no session, and none of the threads that were at work is there.
    void wake_in_child() noexcept;
    /// In the child: every buffer is the parent's, also the calling thread's, whose pointer the caller clears.
    void forget_threads() noexcept;

private:
    template <typename IsIt>
    void post_if(const IsIt& is_it, ZoneKey key, bool is_end, base::Ticks tick, Remarks&& remarks) noexcept;
    bool is_anybody_in_gate() noexcept;
    void end_thread(ThreadBuffer& buffer) noexcept;
    void end_zones_of(ThreadBuffer& buffer) noexcept;
    void end_zones(ThreadBuffer& buffer) noexcept;
    void erase_native_id(const ThreadBuffer& buffer) noexcept;
    void forget_unclaimed() noexcept;
    void keep_rows();
    void list_buffers();
    bool drain_threads(events::EventSink& sink, std::size_t max_words, std::size_t& words);
    std::size_t drain_thread(ThreadBuffer& buffer, events::EventSink& sink, std::size_t max_words, std::int64_t now_ns);
    std::size_t drain_words(ThreadBuffer& buffer, events::EventSink& sink, std::size_t max_words);
    void hand_on(ThreadBuffer& buffer, events::EventSink& sink, std::span<const events::Word> words);
    void poke_writers(std::int64_t now_ns) noexcept;
    void remove_finished();
    void give_back_fibers(const ThreadBuffer& buffer);
    void give_notice(events::EventSink& sink, bool caught_up);
    void make_room() noexcept;

    base::Names& names_;
    std::atomic<std::uint64_t> epoch_{0};
    std::uint64_t last_epoch_ = 0;
    std::atomic<std::uint64_t> session_{0};
    WriterGate gate_;

    // Before the buffers, which give it back what they hold.
    ChunkPool pool_;
    DropPolicy policy_{pool_, epoch_};
    std::atomic<std::int64_t> made_room_ns_{0};
    StopWorld stop_world_ = nullptr;

    std::mutex registry_mutex_;
    std::vector<std::unique_ptr<ThreadBuffer>> buffers_;             // registry_mutex_
    std::unordered_map<std::uint64_t, ThreadBuffer*> by_native_id_;  // registry_mutex_
    RowNumbers row_numbers_;                                         // registry_mutex_
    FiberRows fiber_rows_;                                           // registry_mutex_
    std::size_t max_depth_ = ZoneStack::kNoDepth;                    // registry_mutex_

    Definitions definitions_;
    LockRecords locks_{*this};
    OpenSections sections_{*this};
    Parameters parameters_{definitions_};
    FrameImages images_{policy_};
    GpuQueues gpus_{*this};
    OrderedLane ordered_{pool_, policy_, definitions_};
    ZoneRows rows_{*this};
    bool (*is_coroutine_)(ZoneKey) = nullptr;
    std::atomic<std::uint64_t> frames_{0};

    std::atomic<events::EventSink*> direct_sink_{nullptr};
    // Who has it is the drain. It is taken by threads that have any other lock of the recorder's but the last ones:
    // those of the definitions, of the lane and of the names.
    std::mutex direct_mutex_;

    // The drain's.
    static constexpr std::int64_t kPokeEveryNs = 100'000'000;
    Notices notices_{pool_, policy_};
    AutoThrottle auto_throttle_;
    void (*on_left_out_)() = nullptr;
    std::int64_t poked_ns_ = 0;
    std::vector<ThreadBuffer*> draining_;  // scratch
    std::size_t drain_from_ = 0;           // which thread is first next time: no thread starves
};

/// While it lives, no writer without the interpreter is at work.
class WritersStopped {
public:
    explicit WritersStopped(Recorder& recorder) noexcept : recorder_(recorder) { recorder.stop_writers(); }
    ~WritersStopped() { recorder_.let_writers_go(); }
    WritersStopped(const WritersStopped&) = delete;
    WritersStopped& operator=(const WritersStopped&) = delete;

private:
    Recorder& recorder_;
};

}  // namespace tracypy::recorder
