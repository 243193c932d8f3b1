// One thread's recording: the zones that are open on it, and the events on their way to the drain.
//
// Threading contract. Everything but the chunks belongs to the thread itself ("the writer"), or to whoever has
// stopped it (Recorder: "with the world stopped"). The drain reads chunks, and how far they are filled.
// Nesting is valid by construction: an end that matches nothing on the stack of open zones is never written. One that
// matches a zone further down first ends all calls above it; what the program opened by hand there goes on
// (zones_by_hand.cpp).
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "events/event.hpp"
#include "recorder/chunk.hpp"
#include "recorder/pending_zones.hpp"
#include "recorder/remark.hpp"
#include "recorder/zone_key.hpp"

namespace tracypy::recorder {

class alignas(64) ThreadBuffer {
public:
    /// The epoch of a buffer whose writer is to take the slow path: no session has it.
    static constexpr std::uint64_t kLookUp = ~std::uint64_t{0};

    /// `has_own_row`: no other thread had it, or will.
    ThreadBuffer(base::ThreadId id, std::uint64_t native_id, bool has_own_row) noexcept;
    /// The buffer of threads that have none: never written to, since its epoch stays kLookUp.
    constexpr ThreadBuffer() noexcept : id_(base::ThreadId::None), native_id_(0), has_own_row_(true) {}
    ~ThreadBuffer();
    ThreadBuffer(const ThreadBuffer&) = delete;
    ThreadBuffer& operator=(const ThreadBuffer&) = delete;

    // --- the writer's hot path ---

    /// Nothing is the matter: this buffer belongs to the session that goes on, and any one event has room. When not,
    /// the caller has to compare `epoch` with Recorder::epoch() before anything else.
    bool is_ready() const noexcept { return position() < limit_.load(std::memory_order_relaxed); }

    /// Opens a zone, unless there is anything to be done about it but writing it down: 2 words, one release store.
    bool try_begin(ZoneKey key, base::SourceLocationId location) noexcept {
        if (!is_ready() || top_ >= soft_end_) [[unlikely]] {
            return false;
        }
        *top_++ = {key, location};
        write_begin(base::now_ticks(), location);
        return true;
    }

    /// Ends the innermost zone if it is `key`, unless there is anything to be done but writing it down: 1 word.
    bool try_end(ZoneKey key) noexcept {
        if (!is_ready() || top_[-1].key != key) [[unlikely]] {
            return false;
        }
        --top_;
        write_end(base::now_ticks());
        return true;
    }

    // --- the same, whatever there is to be done; the caller has checked `epoch` against Recorder::epoch() ---

    /// Opens a zone. No lock, no allocation but for a new chunk: of a busy thread, every 2,700 calls.
    void begin(ZoneKey key, base::SourceLocationId location) noexcept {
        if (!try_begin(key, location)) [[unlikely]] {
            begin_slow(key, location);
        }
    }

    /// Ends the call `key`, which is normally the innermost zone. False when it is not open.
    bool end(ZoneKey key) noexcept { return try_end(key) || end_slow(key); }

    // --- zones by hand, by the writer ---

    ZoneKey new_token() noexcept { return next_token_ += ZoneKey{1} << kKeyBits; }
    /// Where the stack stands: the same as long as nothing begins or ends for good. Opaque, never followed.
    const void* mark() const noexcept { return top_; }
    /// As begin(), of a zone that may outlast the call in which it begins.
    void begin_to_outlast(ZoneKey key, base::SourceLocationId location) noexcept;
    /// Ends it at `tick`, or as soon as no call is open above it. Nothing happens when it is not open (any more).
    void end_by_hand(ZoneKey key, base::Ticks tick, Remarks&& remarks) noexcept;
    /// What is written now belongs to this zone; and nothing waits to be written first.
    bool is_innermost(ZoneKey key) const noexcept { return top_[-1].key == key && pending_.count() == 0; }
    bool is_open(ZoneKey key) const noexcept { return find(key) != kNowhere; }
    /// About the innermost zone; texts are cut to the wire's 65,535 bytes.
    void write(const Remark& remark) noexcept;
    /// To be written before the zone ends.
    void keep(ZoneKey key, Remarks&& remarks) noexcept;

    // --- the same by another thread; Recorder::post sees to it that the buffer is there ---

    void post(ZoneKey key, bool is_end, base::Ticks tick, Remarks&& remarks) noexcept;

    // --- by the writer, or with the world stopped ---

