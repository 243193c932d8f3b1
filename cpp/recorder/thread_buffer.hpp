// One thread's recording: the zones that are open on it, and its events on their way to the drain.
//
// It joins a queue (EventQueue), a stack of open zones (ZoneStack) and what is to be done when there is no room
// (DropPolicy).
//
// Threading contract. Everything but the queue's other end belongs to the thread itself ("the writer"), or to whoever
// has stopped it (Recorder: "with the world stopped").
// Nesting is valid by construction: an end that matches nothing on the stack of open zones is never written. One that
// matches a zone further down first ends all calls above it; what the program opened by hand there goes on
// (zones_by_hand.cpp).
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "events/event.hpp"
#include "recorder/event_queue.hpp"
#include "recorder/fibers.hpp"
#include "recorder/ordered_lane.hpp"
#include "recorder/pending_zones.hpp"
#include "recorder/remark.hpp"
#include "recorder/row_batches.hpp"
#include "recorder/writer_gate.hpp"
#include "recorder/zone_key.hpp"
#include "recorder/zone_stack.hpp"

namespace tracypy::recorder {

class Recorder;

class alignas(64) ThreadBuffer {
    // First, so that the hot path finds it where the buffer is; it touches nothing else but what they point to.
    EventQueue queue_;
    ZoneStack stack_;

public:
    /// The epoch of a buffer whose writer is to take the slow path: no session has it.
    static constexpr std::uint64_t kLookUp = ~std::uint64_t{0};

    /// `has_own_row`: no other thread had it, or will. `recorder` must outlive it.
    ThreadBuffer(Recorder& recorder, base::ThreadId id, std::uint64_t native_id, bool has_own_row,
                 std::size_t max_depth) noexcept;
    /// The buffer of threads that have none: never written to, since its epoch stays kLookUp.
    constexpr ThreadBuffer() noexcept : id_(base::ThreadId::None), native_id_(0), has_own_row_(true) {}
    ThreadBuffer(const ThreadBuffer&) = delete;
    ThreadBuffer& operator=(const ThreadBuffer&) = delete;

    // --- the writer's hot path; `now`: the caller has read it before all else. A processor that reads its counter
    // waits for what it has begun before, and what comes then need not wait: 2 ns of a call's 25 ---

    /// Opens a zone, unless there is anything to be done about it but writing it down: 1 word, one release store.
    /// If not, the caller has to compare `epoch` with Recorder::epoch() before anything else.
    bool try_begin(ZoneKey key, events::BeginBits begin, base::Ticks now) noexcept {
        events::Word* const at = queue_.position();
        if (!queue_.is_open_at(at) || stack_.is_full()) [[unlikely]] {
            return false;
        }
        stack_.push({key, begin});
        queue_.write_near_at(at, now, begin);
        return true;
    }

    /// Ends the innermost zone if it is `key`, unless there is anything to be done but writing it down: 1 word.
    bool try_end(ZoneKey key, base::Ticks now) noexcept {
        events::Word* const at = queue_.position();
        if (!queue_.is_open_at(at) || stack_.innermost().key != key) [[unlikely]] {
            return false;
        }
        stack_.pop();
        write_end_at(at, now);
        return true;
    }

    // --- the same, whatever there is to be done; the caller has checked `epoch` against Recorder::epoch() ---

    /// Opens a zone, however long nothing has happened here. No lock, no allocation but for a new chunk: of a busy
    /// thread, every 4,000 calls.
    void begin(ZoneKey key, base::SourceLocationId location) noexcept {
        if (!queue_.is_open() || stack_.is_full()) return begin_slow({key, location});
        stack_.push({key, location});
        write_begin(base::now_ticks(), location);
    }

    /// The same of a zone that may have a call stack.
    void begin(const OpenZone& zone) noexcept {
        if (zone.callstack() == base::CallstackId::None) return begin(zone.key, zone.location());
        begin_slow(zone);
    }

    /// Ends the call `key`, which is normally the innermost zone. False when it is not open.
    bool end(ZoneKey key) noexcept { return try_end(key, base::now_ticks()) || end_slow(key); }

    // --- zones by hand, by the writer ---

    ZoneKey new_token() noexcept { return next_token_ += ZoneKey{1} << kKeyBits; }
    /// Where the stack stands: the same as long as nothing begins or ends for good. Opaque, never followed.
    const void* mark() const noexcept { return stack_.mark(); }
    /// As begin(), of a zone that may outlast the call in which it begins.
    void begin_to_outlast(const OpenZone& zone) noexcept;
    /// Ends it at `tick`, or as soon as no call is open above it. Nothing happens when it is not open (any more).
    void end_by_hand(ZoneKey key, base::Ticks tick, Remarks&& remarks) noexcept;
    /// What is written now belongs to this zone; and nothing waits to be written first.
    bool is_innermost(ZoneKey key) const noexcept { return stack_.innermost().key == key && pending_.count() == 0; }
    bool is_open(ZoneKey key) const noexcept { return stack_.find(key) != ZoneStack::kNowhere; }
    /// About the innermost zone; texts are cut to the wire's 65,535 bytes.
    void write(const Remark& remark) noexcept;
    /// To be written before the zone ends.
    void keep(ZoneKey key, Remarks&& remarks) noexcept;

