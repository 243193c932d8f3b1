#include "recorder/gpu_queue.hpp"

#include <algorithm>
#include <utility>

#include "recorder/recorder.hpp"

namespace tracypy::recorder {

void GpuQueue::look_up() noexcept {
    const std::uint64_t session = recorder_.session();
    if (session == session_) [[likely]] {
        return;
    }
    session_ = session;
    rows_.clear();
    free_.clear();
    next_query_ = 0;
}

bool GpuQueue::take_query(std::uint16_t& query) {
    if (!free_.empty()) {
        query = free_.back();
        free_.pop_back();
        return true;
    }
    if (next_query_ > std::numeric_limits<std::uint16_t>::max()) return false;
    query = static_cast<std::uint16_t>(next_query_++);
    return true;
}

void GpuQueue::give_back(const GpuZone& zone) {
    free_.insert(free_.end(), {zone.begin_query, zone.end_query});
}

events::GpuStep GpuQueue::step(Action action, base::ThreadId thread, const GpuZone& zone) const noexcept {
    events::GpuStep step{.thread = thread, .context = context_, .action = action};
    step.begin_query = zone.begin_query;
    step.end_query = zone.end_query;
    return step;
}

// What ends something that is recorded has room always.
bool GpuQueue::write(ThreadBuffer& thread, const events::GpuStep& step, bool beyond_limit) {
    return thread.write_shared(step, beyond_limit) && recorder_.session() == session_;
}

void GpuQueue::begin(ThreadBuffer& thread, base::SourceLocationId location, GpuZone& zone) {
    look_up();
    zone = {};
    auto place = std::make_shared<GpuZone::Place>();
    Row& row = rows_[thread.id()];
    row.open.reserve(row.open.size() + 1);
    free_.reserve(free_.size() + 2);
    if (!take_query(zone.begin_query)) return recorder_.policy().count(Lost::GpuZone);
    if (!take_query(zone.end_query)) {
        free_.push_back(zone.begin_query);
        return recorder_.policy().count(Lost::GpuZone);
    }
    const std::uint64_t session = session_;
    events::GpuStep begin = step(Action::Begin, thread.id(), zone);
    begin.location = location;
    if (!write(thread, begin, false)) {
        if (recorder_.session() == session) give_back(zone);
        return;
    }
    Row& same_row = rows_[thread.id()];  // others may have come in between
    zone.session = session_;
    zone.is_open = true;
    zone.thread = thread.id();
    zone.place = std::move(place);
    std::shared_ptr<GpuZone::Place>& last = same_row.open.empty() ? same_row.last : same_row.open.back()->last_inside;
    zone.before = std::exchange(last, zone.place);
    same_row.open.push_back(&zone);
}

void GpuQueue::end(ThreadBuffer& thread, GpuZone& zone) {
    look_up();
    if (!zone.is_open) return;
    if (zone.session != session_) {
        zone.is_open = false;
        return;
    }
    std::vector<GpuZone*>& open = rows_[zone.thread].open;
    while (zone.is_open && !open.empty()) {
        GpuZone& innermost = *open.back();
        open.pop_back();
        innermost.is_open = false;
        if (!write(thread, step(Action::End, innermost.thread, innermost), true))
            innermost.session = 0;  // its times would be no zone's
    }
}

void GpuQueue::set_times(ThreadBuffer& thread, GpuZone& zone, base::Ticks begin, base::Ticks end) {
    look_up();
    if (zone.session != session_) return;
    if (zone.before != nullptr && zone.before->begin != GpuZone::Place::kUnknown) {
        begin = std::max(begin, zone.before->begin);
    }
    begin = std::min(begin, zone.place->latest);
    zone.place->begin = begin;
    if (zone.before != nullptr) zone.before->latest = std::min(zone.before->latest, begin);
    events::GpuStep times = step(Action::Times, zone.thread, zone);
    times.gpu_begin = static_cast<std::uint64_t>(begin);
    times.gpu_end = static_cast<std::uint64_t>(std::max(begin, end));
    zone.session = 0;
    free_.reserve(free_.size() + 2);
    if (write(thread, times, true)) give_back(zone);
}

// Its numbers stay taken: a viewer waits for their times.
void GpuQueue::forget(ThreadBuffer* thread, GpuZone& zone) {
    if (!zone.is_open) return;
    if (thread != nullptr) return end(*thread, zone);
    const auto row = rows_.find(zone.thread);
    if (row != rows_.end()) std::erase(row->second.open, &zone);
    zone.is_open = false;
}

}  // namespace tracypy::recorder
