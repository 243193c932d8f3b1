// Which row of the viewer a thread gets.
//
// The system's number of a thread, so that it can be found again in other tools; but the system uses numbers again, and
// a row is for good. A viewer holds about 65,000 rows. So many threads have rows of their own; what comes later shares
// the others: a row serves one thread at a time, for the sake of nesting, and says by its name how many it has served.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/ids.hpp"
#include "base/thread_names.hpp"

namespace tracypy::recorder {

/// One thread at a time, but where something else is said.
class RowNumbers {
public:
    static constexpr std::size_t kMostOwn = 50'000;

    struct Row {
        base::ThreadId id;
        bool is_own;
    };

    explicit RowNumbers(base::ThreadNames& names) : names_(names) {}

    /// For a thread. Throws std::bad_alloc, as all that follow.
    Row take(std::uint64_t native_id);
    /// The next one that is taken is not shared.
    bool has_own() const noexcept { return used_.size() < kMostOwn; }
    /// One that belongs to no thread; None when there are no more.
    base::ThreadId take_synthetic();
    /// A row that was taken goes on in a new session, which has begun with clear().
    void keep(const Row& row);
    /// The thread has ended, and all its events are read.
    void give_back(const Row& row);
    void clear() noexcept;

    /// Any thread.
    bool is_sharing() const noexcept { return is_sharing_.load(std::memory_order_relaxed); }

private:
    base::ThreadId share();

    base::ThreadNames& names_;
    std::unordered_set<std::uint32_t> used_;                    // ever in this session, by one thread alone
    std::unordered_map<base::ThreadId, std::uint64_t> shared_;  // and how many threads they had
    std::vector<base::ThreadId> free_shared_;
    std::atomic<bool> is_sharing_{false};
    std::uint32_t next_synthetic_ = 0x8000'0000u;
};

}  // namespace tracypy::recorder