    std::size_t depth() const noexcept { return static_cast<std::size_t>(top_ - stack_); }
    const OpenZone& open_zone(std::size_t index) const noexcept { return stack_[index]; }
    void begin_at(base::Ticks ticks, ZoneKey key, base::SourceLocationId location) noexcept;
    /// Ends every zone from the innermost one down to and including index `target`.
    void end_down_to(std::size_t target, base::Ticks ticks) noexcept;
    /// Ends every call. What was opened by hand goes on.
    void end_calls(base::Ticks ticks) noexcept;
    /// Takes what was opened by hand off the stack, if there is nothing else, and puts it back on top: calls that run
    /// already have their places below.
    std::vector<OpenZone> lift(base::Ticks ticks) noexcept;
    void lower(const std::vector<OpenZone>& zones, base::Ticks ticks) noexcept;
    /// Writes what waits to be written, and attends to what other threads have posted.
    void settle() noexcept;
    /// The same, at the end of the session: whoever closes what is open knows nothing of what is to be said about it.
    void finish(base::Ticks ticks) noexcept;
    /// Zones below this depth are followed, but not recorded.
    void set_max_depth(std::size_t depth) noexcept;
    /// Goes on in a chunk of the smallest size, so that the drain can give a larger one back.
    void shrink() noexcept;
    /// Forgets open zones and unread events, and belongs to session `epoch` from now on. The drain must not run.
    void reset(std::uint64_t epoch) noexcept;
    /// Sends the writer's next event to the slow path. By any thread; may get lost when the writer is in it just now.
    void leave_no_room() noexcept { limit_.store(nullptr, std::memory_order_relaxed); }
    /// The same, and once there it looks up its thread's name.
    void look_up() noexcept {
        epoch.store(kLookUp, std::memory_order_relaxed);
        leave_no_room();
    }

    // --- the drain ---

    struct Unread {
        events::Word* first;
        events::Word* last;
    };
    /// The next contiguous run of unread words, empty when there is none. Gives finished chunks back.
    Unread unread() noexcept;
    void consumed(events::Word* last) noexcept { read_ = last; }
    PendingZones& pending() noexcept { return pending_; }
    /// Never waits for room: its writers hold a lock.
    void be_impatient() noexcept { is_patient_ = false; }

    base::ThreadId id() const noexcept { return id_; }
    std::uint64_t native_id() const noexcept { return native_id_; }
    bool has_own_row() const noexcept { return has_own_row_; }

    /// The session this buffer belongs to. Not equal to Recorder::epoch(): the slow path decides, and is_ready() says
    /// no. The drain sets it to kLookUp now and then, so that the writer looks at its thread's name; hence atomic,
    /// relaxed.
    std::atomic<std::uint64_t> epoch{kLookUp};
    /// The writer's thread is gone. Release store by the writer after its last event.
    std::atomic<bool> finished{false};
    /// The writer has this buffer in its thread-local pointer, and will say when it is done. Guarded by the registry.
    bool claimed = false;

private:
    static constexpr std::size_t kFirstStack = 256;
    static constexpr std::size_t kMaxStack = std::size_t{1} << 20;

    events::Word* position() const noexcept { return cursor_.load(std::memory_order_relaxed); }
    // Release: the drain's acquire load sees the words before it.
    void publish(events::Word* position) noexcept { cursor_.store(position, std::memory_order_release); }
    void write_begin(base::Ticks ticks, base::SourceLocationId location) noexcept {
        events::Word* const at = position();
        at[0] = events::header(events::Kind::ZoneBegin, static_cast<events::Word>(ticks));
        at[1] = static_cast<events::Word>(location);
        // The drain's core has these lines; asking early takes 3 ns off a call.
        prefetch_for_writing(at + kPrefetchWords);
        publish(at + 2);
    }
    void write_end(base::Ticks ticks) noexcept {
        events::Word* const at = position();
        at[0] = events::header(events::Kind::ZoneEnd, static_cast<events::Word>(ticks));
        publish(at + 1);
    }

    static constexpr std::size_t kNowhere = static_cast<std::size_t>(-1);

