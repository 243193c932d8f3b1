// The last moments of a recording that goes on for ever, as a ring of segments: the newest stay, the oldest go.
//
// Each segment is a journal of its own: it defines what its events refer to, and begins with what was open when it
// began. So the first one that is left tells the same whatever was before it, and nothing here grows with time. Read
// one behind the other they are one journal (journal_reader.hpp).
// Must not know: files.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <memory>

#include "base/names.hpp"
#include "events/definition_table.hpp"
#include "events/event_sink.hpp"
#include "io/byte_stream.hpp"
#include "journal/journal_info.hpp"
#include "journal/journal_writer.hpp"
#include "journal/open_zones.hpp"

namespace tracypy::journal {

/// Where segments are kept, by numbers that go up.
class SegmentStore {
public:
    virtual ~SegmentStore() = default;
    /// A new one: where it is written, until the next one begins. Throws base::SystemError.
    virtual io::ByteSink& begin(std::uint64_t number) = 0;
    virtual void forget(std::uint64_t number) noexcept = 0;
};

/// How much is kept: at least the one, at most the other.
struct RingLimits {
    double seconds = std::numeric_limits<double>::infinity();
    std::uint64_t bytes = std::numeric_limits<std::uint64_t>::max();
};

/// One thread. `store`, `open`, `definitions` and `names` must outlive it.
class Ring {
public:
    /// A segment is this part of what is kept: by so much more than wanted is kept at most.
    static constexpr int kSegments = 8;

    /// `about` is asked when a segment begins. `open` and `definitions` know everything that the ring has got.
    Ring(SegmentStore& store, const base::Names& names, JournalInfo info, const RingLimits& limits, OpenZones& open,
         const events::DefinitionTable& definitions, std::function<model::TraceInfo()> about);

    /// Of the segment that is being written.
    JournalWriter& writer() noexcept { return *writer_; }
    /// Begins the next segment, and forgets what is older than what is kept, when it is time for it. Everything that
    /// happened before `begin` has been handed over. Throws what the store and its sinks throw.
    void turn_if_full(const base::ClockReading& now, base::Ticks begin);
    bool is_full(std::int64_t now_ns) const noexcept;

    /// Of all segments.
    std::uint64_t bytes() const noexcept { return older_bytes_ + writer_->bytes(); }

private:
    struct Segment {
        std::uint64_t number;
        std::int64_t begin_ns;
        std::uint64_t bytes;  // once it is complete
    };

    void begin_segment(const base::ClockReading& now, base::Ticks begin);
    bool is_first_out_of_date(std::int64_t now_ns) const noexcept;

    SegmentStore& store_;
    const base::Names& names_;
    JournalInfo info_;
    const RingLimits limits_;
    OpenZones& open_;
    const events::DefinitionTable& definitions_;
    std::function<model::TraceInfo()> about_;
    std::deque<Segment> segments_;
    std::unique_ptr<JournalWriter> writer_;
    base::Ticks begin_ = 0;
    std::uint64_t older_bytes_ = 0;  // of all segments but the last
};

}  // namespace tracypy::journal