    // --- what happens beside the zones, by the writer ---

    /// Writes it, with the time when there is room for it; without room it is left out and counted.
    template <events::ThreadMoment Event>
    void write_moment(Event event) noexcept {
        if (!make_room_for_moment(events::words_of(event))) return;
        event.tick = base::now_ticks();
        queue_.publish(events::put(queue_.position(), event));
        tell();
    }

    // --- events with an order over all threads, by the writer ---

    /// Writes one, once there is room; without, it is left out and counted. `beyond_limit`: room is always made for it,
    /// since it ends something that is recorded.
    void write_ordered(std::span<const events::Word> event, bool beyond_limit) noexcept;
    /// The same of an event that belongs to no thread, at this moment. False: it is left out.
    template <events::SharedEvent Event>
    bool write_shared(const Event& event, bool beyond_limit = false) noexcept {
        const SharedFields fields(event);
        return write_to_lane(beyond_limit,
                             [&] { return recorder::write_shared(ordered_, Event::kKind, fields, beyond_limit); });
    }

    /// The same where nobody may wait. False: there is no room.
    template <events::SharedEvent Event>
    bool try_write_shared(const Event& event) noexcept {
        return recorder::write_shared(ordered_, Event::kKind, SharedFields(event), false);
    }

    // --- fibers, by the writer (thread_fibers.cpp) ---

    Fiber* running_fiber() const noexcept { return fibers_ != nullptr ? fibers_->running : nullptr; }
    /// begin_fiber() may find a row. If not, that is counted.
    bool may_begin_fiber() noexcept;
    /// A fiber that is called `name` begins, and runs; perhaps once there is room. Null when there is no row to be had,
    /// or the session has changed meanwhile.
    const Fiber* begin_fiber(FiberKey key, std::string_view name) noexcept;
    bool has_fiber(FiberKey key) const noexcept { return fibers_ != nullptr && fibers_->find(key) != nullptr; }
    /// The same of one that waits. False: there is none.
    bool resume_fiber(FiberKey key) noexcept;
    /// What ran before goes on, and the fiber that runs waits, or has ended.
    void suspend_fiber() noexcept;
    void end_fiber() noexcept;
    /// One that waits, and never will go on. Does nothing when there is none.
    void end_fiber_of(FiberKey key) noexcept;
    /// A greenlet gives way to another one; 0 is the one that is the thread itself. `is_over`: the first one has ended.
    void switch_greenlet(FiberKey from, bool is_over, FiberKey to, std::string_view name) noexcept;

    // --- a writer without the interpreter: see WriterGate ---

    WriterGate::Mark& gate_mark() noexcept { return gate_mark_; }
    bool is_in_gate() const noexcept { return gate_mark_.load(std::memory_order_acquire); }
    /// No other buffer of this process has it, nor had.
    std::uint32_t number() const noexcept { return number_; }
    /// As new_token(), but which buffer it is of stands in its upper half: it may be ended on any thread.
    ZoneKey new_numbered_token() noexcept {
        const auto serial = static_cast<std::uint32_t>(next_token_ + (ZoneKey{1} << kKeyBits));
        return next_token_ = ZoneKey{number_} << kNumberShift | serial;
    }
    static std::uint32_t number_of(ZoneKey key) noexcept { return static_cast<std::uint32_t>(key >> kNumberShift); }

    /// While it lives, the writer waits for nothing: it holds a lock.
    class Impatience {
    public:
        explicit Impatience(ThreadBuffer& buffer) noexcept : buffer_(buffer), was_patient_(buffer.is_patient_) {
            buffer.is_patient_ = false;
        }
        ~Impatience() { buffer_.is_patient_ = was_patient_; }
        Impatience(const Impatience&) = delete;
        Impatience& operator=(const Impatience&) = delete;

    private:
        ThreadBuffer& buffer_;
        bool was_patient_;
    };
    /// Before that: waits while there is no room at all. False: the session has changed meanwhile.
    bool await_room() noexcept;

    // --- zones by hand, by another thread; Recorder::post sees to it that the buffer is there ---

    void post(ZoneKey key, bool is_end, base::Ticks tick, Remarks&& remarks) noexcept;

    // --- by the writer, or with the world stopped ---

