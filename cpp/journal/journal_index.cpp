#include "journal/journal_index.hpp"

#include <algorithm>

#include "base/inlined.hpp"
#include "journal/bytes.hpp"

namespace tracypy::journal {

void PacketPlaces::add(const PacketPlace& place) {
    put_number(bytes_, place.offset - last_end_);
    put_number(bytes_, place.bytes);
    last_end_ = place.offset + place.bytes;
}

PacketPlace PacketPlaces::next() {
    if (at_ == 0) last_end_ = 0;
    ByteReader reader(std::string_view(bytes_).substr(at_));
    PacketPlace place;
    place.offset = last_end_ + reader.number();
    place.bytes = reader.number();
    last_end_ = place.offset + place.bytes;
    at_ = bytes_.size() - reader.left();
    return place;
}

JournalIndex::Thread& JournalIndex::thread_at(std::size_t index) {
    while (threads_.size() <= index) threads_.emplace_back(static_cast<std::uint32_t>(threads_.size()), start_);
    return threads_[index];
}

class JournalIndex::Visitor {
public:
    Visitor(JournalIndex& index, Thread& thread) : index_(&index), thread_(&thread) {}

    TRACYPY_INLINED void on(const events::ZoneBegin& zone) {
        const model::LocationIndex index = index_->tables_.location_of(static_cast<std::uint64_t>(zone.location));
        std::vector<std::uint64_t>& zones_at = index_->zones_at_;
        if (index >= zones_at.size()) zones_at.resize(std::max<std::size_t>(64, 2 * std::size_t{index}), 0);
        ++zones_at[index];
        if (thread_->open.empty()) {
            ++thread_->result.roots;
        } else {
            ++thread_->open.back().children;
        }
        thread_->open.push_back({thread_->result.children.add(), 0, 0});
    }
    void on(const events::ZoneBeginCallstack& zone) {
        on(events::without_callstack(zone));
        detail(zone);
    }
    TRACYPY_INLINED void on(const events::ZoneEnd& end) {
        const OpenZone& zone = thread_->open.back();
        thread_->result.children.set(zone.zone, zone.children);
        index_->parents_ += zone.children != 0 ? 1 : 0;
        thread_->open.pop_back();
        index_->last_end_ = std::max(index_->last_end_, end.tick);
    }
    template <events::ZoneDetail Event>
    void on(const Event& event) {
        detail(event);
    }
    template <events::ThreadMoment Event>
    void on(const Event& event) {
        index_->tables_.moment(event, thread_->index);
    }
    void dropped() noexcept { index_->tables_.count_dropped(); }

private:
    template <typename Event>
    void detail(const Event& event) {
        OpenZone& zone = thread_->open.back();
        const bool is_first = zone.extra == 0;
        index_->tables_.detail(event, zone.extra);
        if (is_first && zone.extra != 0) thread_->result.extras.push_back({zone.zone, zone.extra});
    }

    JournalIndex* index_;
    Thread* thread_;
};

void JournalIndex::thread_batch(const events::ThreadBatch& batch) {
    last_thread_ = &thread_at(tables_.thread_of(batch.thread));
    Visitor visitor(*this, *last_thread_);
    last_thread_->walk.walk(batch.words, visitor);
}

model::Trace JournalIndex::finish(const model::TraceInfo& info, base::Ticks now) {
    if (const std::size_t threads = tables_.trace().threads.size(); threads != 0) thread_at(threads - 1);
    for (Thread& thread : threads_) {
        Visitor visitor(*this, thread);
        thread.walk.end_all(now, visitor);
        thread.result.children.finish();
        std::sort(thread.result.extras.begin(), thread.result.extras.end(),
                  [](const auto& left, const auto& right) { return left.zone < right.zone; });
    }
    model::Trace trace =
        tables_.finish(info, [this](std::size_t i) { return threads_[i].result.children.size() != 0; });
    trace.info.last_time_ns =
        std::max(trace.info.last_time_ns, model::TimeScale{start_.last(), info.ns_per_tick}(last_end_));
    zones_at_.resize(trace.locations.size(), 0);
    return trace;
}

}  // namespace tracypy::journal