    void begin_slow(ZoneKey key, base::SourceLocationId location) noexcept;
    void begin_pushed() noexcept;
    bool end_slow(ZoneKey key) noexcept;
    bool make_place(ZoneKey key) noexcept;
    bool grow_stack() noexcept;
    bool is_muted() const noexcept { return depth() > max_depth_; }
    void set_depth(std::size_t depth) noexcept { top_ = stack_ + depth; }
    /// Leaves no room while something is the matter.
    void refresh_limit() noexcept {
        const bool slow = skipping_ || too_deep_ != 0 || depth() >= max_depth_ || chunk_ == nullptr ||
                          pending_.count() != 0 || has_mail_.load(std::memory_order_relaxed) ||
                          epoch.load(std::memory_order_relaxed) == kLookUp;
        limit_.store(slow ? nullptr : chunk_->end() - 1, std::memory_order_relaxed);
    }
    /// Makes room for `words`; zone ends may go past the memory limit, since there are never more than open zones.
    bool ensure_room(std::size_t words, bool beyond_limit) noexcept;
    /// As ensure_room within the limit, but waits where the user wants that.
    bool wait_for_room(std::size_t words) noexcept;
    /// For `words` about the open zone. Null where the zone is not recorded, or without room, which is counted.
    events::Word* room_for_markup(std::size_t words) noexcept;
    bool next_chunk(std::size_t words, bool beyond_limit) noexcept;
    void go_on_in(Chunk* chunk) noexcept;
    void drop_chunks() noexcept;
    void start_skipping() noexcept;
    void open_skipped() noexcept;
    void zone_bytes(events::Kind kind, std::string_view bytes) noexcept;
    void zone_number(events::Kind kind, std::uint64_t number) noexcept;

    // zones_by_hand.cpp
    struct Removal;
    /// The place of the innermost zone `key`, or kNowhere.
    std::size_t find(ZoneKey key) const noexcept;
    /// A call or what is said about it comes next. False: the session changed while this waited for room.
    bool write_pending() noexcept;
    void place_pending(const PendingZones::Zones& zones, std::size_t count) noexcept;
    void push_pending(const OpenZone& zone, const PendingZone& pending) noexcept;
    /// Ends the zone at `index` and all calls above it; what was opened by hand above it goes on.
    void take_out(std::size_t index, base::Ticks ticks) noexcept;
    std::size_t zones_below(std::size_t index) const noexcept;
    void end_part(Removal& removal, std::size_t index) noexcept;
    std::size_t close_gap(Removal& removal) noexcept;
    void go_on(const Removal& removal, std::size_t first) noexcept;
    void end_ended(base::Ticks ticks) noexcept;
    void write_aside(const Aside& aside, base::Ticks ticks) noexcept;
    bool drop_short_part(std::size_t index, ZoneKey key, base::Ticks tick, const Remarks& remarks) noexcept;
    bool wait_for_remarks(std::size_t words) noexcept;
    bool wait_for_ended() noexcept;
    void end_found(std::size_t index, Aside&& last) noexcept;
    void end_elsewhere(ZoneKey key, base::Ticks tick, const Remarks& remarks) noexcept;
    bool move_to_row(const OpenZone& zone, base::Ticks begun) noexcept;
    bool lies_in_coroutine(std::size_t index) const noexcept;
    Aside* aside_of(ZoneKey key) noexcept;
    Aside take_aside(ZoneKey key) noexcept;
    void forget_zones_by_hand() noexcept;
    void attend_mail() noexcept;

    static constexpr std::size_t kPrefetchWords = 40;  // 5 cache lines, about 13 calls

    // Hot, one cache line: the writer touches nothing else but the stack and the chunk.
    OpenZone* top_ = nullptr;       // behind the innermost open zone
    OpenZone* soft_end_ = nullptr;  // stack_ and the smaller of stack_capacity_ and max_depth_
    // Where the next event goes. In chunk_, or null without one; the drain reads it to see how far chunk_ is filled.
    std::atomic<events::Word*> cursor_{nullptr};
    // Below it there is room for any event of a zone; null sends the writer to the slow path. Relaxed: see
    // leave_no_room.
    std::atomic<events::Word*> limit_{nullptr};

    Chunk* chunk_ = nullptr;
    ChunkGrowth growth_;
    OpenZone* stack_ = nullptr;  // stack_[-1] is a guard whose key matches nothing
    std::size_t stack_capacity_ = 0;
    std::size_t max_depth_ = static_cast<std::size_t>(-1);

    // Zones stack_[recorded_..depth_) were begun when there was no room: they are not in the trace (yet).
    bool skipping_ = false;
    std::size_t recorded_ = 0;
    std::uint64_t too_deep_ = 0;  // zones open beyond kMaxStack
    ZoneKey next_token_ = kByHand;

    // Zones by hand, and calls above one that has ended.
    PendingZones pending_;       // the innermost ones of the stack
    std::vector<Aside> asides_;  // by no order; few
    struct Moved {
        ZoneKey key, row;
    };
    std::vector<Moved> moved_;  // from this stack to a row of their own
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

    // The drain's side.
    alignas(64) Chunk* read_chunk_ = nullptr;
    std::atomic<Chunk*> first_chunk_{nullptr};  // release by the writer: the chain's start, before the drain has one
    events::Word* read_ = nullptr;
    base::ThreadId id_;
    std::uint64_t native_id_;
    bool has_own_row_;
};

}  // namespace tracypy::recorder
