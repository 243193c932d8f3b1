#include "recorder/thread_buffer.hpp"

#include <algorithm>
#include <atomic>

#include "recorder/recorder.hpp"

namespace tracypy::recorder {

using events::Word;

namespace {

// No buffer's tokens are another one's, even when the system uses the thread's number or the memory again: a zone may
// be ended long after its thread is gone.
std::uint32_t next_number() noexcept {
    static std::atomic<std::uint32_t> buffers{1};
    return buffers.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace

ThreadBuffer::ThreadBuffer(Recorder& recorder, base::ThreadId id, std::uint64_t native_id, bool has_own_row,
                           std::size_t max_depth) noexcept
    : queue_(recorder.pool()),
      stack_(max_depth),
      ordered_(recorder.pool()),
      recorder_(&recorder),
      number_(next_number()),
      id_(id),
      native_id_(native_id),
      has_own_row_(has_own_row) {
    next_token_ = ZoneKey{number_} << kNumberShift | kByHand;
}

// What is open stays open, but is it in the trace? What is too deep from now on ends there; what is no longer begins.
void ThreadBuffer::set_max_depth(std::size_t new_max) noexcept {
    const std::size_t old_max = stack_.max_depth();
    if (depth() > std::min(old_max, new_max)) settle();
    stack_.set_max_depth(new_max);
    const bool is_listened_to = recorder_->epoch() != 0;
    if (new_max < old_max) {
        const base::Ticks now = base::now_ticks();
        const std::size_t end = std::min({depth(), old_max, stack_.skipped_from()});
        for (std::size_t open = end; open > new_max && is_listened_to; --open) {
            if (ensure_room(events::kEndWords, true)) write_end(now);
        }
        stack_.limit_skipped(new_max);
    } else if (stack_.is_skipping()) {
        stack_.limit_skipped(old_max);
    } else if (old_max < depth() && is_listened_to) {
        stack_.skip_from(old_max);
        open_skipped();
    }
    refresh();
}

void ThreadBuffer::refresh() noexcept {
    const bool is_unusual = stack_.is_skipping() || stack_.has_unfollowed() || stack_.is_deep() ||
                            pending_.count() != 0 || owes_run() || has_mail_.load(std::memory_order_relaxed) ||
                            recorder_->tells_at_once();
    const bool looks_up = epoch.load(std::memory_order_relaxed) == kLookUp;
    if (is_unusual || (looks_up && look_up_at_ == nullptr)) {
        queue_.close();
    } else {
        queue_.open(looks_up ? look_up_at_ : nullptr);
    }
}

void ThreadBuffer::look_up_after(std::size_t words) noexcept {
    look_up_at_ = words != 0 && queue_.ensure_room(words, false) ? queue_.position() + words : nullptr;
    epoch.store(kLookUp, std::memory_order_relaxed);
    refresh();
}

void ThreadBuffer::looked_up(std::uint64_t session) noexcept {
    look_up_at_ = nullptr;
    epoch.store(session, std::memory_order_relaxed);
}

// The stack is full, or deeper than what is to be recorded. False: this zone is not even followed.
bool ThreadBuffer::make_place(ZoneKey key) noexcept {
    if (!stack_.make_place()) {
        // Ends of calls must take the slow path, which counts them off; those of others have a key that is not found.
        if ((key & kByHand) == 0) stack_.add_unfollowed();
        refresh();
        recorder_->policy().count(Lost::Deep);
        return false;
    }
    refresh();
    return true;
}

void ThreadBuffer::shrink() noexcept {
    queue_.shrink();
    ordered_.shrink();
    refresh();
}

bool ThreadBuffer::ensure_room(std::size_t words, bool beyond_limit) noexcept {
    if (owes_run()) [[unlikely]] {
        if (!queue_.ensure_room(kRunWords + words, beyond_limit)) return false;
        write_run(base::now_ticks());
    }
    if (!queue_.ensure_room(words, beyond_limit)) return false;
    refresh();
    return true;
}

bool ThreadBuffer::wait_for_memory() noexcept {
    const bool is_inside = gate_mark_.load(std::memory_order_relaxed);
    if (is_inside) WriterGate::leave(gate_mark_);
    const bool has_room = recorder_->wait_for_room();
    if (is_inside) recorder_->gate().enter(gate_mark_);
    return has_room;
}

bool ThreadBuffer::await_room() noexcept {
    const std::uint64_t session = recorder_->epoch();
    if (!recorder_->pool().has_room()) (void)wait_for_memory();
    return recorder_->epoch() == session;
}

bool ThreadBuffer::wait_for_room(std::size_t words) noexcept {
    for (int tries = 0; !ensure_room(words, false); ++tries) {
        const std::uint64_t before = recorder_->epoch();
        if (!is_patient_ || !wait_for_memory() || tries >= DropPolicy::kMostTries) return false;
        if (recorder_->epoch() != before) return false;  // the zone may be gone
    }
    return true;
}

void ThreadBuffer::begin_slow(const OpenZone& zone) noexcept {
    const std::uint64_t session = recorder_->epoch();
    attend_mail();
    if (recorder_->epoch() != session || !write_pending()) return;
    if (stack_.is_full() && !make_place(zone.key)) return;
    stack_.push(zone);
    begin_pushed();
    tell();
}

void ThreadBuffer::tell() noexcept {
    if (recorder_->tells_at_once()) recorder_->tell_of(this);
}

// The zone is on the stack already. Whatever happens here, it either gets its begin event or counts as skipped.
void ThreadBuffer::begin_pushed() noexcept {
    if (stack_.is_muted()) return refresh();
    if (stack_.is_skipping()) {
        if (recorder_->pool().has_room()) open_skipped();
        return;
    }
    for (int tries = 0; !ensure_room(events::kMostBeginWords, false); ++tries) {
        const OpenZone zone = stack_.innermost();
        stack_.pop();
        // Not this buffer's own epoch: the drain changes that one, too.
        const std::uint64_t before = recorder_->epoch();
        const bool worth_another_try = wait_for_memory() && tries < DropPolicy::kMostTries;
        // While we waited somebody may have started another session, which opened this very zone itself.
        if (recorder_->epoch() != before) return;
        stack_.push(zone);
        if (worth_another_try) continue;
        stack_.skip_from(depth() - 1);
        return refresh();
    }
    write_begin(base::now_ticks(), stack_.innermost());
}

// There is room again: the zones that are open but not in the trace begin now, so that what follows has its place.
void ThreadBuffer::open_skipped() noexcept {
    std::size_t next = stack_.skipped_from();
    const std::size_t end = std::min(depth(), stack_.max_depth());
    stack_.skip_none();
    for (; next < end; ++next) {
        if (!ensure_room(events::kMostBeginWords, false)) {
            stack_.skip_from(next);
            break;
        }
        write_begin(base::now_ticks(), stack_[next]);
    }
    refresh();
}

bool ThreadBuffer::end_slow(ZoneKey key) noexcept {
    attend_mail();
    if (stack_.has_unfollowed()) {
        stack_.end_unfollowed();
        refresh();
        return true;
    }
    const std::size_t index = stack_.find(key);
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
    tell();
    return true;
}

void ThreadBuffer::end_down_to(std::size_t target, base::Ticks ticks) noexcept {
    if (pending_.count() != 0 && depth() > target) settle();
    while (depth() > target) {
        const bool muted = stack_.is_muted();
        if (!asides_.empty()) write_aside(asides_.take(stack_.innermost().id()), ticks);
        stack_.pop();
        if (muted) continue;
        if (stack_.is_skipping() && depth() >= stack_.skipped_from()) {
            recorder_->policy().count(Lost::Zone);
            continue;
        }
        stack_.limit_skipped(depth());
        if (!ensure_room(events::kEndWords, true)) {
            recorder_->policy().count(Lost::Zone);  // out of memory: the session closes what stays open
            continue;
        }
        write_end(ticks);
    }
    refresh();
}

void ThreadBuffer::begin_at(base::Ticks ticks, const OpenZone& zone) noexcept {
    if (stack_.is_full() && !make_place(zone.key)) return;
    stack_.push(zone);
    if (stack_.is_skipping() || stack_.is_muted()) return refresh();
    if (ensure_room(events::kMostBeginWords, false)) {
        write_begin(ticks, zone);
    } else {
        stack_.skip_from(depth() - 1);
    }
    refresh();
}

Word* ThreadBuffer::room_for_markup(std::size_t words) noexcept {
    if (stack_.is_muted()) return nullptr;
    const std::uint64_t session = recorder_->epoch();
    if (!stack_.is_skipping() && wait_for_room(words)) return queue_.position();
    // Not a loss when the session, and the zone with it, ended while we waited.
    if (recorder_->epoch() == session) recorder_->policy().count(Lost::Markup);
    return nullptr;
}

void ThreadBuffer::write(const Remark& remark) noexcept {
    with_event(remark, [this](const auto& event) {
        Word* const at = room_for_markup(events::words_of(event));
        if (at != nullptr) queue_.publish(events::put(at, event));
    });
    tell();
}

bool ThreadBuffer::make_room_for_moment(std::size_t words) noexcept {
    const std::uint64_t session = recorder_->epoch();
    attend_mail();
    if (recorder_->epoch() != session || !write_pending()) return false;
    if (wait_for_room(words)) return true;
    if (recorder_->epoch() == session) recorder_->policy().count(Lost::Event);
    return false;
}

void ThreadBuffer::write_ordered(std::span<const Word> event, bool beyond_limit) noexcept {
    write_to_lane(beyond_limit, [&] { return recorder::write_ordered(ordered_, id_, event, beyond_limit); });
}

std::uint64_t ThreadBuffer::this_session() const noexcept {
    return recorder_->epoch();
}

bool ThreadBuffer::try_lane_again(std::uint64_t session, bool beyond_limit, int tries) noexcept {
    const bool may_wait = is_patient_ && !beyond_limit && tries < DropPolicy::kMostTries;
    if (may_wait && wait_for_memory() && recorder_->epoch() == session) return true;
    if (recorder_->epoch() == session) recorder_->policy().count(Lost::Event);
    return false;
}

void ThreadBuffer::reset(std::uint64_t new_epoch) noexcept {
    queue_.clear();
    ordered_.clear();
    fibers_.reset();
    has_fibers_.store(false, std::memory_order_relaxed);
    rows_.clear();
    stack_.clear();
    forget_zones_by_hand();
    epoch.store(new_epoch, std::memory_order_relaxed);
}

}  // namespace tracypy::recorder
