#include "recorder/thread_buffer.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "base/string_table.hpp"
#include "recorder/recorder.hpp"

namespace tracypy::recorder {

using events::Kind;
using events::Word;

namespace {

// No buffer's tokens are another one's, even when the system uses the thread's number or the memory again: a zone may
// be ended long after its thread is gone.
ZoneKey first_token() noexcept {
    static std::atomic<ZoneKey> buffers{0};
    return buffers.fetch_add(1, std::memory_order_relaxed) << 32 | kByHand;
}

}  // namespace

ThreadBuffer::ThreadBuffer(base::ThreadId id, std::uint64_t native_id, bool has_own_row) noexcept
    : next_token_(first_token()), id_(id), native_id_(native_id), has_own_row_(has_own_row) {
    // One slot in front of the stack whose key matches nothing spares the hot path the test for an empty stack.
    auto* const slots = static_cast<OpenZone*>(std::malloc((kFirstStack + 1) * sizeof(OpenZone)));
    static OpenZone fallback[1] = {{0, base::SourceLocationId::Other}};
    stack_ = slots != nullptr ? slots + 1 : fallback + 1;
    stack_capacity_ = slots != nullptr ? kFirstStack : 0;
    soft_end_ = stack_ + stack_capacity_;
    top_ = stack_;
    stack_[-1] = {0, base::SourceLocationId::Other};
}

ThreadBuffer::~ThreadBuffer() {
    drop_chunks();
    if (stack_capacity_ != 0) std::free(stack_ - 1);
}

void ThreadBuffer::set_max_depth(std::size_t depth) noexcept {
    max_depth_ = depth;
    soft_end_ = stack_ + std::min(stack_capacity_, max_depth_);
    refresh_limit();
}

// The stack is full, or deeper than what is to be recorded. False: this zone is not even followed.
bool ThreadBuffer::make_place(ZoneKey key) noexcept {
    if (depth() == stack_capacity_ && !grow_stack()) {
        // Ends of calls must take the slow path, which counts them off; those of others have a key that is not found.
        if ((key & kByHand) == 0) ++too_deep_;
        refresh_limit();
        recorder().count_too_deep();
        return false;
    }
    refresh_limit();
    return true;
}

bool ThreadBuffer::grow_stack() noexcept {
    if (stack_capacity_ == 0 || stack_capacity_ >= kMaxStack) return false;
    const std::size_t depth_now = depth();
    const std::size_t capacity = stack_capacity_ * 2;
    void* const slots = std::realloc(stack_ - 1, (capacity + 1) * sizeof(OpenZone));
    if (slots == nullptr) return false;
    stack_ = static_cast<OpenZone*>(slots) + 1;
    stack_capacity_ = capacity;
    soft_end_ = stack_ + std::min(stack_capacity_, max_depth_);
    set_depth(depth_now);
    return true;
}

bool ThreadBuffer::next_chunk(std::size_t words, bool beyond_limit) noexcept {
    const base::Ticks now = base::now_ticks();
    Chunk* const chunk = recorder().pool().acquire(std::max(words, growth_.next(now)), beyond_limit);
    if (chunk == nullptr) return false;
    growth_.took(chunk->capacity_words, now);
    go_on_in(chunk);
    return true;
}

void ThreadBuffer::go_on_in(Chunk* chunk) noexcept {
    // The drain finds the position in the chunk it reads, or that chunk's successor; never neither.
    if (chunk_ == nullptr) {
        publish(chunk->words());
        first_chunk_.store(chunk, std::memory_order_release);
    } else {
        chunk_->last = position();
        chunk_->next.store(chunk, std::memory_order_release);
        publish(chunk->words());
    }
    chunk_ = chunk;
}

void ThreadBuffer::shrink() noexcept {
    if (chunk_ == nullptr || chunk_->capacity_words <= kFirstChunkWords) return;
    Chunk* const chunk = recorder().pool().acquire(kFirstChunkWords, true);
    if (chunk == nullptr) return;
    growth_ = {};
    go_on_in(chunk);
    refresh_limit();
}

bool ThreadBuffer::ensure_room(std::size_t words, bool beyond_limit) noexcept {
    if (chunk_ == nullptr || static_cast<std::size_t>(chunk_->end() - position()) < words) {
        if (!next_chunk(words, beyond_limit)) return false;
    }
    refresh_limit();
    return true;
}

bool ThreadBuffer::wait_for_room(std::size_t words) noexcept {
    for (int tries = 0; !ensure_room(words, false); ++tries) {
        const std::uint64_t before = Recorder::epoch();
        if (!is_patient_ || !recorder().wait_for_room() || tries >= Recorder::kMostTries) return false;
        if (Recorder::epoch() != before) return false;  // the zone may be gone
    }
    return true;
}

void ThreadBuffer::start_skipping() noexcept {
    skipping_ = true;
    recorded_ = depth() - 1;
    refresh_limit();
}

void ThreadBuffer::begin_slow(ZoneKey key, base::SourceLocationId location) noexcept {
    const std::uint64_t session = Recorder::epoch();
    attend_mail();
    if (Recorder::epoch() != session || !write_pending()) return;
    if (top_ >= soft_end_ && !make_place(key)) return;
    *top_++ = {key, location};
    begin_pushed();
}

// The zone is on the stack already. Whatever happens here, it either gets its begin event or counts as skipped.
void ThreadBuffer::begin_pushed() noexcept {
    if (is_muted()) return refresh_limit();
    if (skipping_) {
        if (recorder().pool().has_room()) open_skipped();
        return;
    }
    for (int tries = 0; !ensure_room(2, false); ++tries) {
        const OpenZone zone = *--top_;
        // Not this buffer's own epoch: the drain changes that one, too.
        const std::uint64_t before = Recorder::epoch();
        const bool worth_another_try = recorder().wait_for_room() && tries < Recorder::kMostTries;
        // While we waited somebody may have started another session, which opened this very zone itself.
        if (Recorder::epoch() != before) return;
        *top_++ = zone;
        if (!worth_another_try) return start_skipping();
    }
    write_begin(base::now_ticks(), top_[-1].location);
}

// There is room again: the zones that are open but not in the trace begin now, so that what follows has its place.
void ThreadBuffer::open_skipped() noexcept {
    skipping_ = false;
    while (recorded_ < depth()) {
        if (!ensure_room(2, false)) {
            skipping_ = true;
            break;
        }
        write_begin(base::now_ticks(), stack_[recorded_++].location);
    }
    refresh_limit();
}

bool ThreadBuffer::end_slow(ZoneKey key) noexcept {
    attend_mail();
    if (too_deep_ != 0) {
        --too_deep_;
        refresh_limit();
        return true;
    }
    const std::size_t index = find(key);
    if (index == kNowhere) return false;
    const bool is_watched = (stack_[index].key & kWatched) != 0;
    if (is_watched && !wait_for_ended()) return true;
    const base::Ticks now = base::now_ticks();
    if (index + 1 == depth()) {
        end_down_to(index, now);
    } else {
        take_out(index, now);
    }
    if (is_watched) end_ended(now);
    return true;
}

void ThreadBuffer::end_down_to(std::size_t target, base::Ticks ticks) noexcept {
    if (pending_.count() != 0 && depth() > target) settle();
    while (depth() > target) {
        const bool muted = is_muted();
        if (!asides_.empty()) write_aside(take_aside(top_[-1].id()), ticks);
        --top_;
        if (muted) continue;
        if (skipping_ && depth() >= recorded_) {
            recorder().count_dropped(1);
            continue;
        }
        if (skipping_) recorded_ = depth();
        if (!ensure_room(1, true)) {
            recorder().count_dropped(1);  // out of memory: the session closes what stays open
            continue;
        }
        write_end(ticks);
    }
    refresh_limit();
}

void ThreadBuffer::begin_at(base::Ticks ticks, ZoneKey key, base::SourceLocationId location) noexcept {
    if (top_ >= soft_end_ && !make_place(key)) return;
    *top_++ = {key, location};
    if (skipping_ || is_muted()) return refresh_limit();
    if (!ensure_room(2, false)) {
        start_skipping();
        return;
    }
    write_begin(ticks, location);
    refresh_limit();
}

Word* ThreadBuffer::room_for_markup(std::size_t words) noexcept {
    if (is_muted()) return nullptr;
    const std::uint64_t session = Recorder::epoch();
    if (!skipping_ && wait_for_room(words)) return position();
    // Not a loss when the session, and the zone with it, ended while we waited.
    if (Recorder::epoch() == session) recorder().count_dropped_markup();
    return nullptr;
}

void ThreadBuffer::zone_bytes(Kind kind, std::string_view bytes) noexcept {
    const std::string_view text = base::cut_utf8(bytes, base::StringTable::kMaxStringBytes);
    const std::size_t words = events::words_for_bytes(text.size());
    Word* const at = room_for_markup(1 + words);
    if (at == nullptr) return;
    if (words != 0) at[words] = 0;
    at[0] = events::header(kind, text.size());
    std::memcpy(at + 1, text.data(), text.size());
    publish(at + 1 + words);
}

void ThreadBuffer::zone_number(Kind kind, std::uint64_t number) noexcept {
    const std::size_t words = kind == Kind::ZoneValue ? 2 : 1;
    Word* const at = room_for_markup(words);
    if (at == nullptr) return;
    at[0] = events::header(kind, kind == Kind::ZoneColor ? number : 0);
    if (kind == Kind::ZoneValue) at[1] = number;
    publish(at + words);
}

void ThreadBuffer::write(const Remark& remark) noexcept {
    if (remark.kind == Kind::ZoneText || remark.kind == Kind::ZoneName) return zone_bytes(remark.kind, remark.text);
    zone_number(remark.kind, remark.number);
}

void ThreadBuffer::reset(std::uint64_t new_epoch) noexcept {
    drop_chunks();
    set_depth(0);
    skipping_ = false;
    recorded_ = 0;
    too_deep_ = 0;
    forget_zones_by_hand();
    epoch.store(new_epoch, std::memory_order_relaxed);
}

void ThreadBuffer::drop_chunks() noexcept {
    Chunk* chunk = read_chunk_ != nullptr ? read_chunk_ : first_chunk_.load(std::memory_order_acquire);
    while (chunk != nullptr) {
        Chunk* const next = chunk->next.load(std::memory_order_acquire);
        recorder().pool().release(chunk);
        chunk = next;
    }
    first_chunk_.store(nullptr, std::memory_order_relaxed);
    read_chunk_ = nullptr;
    read_ = nullptr;
    chunk_ = nullptr;
    growth_ = {};
    publish(nullptr);
    leave_no_room();
}

ThreadBuffer::Unread ThreadBuffer::unread() noexcept {
    if (read_chunk_ == nullptr) {
        read_chunk_ = first_chunk_.load(std::memory_order_acquire);
        if (read_chunk_ == nullptr) return {nullptr, nullptr};
        read_ = read_chunk_->words();
    }
    for (;;) {
        Chunk* const next = read_chunk_->next.load(std::memory_order_acquire);
        Word* const last = next != nullptr ? read_chunk_->last : cursor_.load(std::memory_order_acquire);
        if (!read_chunk_->holds(last)) continue;  // the writer has gone on meanwhile, so now there is a successor
        if (read_ != last) return {read_, last};
        if (next == nullptr) return {nullptr, nullptr};
        recorder().pool().release(read_chunk_);
        read_chunk_ = next;
        read_ = next->words();
    }
}

}  // namespace tracypy::recorder