    std::size_t depth() const noexcept { return stack_.depth(); }
    const OpenZone& open_zone(std::size_t index) const noexcept { return stack_[index]; }
    void begin_at(base::Ticks ticks, const OpenZone& zone) noexcept;
    /// Ends every zone from the innermost one down to and including index `target`.
    void end_down_to(std::size_t target, base::Ticks ticks) noexcept;
    /// Ends every call. What was opened by hand goes on.
    void end_calls(base::Ticks ticks) noexcept;
    /// Takes what was opened by hand off the stack, if there is nothing else, and puts it back on top: calls that run
    /// already have their places below.
    std::vector<OpenZone> lift(base::Ticks ticks) noexcept;
    void lower(const std::vector<OpenZone>& zones, base::Ticks ticks) noexcept;
    /// Ends the calls of all fibers, and those fibers that have nothing else; or all that is open there.
    void end_calls_of_fibers(base::Ticks ticks) noexcept;
    void end_all_fibers(base::Ticks ticks) noexcept;
    /// Writes what waits to be written, and attends to what other threads have posted.
    void settle() noexcept;
    /// The same, at the end of the session: whoever closes what is open knows nothing of what is to be said about it.
    void finish(base::Ticks ticks) noexcept;
    /// Zones deeper than this are followed, but not recorded.
    void set_max_depth(std::size_t depth) noexcept;
    /// Goes on in a chunk of the smallest size, so that the drain can give a larger one back.
    void shrink() noexcept;
    /// Forgets open zones and unread events, and belongs to session `epoch` from now on. The drain must not run.
    void reset(std::uint64_t epoch) noexcept;
    /// Sends the writer's next event to the slow path. By any thread; may get lost when the writer is in it just now.
    void leave_no_room() noexcept { queue_.close(); }
    /// The same, and once there it looks up its thread's name.
    void look_up() noexcept {
        epoch.store(kLookUp, std::memory_order_relaxed);
        leave_no_room();
    }
    /// By the writer: the same when it has written so many words.
    void look_up_after(std::size_t words) noexcept;
    /// By the writer: it has looked up. The buffer belongs to session `session`.
    void looked_up(std::uint64_t session) noexcept;

    // --- the drain ---

    /// There may be runs of fibers among the words.
    bool has_fibers() const noexcept { return has_fibers_.load(std::memory_order_relaxed); }
    RowBatches& rows() noexcept { return rows_; }
    /// Once all is drained.
    const Fibers* fibers() const noexcept { return fibers_.get(); }
    EventQueue& queue() noexcept { return queue_; }
    EventQueue& ordered() noexcept { return ordered_; }
    PendingZones& pending() noexcept { return pending_; }
    /// Never waits for room: its writers hold a lock.
    void be_impatient() noexcept { is_patient_ = false; }

    base::ThreadId id() const noexcept { return id_; }
    std::uint64_t native_id() const noexcept { return native_id_; }
    bool has_own_row() const noexcept { return has_own_row_; }

    /// The session this buffer belongs to. Not equal to Recorder::epoch(): the slow path decides, and the queue is
    /// closed. The drain sets it to kLookUp now and then, so that the writer looks at its thread's name; hence atomic,
    /// relaxed.
    std::atomic<std::uint64_t> epoch{kLookUp};
    /// The writer's thread is gone. Release store by the writer after its last event.
    std::atomic<bool> finished{false};
    /// By a name that is better than what others know. Set by the writer; a hint.
    std::atomic<bool> is_named{false};
    /// The writer has this buffer in its thread-local pointer, and will say when it is done. Guarded by the registry.
    bool claimed = false;

private:
    static constexpr std::size_t kNowhere = ZoneStack::kNowhere;
    static constexpr unsigned kNumberShift = 32;
    /// A run of a fiber: FiberEnter and FiberLeave.
    static constexpr std::size_t kRunWords = 6;

    void write_end_at(events::Word* at, base::Ticks ticks) noexcept { queue_.write_at(at, events::ZoneEnd{ticks}); }
    void write_begin(base::Ticks ticks, base::SourceLocationId location) noexcept {
        queue_.write(events::ZoneBegin{ticks, location});
    }
    void write_begin(base::Ticks ticks, const OpenZone& zone) noexcept {
        if (zone.callstack() == base::CallstackId::None) return write_begin(ticks, zone.location());
        queue_.write(events::ZoneBeginCallstack{ticks, zone.location(), zone.callstack()});
    }
    void write_end(base::Ticks ticks) noexcept { write_end_at(queue_.position(), ticks); }

