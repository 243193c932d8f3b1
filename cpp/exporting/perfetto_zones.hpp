// The zones of a thread as packets of a Perfetto trace (perfetto/trace/trace_packet.proto).
//
// All packets of a thread are one sequence, which a packet with the clock, the default track and the interned names
// goes before: src/tracypy/exporters/perfetto.py writes it. Times are what has gone by since the packet before.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
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
    /// `is_wanted` is by location; `interned[location]` is the InternedData by which the location's name and place get
    /// the number `location + 1`.
    PerfettoZones(std::vector<bool> is_wanted, std::vector<std::string> interned, std::int64_t last_ns);
    PerfettoZones(const PerfettoZones&) = delete;  // the walk looks at is_wanted_
    PerfettoZones& operator=(const PerfettoZones&) = delete;

    /// Goes to the thread that `zones`, which must stay, is at. `sequence` is that of all its packets, and no other
    /// thread's; never 0.
    void start(model::ZoneSupply& zones, std::uint32_t sequence);
    /// The thread's next packets, of about so many bytes; none when there are no more.
    std::string more(std::size_t bytes, const DescribeZone& describe);

private:
    void begin(const NestedZone& zone, const DescribeZone& describe);
    void end_down_to(std::size_t depth);
    void packet(std::int64_t time_ns, std::string_view interned, std::string_view event);

    std::vector<bool> is_wanted_;
    std::vector<std::string> interned_;
    std::vector<std::uint32_t> said_;  // by location: the sequence that has said its name last
    std::int64_t last_ns_;
    std::optional<NestedZones> zones_;  // of the thread; nothing when it is done
    std::uint32_t sequence_ = 0;
    std::vector<std::int64_t> ends_;  // of the open zones
    std::int64_t now_ns_ = 0;
    std::string event_;  // kept for its memory
    std::string out_;
};

}  // namespace tracypy::exporting
