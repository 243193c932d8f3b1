// The zones of a file one after the other, each with its end, in memory that does not grow with them.
//
// A file states the end of a zone behind all that lies in it, and the outermost call lasts as long as its thread. So it
// is read twice: the first time ZonePlan notes the ends of the few zones that hold very many others. The second time
// StreamedZones has to wait only for the ends of the rest.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "io/byte_stream.hpp"
#include "model/excerpt.hpp"
#include "model/kept_around.hpp"
#include "model/zone_sink.hpp"
#include "model/zone_supply.hpp"
#include "tracefile/file_block_reader.hpp"
#include "tracefile/reader.hpp"
#include "tracefile/zone_stream.hpp"

namespace tracypy::tracefile {

/// What lies directly in a zone, as far as it is wanted: what lies in a zone that is not belongs to the one around.
struct InsideZone {
    void add(const InsideZone& inner) noexcept {
        model::add_time(time_ns, inner.time_ns);
        zones += inner.zones;
    }

    std::int64_t time_ns = 0;
    std::uint32_t zones = 0;
};

class ZonePlan final : public model::ZoneSink {
public:
    /// A zone with so many inside that nobody waits for its end.
    struct Long {
        std::uint64_t index;  // among all zones of its thread in the file
        std::int64_t end_ns;
        InsideZone inside;
    };
    struct ThreadPlan {
        std::uint64_t zones = 0;  // in the file
        std::uint64_t wanted = 0;
        std::vector<Long> longs;                                            // by index
        std::vector<std::pair<model::LocationIndex, std::uint64_t>> calls;  // how many wanted zones, by location
    };

    static constexpr std::size_t kLong = 32 * 1024;

    explicit ZonePlan(const model::Excerpt& excerpt, std::size_t long_from = kLong)
        : excerpt_(excerpt), long_from_(long_from) {}

    void start(const model::Trace& trace) override;
    void start_thread(std::size_t index) override;
    void begin(model::LocationIndex location, std::int64_t start_ns, std::uint32_t extra,
               std::uint32_t children) override;
    void end(std::int64_t end_ns) override;
    /// After the last zone.
    void finish();

    const std::vector<ThreadPlan>& threads() const noexcept { return threads_; }
    const model::Excerpt& excerpt() const noexcept { return excerpt_; }
    std::size_t long_from() const noexcept { return long_from_; }
    bool is_wanted(const model::Zone& zone) const noexcept {
        return model::is_wanted(excerpt_, zone.start_ns, zone.end_ns, last_ns_);
    }

private:
    struct Open {
        std::uint64_t index;
        std::int64_t start_ns;
        model::LocationIndex location;
        InsideZone inside;
    };

    model::Excerpt excerpt_;
    std::size_t long_from_;
    std::int64_t last_ns_ = 0;
    std::vector<ThreadPlan> threads_;
    std::vector<Open> open_;
    std::vector<std::uint64_t> calls_;          // of this thread, by location
    std::vector<model::LocationIndex> called_;  // of which there are any
};

/// All must outlive it. The file has not changed since it was planned; if it has, more() throws FormatError.
class StreamedZones final : public model::ZoneSupply, private model::ZoneSink {
public:
    StreamedZones(io::SeekableSource& source, const ZoneLists& lists, const ZonePlan& plan)
        : source_(source), lists_(lists), plan_(plan) {}

    void start(std::size_t thread, bool with_children) override;
    Batch more() override;

private:
    struct Open {
        std::size_t place;  // in zones_
        bool is_long;
        InsideZone inside;
    };

    void start(const model::Trace&) override {}
    void start_thread(std::size_t) override {}
    void begin(model::LocationIndex location, std::int64_t start_ns, std::uint32_t extra,
               std::uint32_t children) override;
    void end(std::int64_t end_ns) override;
    void forget_given();
    void read_on();
    std::size_t complete() const noexcept;
    Batch give(std::size_t complete);

    io::SeekableSource& source_;
    const ZoneLists& lists_;
    const ZonePlan& plan_;
    std::optional<FileBlockReader> reader_;
    const ZonePlan::ThreadPlan* thread_ = nullptr;
    std::optional<PlaceInList> list_;  // none: the thread's zones have all been read
    std::uint64_t count_ = 0;          // of its zones that have begun
    std::size_t next_long_ = 0;
    std::size_t open_longs_ = 0;  // the first ones of open_
    std::vector<Open> open_;
    std::vector<model::Zone> zones_;  // some wait for their ends; depths are those of the file
    std::vector<std::int64_t> children_ns_;
    std::size_t given_ = 0;  // the first ones of zones_
    model::KeptAround around_;
};

}  // namespace tracypy::tracefile