    /// To a sink that is told at once, if there is one.
    void tell() noexcept;
    void begin_slow(const OpenZone& zone) noexcept;
    void begin_pushed() noexcept;
    bool end_slow(ZoneKey key) noexcept;
    bool make_place(ZoneKey key) noexcept;
    /// Opens the queue unless there is something to be done first.
    void refresh() noexcept;
    /// Makes room for `words`; zone ends may go past the memory limit, since there are never more than open zones.
    bool ensure_room(std::size_t words, bool beyond_limit) noexcept;
    /// Recorder::wait_for_room; out of the gate, where nobody waits.
    bool wait_for_memory() noexcept;
    /// As ensure_room within the limit, but waits where the user wants that.
    bool wait_for_room(std::size_t words) noexcept;
    /// For `words` about the open zone. Null where the zone is not recorded, or without room, which is counted.
    events::Word* room_for_markup(std::size_t words) noexcept;
    /// `write`: says whether there was room. False: it was given up.
    template <typename Write>
    bool write_to_lane(bool beyond_limit, const Write& write) noexcept {
        const std::uint64_t session = this_session();
        for (int tries = 0; !write(); ++tries) {
            if (!try_lane_again(session, beyond_limit, tries)) return false;
        }
        tell();
        return true;
    }
    std::uint64_t this_session() const noexcept;
    bool try_lane_again(std::uint64_t session, bool beyond_limit, int tries) noexcept;
    /// What waits to be written goes first. False: there is none, which is counted, or the session has ended.
    bool make_room_for_moment(std::size_t words) noexcept;
    void open_skipped() noexcept;

    // zones_by_hand.cpp
    struct Removal;
    /// A call or what is said about it comes next. False: the session changed while this waited for room.
    bool write_pending() noexcept;
    void place_pending(const PendingZones::Zones& zones, std::size_t count) noexcept;
    void push_pending(const OpenZone& zone, const PendingZone& pending) noexcept;
    /// Ends the zone at `index` and all calls above it; what was opened by hand above it goes on.
    void take_out(std::size_t index, base::Ticks ticks) noexcept;
    void end_part(Removal& removal, std::size_t index) noexcept;
    std::size_t close_gap(Removal& removal) noexcept;
    void go_on(const Removal& removal, std::size_t first) noexcept;
    void end_ended(base::Ticks ticks) noexcept;
    void write_aside(const Aside& aside, base::Ticks ticks) noexcept;
    bool drop_short_part(std::size_t index, ZoneKey key, base::Ticks tick, const Remarks& remarks) noexcept;
    bool wait_for_remarks(std::size_t words) noexcept;
    bool wait_for_ended() noexcept;
    void end_found(std::size_t index, Aside&& last) noexcept;
    void end_elsewhere(ZoneKey key, base::Ticks tick, Remarks& remarks) noexcept;
    bool move_to_row(const OpenZone& zone, base::Ticks begun) noexcept;
    bool lies_in_coroutine(std::size_t index) const noexcept;
    bool waits_without_zones(std::size_t index) const noexcept;
    /// Calls `work` while the zones of that fiber, or of the thread itself for null, are the open ones.
    template <typename Work>
    void visit(Fiber* fiber, const Work& work) noexcept;
    void end_in_other_fiber(ZoneKey key, base::Ticks tick, Remarks& remarks) noexcept;

    // thread_fibers.cpp
    Fiber* new_fiber(FiberKey key, std::string_view name) noexcept;
    bool await_room_for_run() noexcept;
    void end_fiber(Fiber& fiber) noexcept;
    void enter(Fiber& fiber) noexcept;
    void switch_to(Fiber* fiber) noexcept;
    /// Those that are open are parked in `away`, and those in `next` are the open ones.
    void replace_zones(ParkedZones& away, ParkedZones& next) noexcept;
    bool owes_run() const noexcept { return fibers_ != nullptr && fibers_->is_unwritten; }
    void write_run(base::Ticks now) noexcept;
    void forget_zones_by_hand() noexcept;
    void attend_mail() noexcept;

    EventQueue ordered_;
    Recorder* recorder_ = nullptr;
    const events::Word* look_up_at_ = nullptr;  // in the queue, when `epoch` is kLookUp; null: at once
    ZoneKey next_token_ = kByHand;
    std::uint32_t number_ = 0;
    WriterGate::Mark gate_mark_{false};

    // Zones by hand, and calls above one that has ended.
    PendingZones pending_;  // the innermost ones of the stack
    Asides asides_;
    std::vector<MovedZone> moved_;  // from this stack to a row of their own
    std::unique_ptr<Fibers> fibers_;
    std::atomic<bool> has_fibers_{false};  // relaxed: set before the first run is published
    bool is_patient_ = true;
    struct Mail {
        ZoneKey key;
        bool is_end;
        base::Ticks tick;
        Remarks remarks;
    };
    std::mutex mail_mutex_;
    std::vector<Mail> mail_;             // mail_mutex_
    std::atomic<bool> has_mail_{false};  // a hint, set under mail_mutex_

    base::ThreadId id_;
    std::uint64_t native_id_;
    bool has_own_row_;
    RowBatches rows_{id_};
};

}  // namespace tracypy::recorder
