// The zones of a thread as packets of a Perfetto trace (perfetto/trace/trace_packet.proto).
//
// All packets of a thread are one sequence, which a packet with the clock, the default track and the interned names
// goes before: src/tracypy/exporters/perfetto.py writes it. Times are what has gone by since the packet before.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "exporting/nested_zones.hpp"

namespace tracypy::exporting {

/// What only a few zones have, as fields of a TrackEvent: all of it but type, name and place.
struct EventFields {
    std::string fields;
    bool has_name = false;  // so that the name of its location is not said
};
using DescribeZone = std::function<EventFields(const model::Zone&)>;

class PerfettoZones {
public:
    /// `thread` must stay; `is_wanted` is by location. `sequence` is that of all packets; `interned[location]` the
    /// InternedData by which the location's name and place get the number `location + 1`.
    PerfettoZones(const model::Thread& thread, std::vector<bool> is_wanted, std::int64_t last_ns,
                  std::uint32_t sequence, std::vector<std::string> interned);
    PerfettoZones(const PerfettoZones&) = delete;  // the walk looks at is_wanted_
    PerfettoZones& operator=(const PerfettoZones&) = delete;

    /// The next packets, of about so many bytes; none when there are no more.
    std::string more(std::size_t bytes, const DescribeZone& describe);

    std::uint64_t written() const noexcept { return written_; }

private:
    void begin(const NestedZone& zone, const DescribeZone& describe);
    void end_down_to(std::size_t depth);
    void packet(std::int64_t time_ns, const std::string& interned, const char* event, std::size_t event_size);

    std::vector<bool> is_wanted_;
    NestedZones zones_;
    std::uint32_t sequence_;
    std::vector<std::string> interned_;  // emptied where it has been said
    std::vector<std::int64_t> ends_;     // of the open zones
    std::int64_t now_ns_ = 0;
    std::uint64_t written_ = 0;
    bool is_done_ = false;
    std::string event_;  // kept for its memory
    std::string out_;
};

}  // namespace tracypy::exporting
