// The first pass over a journal: everything that a file states before its zones, and where each thread's zones are.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <unordered_map>
#include <vector>

#include "events/thread_walk.hpp"
#include "journal/child_counts.hpp"
#include "journal/journal_reader.hpp"
#include "model/tables_sink.hpp"

namespace tracypy::journal {

/// Places of packets, a few bytes each: read once, in the order in which they were added.
class PacketPlaces {
public:
    void add(const PacketPlace& place);
    bool at_end() const noexcept { return at_ == bytes_.size(); }
    PacketPlace next();

private:
    std::string bytes_;
    std::size_t at_ = 0;
    std::uint64_t last_end_ = 0;
};

/// What the index knows of one thread's zones.
struct IndexedThread {
    struct Extra {
        std::uint64_t zone;
        std::uint32_t extra;  // index into the trace's zone_extras
    };

    PacketPlaces places;
    ChildCounts children;
    std::uint32_t roots = 0;
    std::vector<Extra> extras;  // by zone
};

/// One thread. finish() comes after the last packet.
class JournalIndex final : public model::TablesSink {
public:
    /// `names` must outlive it. `start`: of every thread.
    JournalIndex(const base::Names& names, const base::RowClock& start)
        : TablesSink(names, start.last()), start_(start), last_end_(start.last()) {}

    void thread_batch(const events::ThreadBatch& batch) override;
    /// Where the packet is that thread_batch() got last.
    void add_place(const PacketPlace& place) { last_thread_->result.places.add(place); }

    /// All but the zones. `now`: when those end that are open.
    model::Trace finish(const model::TraceInfo& info, base::Ticks now);

    // After finish().
    IndexedThread& thread(std::size_t index) { return threads_[index].result; }
    std::uint64_t zones_of(std::size_t thread) const { return threads_[thread].result.children.size(); }
    std::uint64_t zones_at(model::LocationIndex location) const { return zones_at_[location]; }
    std::uint64_t parents() const noexcept { return parents_; }
    model::LocationIndex location_of(std::uint64_t id) const noexcept { return tables_.known_location(id); }

private:
    struct OpenZone {
        std::uint64_t zone;
        std::uint32_t children;
        std::uint32_t extra;
    };
    struct Thread {
        Thread(std::uint32_t row, const base::RowClock& start) : index(row), walk(start) {}

        std::uint32_t index;
        events::RowWalk walk;
        std::vector<OpenZone> open;
        IndexedThread result;
    };

    class Visitor;

    Thread& thread_at(std::size_t index);

    base::RowClock start_;
    base::Ticks last_end_;        // of all zones
    std::deque<Thread> threads_;  // as in the trace
    Thread* last_thread_ = nullptr;
    std::vector<std::uint64_t> zones_at_;
    std::uint64_t parents_ = 0;
};

}  // namespace tracypy::journal
