// Rows beside a thread's own, for zones of code that waits while other code runs: of coroutines.
//
// Such a zone lasts from its true begin to its true end, whatever the thread does meanwhile, so it cannot lie among the
// thread's calls. A row holds one zone at a time; it is used again when that has ended.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "recorder/remark.hpp"
#include "recorder/zone_key.hpp"

namespace tracypy::recorder {

class Recorder;
class ThreadBuffer;

/// Any thread; `mutex_` guards everything, also the buffers, which no thread but the drain touches without it. It is
/// never held while waiting for anything. Where the recorder's registry is locked as well, that comes first.
class ZoneRows {
public:
    static constexpr std::size_t kMost = 256;

    explicit ZoneRows(Recorder& recorder) noexcept : recorder_(recorder) {}

    /// Begins a zone on a row of `thread`, perhaps once there is room. 0 when there is no row to be had.
    ZoneKey begin(base::ThreadId thread, base::Ticks begun, base::SourceLocationId location,
                  base::CallstackId callstack = base::CallstackId::None) noexcept;
    /// The same of a zone that is there already, in the middle of a change: never waits.
    ZoneKey begin_at_once(base::ThreadId thread, base::Ticks begun, base::SourceLocationId location,
                          base::CallstackId callstack) noexcept;
    /// The zone's session may be over: then nothing happens.
    void end(ZoneKey key, base::Ticks tick, const Remarks& remarks) noexcept;
    void remark(ZoneKey key, const Remark& remark) noexcept;

    /// Rows of a thread that has ended go when their zones have.
    void thread_exits(base::ThreadId thread) noexcept;
    /// The buffers are about to go.
    void clear() noexcept;

    void lock() { mutex_.lock(); }  // around a fork
    void unlock() { mutex_.unlock(); }

private:
    struct Row {
        ThreadBuffer* buffer;  // null: a place for a new row
        base::ThreadId thread;
        std::size_t number;  // among those of its thread, from 1
        ZoneKey key;         // of the zone that is open, or 0
        base::Ticks last_end;
        std::uint64_t named;  // the version of the threads' names by which it got its own
        bool is_orphaned;
    };

    Row* free_row(base::ThreadId thread, base::Ticks begun) noexcept;
    bool add_row(base::ThreadId thread) noexcept;
    Row* row_of(ZoneKey key) noexcept;
    void name(Row& row);
    static void give_back(Row& row) noexcept;

    Recorder& recorder_;
    std::mutex mutex_;
    std::vector<Row> rows_;
    ZoneKey last_serial_ = 0;
    bool told_full_ = false;
};

}  // namespace tracypy::recorder
