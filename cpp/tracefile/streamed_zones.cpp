#include "tracefile/streamed_zones.hpp"

#include <algorithm>

namespace tracypy::tracefile {
namespace {

[[noreturn]] void fail_changed() {
    throw FormatError("the trace file was changed while it was read");
}

/// What is inside of the zone around, for one that has just ended.
InsideZone for_outer(bool is_wanted, const model::Zone& zone, const InsideZone& inside) noexcept {
    return is_wanted ? InsideZone{model::time_in(zone), 1} : inside;
}

}  // namespace

void ZonePlan::start(const model::Trace& trace) {
    last_ns_ = trace.info.last_time_ns;
    calls_.assign(trace.locations.size(), 0);
}

void ZonePlan::start_thread(std::size_t index) {
    finish();
    threads_.resize(index + 1);
}

void ZonePlan::begin(model::LocationIndex location, std::int64_t start_ns, std::uint32_t, std::uint32_t) {
    open_.push_back({threads_.back().zones++, start_ns, location, {}});
}

void ZonePlan::end(std::int64_t end_ns) {
    const Open zone = open_.back();
    open_.pop_back();
    ThreadPlan& thread = threads_.back();
    const model::Zone whole{zone.start_ns, end_ns, zone.location, 0, 0, 0};
    const bool is_kept = is_wanted(whole);
    if (is_kept) {
        ++thread.wanted;
        if (calls_[zone.location]++ == 0) called_.push_back(zone.location);
    }
    if (!open_.empty()) open_.back().inside.add(for_outer(is_kept, whole, zone.inside));
    if (thread.zones - zone.index > long_from_) thread.longs.push_back({zone.index, end_ns, zone.inside});
}

void ZonePlan::finish() {
    if (threads_.empty()) return;
    std::ranges::sort(threads_.back().longs, {}, &Long::index);
    for (const model::LocationIndex location : called_) {
        threads_.back().calls.emplace_back(location, std::exchange(calls_[location], 0));
    }
    called_.clear();
}

void StreamedZones::start(std::size_t thread, bool) {
    thread_ = &plan_.threads().at(thread);
    list_.reset();
    count_ = next_long_ = open_longs_ = given_ = 0;
    open_.clear();
    zones_.clear();
    children_ns_.clear();
    around_ = {};
    if (thread_->wanted == 0) return;
    const std::uint64_t offset = lists_.offsets.at(thread);
    if (!reader_ || reader_->position() > offset) {
        source_.seek(0);
        reader_.emplace(source_);
    }
    reader_->skip(offset - reader_->position());
    list_.emplace(*reader_);
}

void StreamedZones::begin(model::LocationIndex location, std::int64_t start_ns, std::uint32_t extra, std::uint32_t) {
    const auto depth = static_cast<std::uint32_t>(open_.size());
    const std::vector<ZonePlan::Long>& longs = thread_->longs;
    const bool is_long = next_long_ < longs.size() && longs[next_long_].index == count_;
    ++count_;
    open_.push_back({zones_.size(), is_long, {}});
    if (is_long) {
        const ZonePlan::Long& known = longs[next_long_++];
        zones_.push_back({start_ns, known.end_ns, location, extra, known.inside.zones, depth});
        children_ns_.push_back(known.inside.time_ns);
        ++open_longs_;
    } else {
        zones_.push_back({start_ns, model::kOpen, location, extra, 0, depth});
        children_ns_.push_back(0);
    }
}

void StreamedZones::end(std::int64_t end_ns) {
    const Open zone = open_.back();
    open_.pop_back();
    if (zone.is_long) {
        --open_longs_;
        return;
    }
    model::Zone& ended = zones_[zone.place];
    ended.end_ns = end_ns;
    ended.children = zone.inside.zones;
    children_ns_[zone.place] = zone.inside.time_ns;
    if (!open_.empty() && !open_.back().is_long) {
        open_.back().inside.add(for_outer(plan_.is_wanted(ended), ended, zone.inside));
    }
}

void StreamedZones::forget_given() {
    if (given_ == 0) return;
    zones_.erase(zones_.begin(), zones_.begin() + static_cast<std::ptrdiff_t>(given_));
    children_ns_.erase(children_ns_.begin(), children_ns_.begin() + static_cast<std::ptrdiff_t>(given_));
    for (Open& open : open_) open.place -= std::min(open.place, given_);  // of long ones nobody asks where they were
    given_ = 0;
}

/// Until twice as many zones are there as may wait, so that those that still do are moved seldom.
void StreamedZones::read_on() {
    const std::size_t enough = 2 * plan_.long_from() + 2;
    read_zones(*reader_, lists_.locations(), lists_.extra_count, *list_, enough - zones_.size(), *this);
    if (!list_->at_end()) return;
    if (count_ != thread_->zones || next_long_ != thread_->longs.size()) fail_changed();
    list_.reset();
}

/// How many zones there are in front of the first that waits.
std::size_t StreamedZones::complete() const noexcept {
    return open_longs_ < open_.size() ? open_[open_longs_].place : zones_.size();
}

model::ZoneSupply::Batch StreamedZones::give(std::size_t complete) {
    given_ = complete;
    std::size_t kept = complete;
    if (!plan_.excerpt().is_all()) {
        kept = 0;
        for (std::size_t i = 0; i < complete; ++i) {
            model::Zone zone = zones_[i];
            around_.go_to(zone.depth);
            if (!plan_.is_wanted(zone)) {
                around_.enter_other();
                continue;
            }
            zone.depth = around_.kept();
            around_.enter_kept(0);
            children_ns_[kept] = children_ns_[i];
            zones_[kept++] = zone;
        }
    }
    return {{zones_.data(), kept}, {children_ns_.data(), kept}};
}

model::ZoneSupply::Batch StreamedZones::more() {
    while (true) {
        forget_given();
        if (!list_) return {};
        read_on();
        const std::size_t ready = complete();
        if (ready == 0) fail_changed();
        const Batch batch = give(ready);
        if (!batch.zones.empty()) return batch;
    }
}

}  // namespace tracypy::tracefile
