// The locks of the program that a trace knows, each with a number.
//
// A program makes locks for as long as it runs, and what is told of them is kept for whoever listens later. So a lock
// that is gone leaves its number to the next one that is made at the same place.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "recorder/lock_record.hpp"

namespace tracypy::recorder {

/// Thread-safe; `mutex_` guards all.
class LockRecords {
public:
    explicit LockRecords(Recorder& recorder) noexcept : recorder_(recorder) {}

    /// Null: there is no room for one more, which is counted. Throws std::bad_alloc.
    LockRecord* take(base::SourceLocationId place, bool is_shared, base::Ticks made);
    /// Of a lock that is gone.
    void give_back(LockRecord* record) noexcept;

    void lock() { mutex_.lock(); }  // around a fork
    void unlock() { mutex_.unlock(); }

private:
    using Place = std::pair<base::SourceLocationId, bool>;
    struct Entry {
        std::unique_ptr<LockRecord> record;
        Place place;
    };

    Recorder& recorder_;
    std::mutex mutex_;
    std::vector<Entry> entries_;                        // by number
    std::map<Place, std::vector<LockRecord*>> spares_;  // whose locks are gone
};

}  // namespace tracypy::recorder
