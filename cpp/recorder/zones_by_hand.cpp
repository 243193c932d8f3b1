// Zones that the program opens by hand, where they are not nested among the calls by themselves.
//
//     A call ends below one: the zone goes on. It moves down the stack, and lies around what comes next. What of it is
//         in the trace already ends with the call; the rest is another part, which its source location says.
//     The program ends one below calls: calls are never cut. It ends as soon as none of them is open any more.
//     The program ends one below another one: that one is cut, and goes on as another part.
//     It would go on below the code of other coroutines: it moves to a row of its own.
#include <algorithm>
#include <cstdio>
#include <string>
#include <utility>

#include "base/continued.hpp"
#include "base/log.hpp"
#include "base/names.hpp"
#include "recorder/recorder.hpp"

namespace tracypy::recorder {

using events::Kind;

namespace {

// Zones that nobody ever ends pile up below the calls of their thread: so many, and the next one ends with its call.
constexpr std::size_t kMostBelow = 256;
// A part shorter than that says nothing: it is between two ends that were meant to be one.
constexpr std::int64_t kShortNs = 20'000;
// From here on a zone says that it is longer than it was meant to be.
constexpr std::int64_t kLateNs = 100'000;

double nanoseconds(base::Ticks ticks) noexcept {
    static const double ns_per_tick = base::tick_scale().nanoseconds_per_tick();
    return static_cast<double>(ticks) * ns_per_tick;
}

constexpr std::size_t kLateWords = 16;

// That other threads say about zones of one that does not come by: beyond that it is left out, and counted.
constexpr std::size_t kMostMail = 10'000;

std::size_t words_of(const Remarks& remarks) noexcept {
    std::size_t words = 0;
    for (const Remark& remark : remarks)
        words += with_event(remark, [](const auto& event) { return events::words_of(event); });

    return words;
}

std::string late_text(const base::Names& names, const Aside& aside, double late_ns) {
    char late[32];
    std::snprintf(late, sizeof late, "ended %.1f ms earlier", late_ns * 1e-6);
    const auto inside = names.locations.find(aside.inside);
    if (!inside) return late;
    return std::string(late) + ", inside " + std::string(names.strings.find(inside->function).text);
}

void tell_too_many() noexcept {
    static std::atomic<bool> told{false};
    if (told.exchange(true, std::memory_order_relaxed)) return;
    base::log(base::LogLevel::Warning, "more than " + std::to_string(kMostBelow) +
                                           " zones opened by hand wait for their ends on one thread: further ones end "
                                           "with the function that opened them");
}

}  // namespace

// --- zones that are pending ---

void ThreadBuffer::push_pending(const OpenZone& zone, const PendingZone& pending) noexcept {
    stack_.push(zone);
    pending_.push(pending, zone);
}

void ThreadBuffer::begin_to_outlast(const OpenZone& zone) noexcept {
    const std::uint64_t session = recorder_->epoch();
    attend_mail();
    if (recorder_->epoch() != session) return;
    if (pending_.count() == PendingZones::kMost && !write_pending()) return;
    const bool is_unusual = stack_.is_full() || stack_.is_skipping() || stack_.has_unfollowed();
    if (is_unusual || recorder_->tells_at_once()) return begin(zone);
    const base::Ticks now = base::now_ticks();
    pending_.reopen();
    push_pending(zone, {now, now, false});
    pending_.offer();
    refresh();
}

bool ThreadBuffer::write_pending() noexcept {
    if (pending_.count() == 0) return true;
    const std::uint64_t session = recorder_->epoch();
    const bool has_room = wait_for_room(events::kMostBeginWords * pending_.count()) ||
                          (!is_patient_ && ensure_room(events::kMostBeginWords, true));
    if (recorder_->epoch() != session) return false;
    PendingZones::Zones zones;
    const std::size_t count = pending_.withdraw(zones);
    if (has_room) {
        place_pending(zones, count);
    } else if (count != 0) {
        stack_.skip_from(depth() - count);
    }
    refresh();
    return true;
}

void ThreadBuffer::place_pending(const PendingZones::Zones& zones, std::size_t count) noexcept {
    std::size_t from = depth() - count;
    stack_.set_depth(from);
    for (std::size_t i = 0; i < count; ++i, ++from) {
        const OpenZone zone = stack_[from];
        if (lies_in_coroutine(depth()) && move_to_row(zone, zones[i].begun)) continue;
        stack_.push(zone);
        if (ensure_room(events::kMostBeginWords, true)) write_begin(zones[i].from, zone);
    }
}

// --- rows of their own ---

bool ThreadBuffer::lies_in_coroutine(std::size_t index) const noexcept {
    while (index > 0 && !is_call(stack_[index - 1])) --index;
    return index > 0 && waits_without_zones(index - 1);
}

// A coroutine whose zones end when it waits. Those of a fiber wait with it.
bool ThreadBuffer::waits_without_zones(std::size_t index) const noexcept {
    return !is_of_frame(stack_[index]) && recorder_->is_coroutine(stack_[index].id());
}

bool ThreadBuffer::move_to_row(const OpenZone& zone, base::Ticks begun) noexcept {
    if (!is_patient_) return false;                   // the recorder's registry is locked, and a new row needs it
    if (!recorder_->pool().has_room()) return false;  // and this is no moment to wait
    try {
        moved_.reserve(moved_.size() + 1);
    } catch (...) {
        return false;
    }
    const ZoneKey row = recorder_->rows().begin_at_once(id_, begun, zone.location(), zone.callstack());
    if (row == 0) return false;
    moved_.push_back({zone.id(), row});
    for (const Remark& remark : asides_.take(zone.id()).remarks) recorder_->rows().remark(row, remark);
    return true;
}

void ThreadBuffer::end_elsewhere(ZoneKey key, base::Ticks tick, Remarks& remarks) noexcept {
    const auto moved =
        std::find_if(moved_.begin(), moved_.end(), [key](const MovedZone& one) { return one.key == key; });
    if (moved == moved_.end()) return end_in_other_fiber(key, tick, remarks);
    recorder_->rows().end(moved->row, tick, remarks);
    moved_.erase(moved);
}

// --- what is known beside the stack ---

void ThreadBuffer::keep(ZoneKey key, Remarks&& remarks) noexcept {
    if (remarks.empty()) return;
    const auto moved =
        std::find_if(moved_.begin(), moved_.end(), [key](const MovedZone& one) { return one.key == key; });
    if (moved != moved_.end()) {
        for (const Remark& remark : remarks) recorder_->rows().remark(moved->row, remark);
        return;
    }
    const std::size_t index = stack_.find(key);
    if (index == kNowhere) return;
    stack_[index].key |= kWatched;
    try {
        if (asides_.find(key) == nullptr) asides_.add({key, {}});
        Remarks& kept = asides_.find(key)->remarks;
        const std::size_t most = kept.size() < kMostRemarks ? kMostRemarks - kept.size() : 0;
        if (remarks.size() > most) recorder_->policy().count(Lost::Markup, remarks.size() - most);
        remarks.resize(std::min(most, remarks.size()));
        std::move(remarks.begin(), remarks.end(), std::back_inserter(kept));
    } catch (...) {
        recorder_->policy().count(Lost::Markup);
    }
}

// The zone is the innermost one, and about to end. Never waits: the stack is in the middle of a change.
void ThreadBuffer::write_aside(const Aside& aside, base::Ticks ticks) noexcept {
    const bool was_patient = std::exchange(is_patient_, false);
    for (const Remark& remark : aside.remarks) write(remark);
    const double late_ns = aside.is_ended ? nanoseconds(ticks - aside.ended_at) : 0;
    if (late_ns > static_cast<double>(kLateNs)) {
        try {
            write({Kind::ZoneText, 0, late_text(recorder_->names(), aside, late_ns)});
        } catch (...) {
            recorder_->policy().count(Lost::Markup);
        }
    }
    is_patient_ = was_patient;
}

void ThreadBuffer::forget_zones_by_hand() noexcept {
    pending_.clear();
    asides_.clear();
    moved_.clear();
    const std::lock_guard lock(mail_mutex_);
    mail_.clear();
    has_mail_.store(false, std::memory_order_relaxed);
}

// --- out of the middle of the stack ---

/// One zone, and the calls above it, on their way off the stack.
struct ThreadBuffer::Removal {
    std::size_t index;    // of the zone
    std::size_t end;      // of the stack
    std::size_t written;  // from here on nothing is in the trace
    base::Ticks ticks;
    PendingZones::Zones pending{};  // of those from `written` on, unless there was no room for them
    PendingZones::Zones next{};     // what becomes of the lowest ones that go on
};

void ThreadBuffer::take_out(std::size_t index, base::Ticks ticks) noexcept {
    // Some may have to end here, and for that they must have begun.
    if (pending_.count() != 0 && stack_.zones_below(index) + (depth() - index) > kMostBelow) settle();
    Removal removal{index, depth(), depth(), ticks};
    removal.written -= pending_.withdraw(removal.pending);
    if (stack_.is_skipping()) removal.written = std::min(removal.written, stack_.skipped_from());
    for (std::size_t i = removal.end; i-- > index;) end_part(removal, i);
    go_on(removal, close_gap(removal));
    refresh();
}

// The part of it that is in the trace, if any.
void ThreadBuffer::end_part(Removal& removal, std::size_t index) noexcept {
    OpenZone& zone = stack_[index];
    stack_.set_depth(index + 1);
    const Aside* const aside = asides_.empty() ? nullptr : asides_.find(zone.id());
    const bool goes_on = index != removal.index && !is_call(zone) && (aside == nullptr || !aside->is_ended);
    if (stack_.is_muted()) return;
    if (index >= removal.written) {
        if (!goes_on) recorder_->policy().count(Lost::Zone);
        return;
    }
    if (!goes_on && aside != nullptr) write_aside(*aside, removal.ticks);
    if (ensure_room(events::kEndWords, true)) {
        write_end(removal.ticks);
    } else {
        recorder_->policy().count(Lost::Zone);
    }
    if (goes_on) zone.go_on_as(base::continued(recorder_->names(), zone.location()));
}

// Moves down what goes on; what moves to a row of its own is gone from here. Returns where those begin that stay.
std::size_t ThreadBuffer::close_gap(Removal& removal) noexcept {
    const bool is_end_of_fiber = is_of_frame(stack_[removal.index]) && removal.index == 0;
    const bool waits = is_call(stack_[removal.index]) && (is_end_of_fiber || waits_without_zones(removal.index));
    const std::size_t below = stack_.zones_below(removal.index);
    stack_.set_depth(removal.index);
    stack_.limit_skipped(removal.index);
    if (!asides_.empty()) asides_.take(stack_[removal.index].id());
    for (std::size_t i = removal.index + 1; i < removal.end; ++i) {
        const OpenZone zone = stack_[i];
        if (is_call(zone)) continue;
        const Aside* const aside = asides_.empty() ? nullptr : asides_.find(zone.id());
        const bool is_ended = aside != nullptr && aside->is_ended;
        const bool is_over = is_ended || below + (depth() - removal.index) >= kMostBelow;
        if (is_over && !is_ended) tell_too_many();
        const bool was_pending = i >= removal.written && !stack_.is_skipping();
        const PendingZone before =
            was_pending ? removal.pending[i - removal.written] : PendingZone{removal.ticks, removal.ticks, true};
        if (waits && !is_over && move_to_row(zone, before.begun)) continue;
        if (is_over) {
            asides_.take(zone.id());
            continue;
        }
        const std::size_t place = depth() - removal.index;
        if (place < PendingZones::kMost) removal.next[place] = {before.begun, removal.ticks, before.is_continued};
        stack_.push(zone);
    }
    return removal.index;
}

void ThreadBuffer::go_on(const Removal& removal, std::size_t first) noexcept {
    const std::size_t end = depth();
    if (stack_.is_skipping() || first >= std::min(end, stack_.max_depth())) return;
    stack_.set_depth(first);
    if (end - first <= PendingZones::kMost && end <= stack_.max_depth()) {
        for (std::size_t i = first; i < end; ++i) push_pending(stack_[i], removal.next[i - first]);
        pending_.offer();
        return;
    }
    for (std::size_t i = first; i < end; ++i) begin_at(removal.ticks, stack_[i]);
}

// Those that the program has ended, and that have no calls above them any more.
void ThreadBuffer::end_ended(base::Ticks ticks) noexcept {
    for (std::size_t i = depth(); i > 0 && !is_call(stack_[i - 1]);) {
        const Aside* const aside = asides_.find(stack_[i - 1].id());
        if (aside == nullptr || !aside->is_ended) {
            --i;
            continue;
        }
        if (pending_.count() > depth() - i) settle();
        take_out(i - 1, ticks);
        i = depth();
    }
}

// --- the program ends a zone ---

void ThreadBuffer::end_by_hand(ZoneKey key, base::Ticks tick, Remarks&& remarks) noexcept {
    attend_mail();
    std::size_t index = stack_.find(key);
    if (index == kNowhere) return end_elsewhere(key, tick, remarks);
    if (drop_short_part(index, key, tick, remarks)) return;
    if (!write_pending() || !wait_for_remarks(words_of(remarks))) return;
    index = stack_.find(key);
    if (index == kNowhere) return end_elsewhere(key, tick, remarks);
    if (const Aside* const aside = asides_.find(key); aside != nullptr && aside->is_ended) return;
    keep(key, std::move(remarks));
    Aside last = asides_.take(key);
    last.ended_at = tick;
    end_found(index, std::move(last));
    tell();
}

// Later, in the middle of a change, it cannot wait. False: the session changed meanwhile.
bool ThreadBuffer::wait_for_remarks(std::size_t words) noexcept {
    const std::uint64_t session = recorder_->epoch();
    if (words != 0 && !stack_.is_skipping()) (void)wait_for_room(words);
    return recorder_->epoch() == session;
}

bool ThreadBuffer::wait_for_ended() noexcept {
    std::size_t words = 0;
    for (const Aside& aside : asides_) words += aside.is_ended ? kLateWords + words_of(aside.remarks) : 0;
    return wait_for_remarks(words);
}

// The rest of a zone that was cut a moment ago, with nothing in it.
bool ThreadBuffer::drop_short_part(std::size_t index, ZoneKey key, base::Ticks tick, const Remarks& remarks) noexcept {
    if (index + 1 != depth() || pending_.count() == 0 || !remarks.empty() || asides_.find(key) != nullptr) return false;
    const PendingZone zone = pending_.innermost();
    if (!zone.is_continued || nanoseconds(tick - zone.from) > static_cast<double>(kShortNs)) return false;
    PendingZones::Zones zones;
    const std::size_t count = pending_.withdraw(zones);
    if (count != 0) {
        const std::size_t first = depth() - count;
        stack_.set_depth(first);
        for (std::size_t i = 0; i + 1 < count; ++i) push_pending(stack_[first + i], zones[i]);
        if (count > 1) pending_.offer();
    }
    refresh();
    return count != 0;
}

void ThreadBuffer::end_found(std::size_t index, Aside&& last) noexcept {
    std::size_t call = index + 1;
    while (call < depth() && !is_call(stack_[call])) ++call;
    const bool is_below_calls = call < depth();
    const base::Ticks tick = last.ended_at;
    if (is_below_calls) {
        std::size_t innermost = depth() - 1;
        while (!is_call(stack_[innermost])) --innermost;
        last.is_ended = true;
        last.inside = stack_[innermost].location();
    }
    try {
        if (is_below_calls || !last.remarks.empty()) asides_.add(std::move(last));
    } catch (...) {
        recorder_->policy().count(Lost::Markup);  // it ends with the session
    }
    if (is_below_calls) {
        stack_[call].key |= kWatched;
    } else {
        take_out(index, tick);
    }
}

// --- from outside ---

void ThreadBuffer::end_calls(base::Ticks ticks) noexcept {
    std::size_t first = 0;
    while (first < depth() && !is_call(stack_[first])) ++first;
    if (first == depth()) return;
    const bool was_patient = std::exchange(is_patient_, false);
    take_out(first, ticks);
    end_ended(ticks);
    is_patient_ = was_patient;
}

std::vector<OpenZone> ThreadBuffer::lift(base::Ticks ticks) noexcept {
    std::vector<OpenZone> zones;
    for (std::size_t i = 0; i < depth(); ++i) {
        if (is_call(stack_[i])) return {};
    }
    try {
        for (std::size_t i = 0; i < depth(); ++i) zones.push_back(stack_[i]);
    } catch (...) {
        return {};
    }
    Removal removal{0, depth(), depth(), ticks};
    removal.written -= pending_.withdraw(removal.pending);
    if (stack_.is_skipping()) removal.written = std::min(removal.written, stack_.skipped_from());
    for (std::size_t i = depth(); i-- > 0;) {
        stack_.set_depth(i);
        if (i >= stack_.max_depth() || i >= removal.written) continue;
        if (ensure_room(events::kEndWords, true)) write_end(ticks);
        zones[i].go_on_as(base::continued(recorder_->names(), zones[i].location()));
    }
    stack_.limit_skipped(0);
    refresh();
    return zones;
}

void ThreadBuffer::lower(const std::vector<OpenZone>& zones, base::Ticks ticks) noexcept {
    const std::size_t first = depth();
    Removal removal{first, first, first, ticks};
    for (const OpenZone& zone : zones) {
        if (stack_.is_full() && !make_place(zone.key)) break;
        if (depth() - first < PendingZones::kMost) removal.next[depth() - first] = {ticks, ticks, false};
        stack_.push(zone);
    }
    go_on(removal, first);
    refresh();
}

void ThreadBuffer::settle() noexcept {
    const bool was_patient = std::exchange(is_patient_, false);
    attend_mail();
    (void)write_pending();
    is_patient_ = was_patient;
}

void ThreadBuffer::finish(base::Ticks ticks) noexcept {
    settle();
    for (std::size_t i = 0; i < depth(); ++i) {
        if (asides_.find(stack_[i].id()) != nullptr) return end_down_to(i, ticks);
    }
}

void ThreadBuffer::post(ZoneKey key, bool is_end, base::Ticks tick, Remarks&& remarks) noexcept {
    {
        const std::lock_guard lock(mail_mutex_);
        if (!is_end && mail_.size() >= kMostMail) return recorder_->policy().count(Lost::Markup);
        try {
            mail_.push_back({key, is_end, tick, std::move(remarks)});
        } catch (...) {
            return;
        }
        has_mail_.store(true, std::memory_order_relaxed);
    }
    leave_no_room();
}

void ThreadBuffer::attend_mail() noexcept {
    if (!has_mail_.load(std::memory_order_relaxed)) return;
    std::vector<Mail> mail;
    {
        const std::lock_guard lock(mail_mutex_);
        mail.swap(mail_);
        has_mail_.store(false, std::memory_order_relaxed);
    }
    for (Mail& one : mail) {
        if (one.is_end) {
            end_by_hand(one.key, one.tick, std::move(one.remarks));
        } else {
            keep(one.key, std::move(one.remarks));
        }
    }
}

}  // namespace tracypy::recorder
