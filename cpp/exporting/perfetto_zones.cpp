#include "exporting/perfetto_zones.hpp"

#include <utility>

namespace tracypy::exporting {
namespace {

// Numbers of fields, from the .proto files of Perfetto 50: trace.proto, trace_packet.proto, track_event.proto.
constexpr std::uint32_t kTracePacket = 1;
constexpr std::uint32_t kTimestamp = 8;
constexpr std::uint32_t kSequence = 10;
constexpr std::uint32_t kTrackEvent = 11;
constexpr std::uint32_t kInternedData = 12;
constexpr std::uint32_t kEventType = 9;
constexpr std::uint32_t kEventNameId = 10;
constexpr std::uint32_t kEventPlaceId = 34;
constexpr std::uint64_t kSliceBegin = 1;
constexpr char kSliceEnd[] = {kEventType << 3, 2};

void put_varint(std::string& out, std::uint64_t value) {
    while (value >= 0x80) {
        out.push_back(static_cast<char>(value | 0x80));
        value >>= 7;
    }
    out.push_back(static_cast<char>(value));
}

std::size_t varint_size(std::uint64_t value) noexcept {
    std::size_t size = 1;
    while (value >= 0x80) {
        value >>= 7;
        ++size;
    }
    return size;
}

void put_number(std::string& out, std::uint32_t field, std::uint64_t value) {
    put_varint(out, field << 3);
    put_varint(out, value);
}

void put_bytes(std::string& out, std::uint32_t field, std::string_view bytes) {
    put_varint(out, field << 3 | 2);
    put_varint(out, bytes.size());
    out += bytes;
}

std::size_t bytes_size(std::size_t size) noexcept {
    return size == 0 ? 0 : 1 + varint_size(size) + size;
}

}  // namespace

PerfettoZones::PerfettoZones(std::vector<bool> is_wanted, std::vector<std::string> interned, std::int64_t last_ns)
    : is_wanted_(std::move(is_wanted)), interned_(std::move(interned)), said_(interned_.size()), last_ns_(last_ns) {}

void PerfettoZones::start(model::ZoneSupply& zones, std::uint32_t sequence) {
    zones_.emplace(zones, is_wanted_, last_ns_);
    sequence_ = sequence;
    now_ns_ = 0;
    ends_.clear();
}

std::string PerfettoZones::more(std::size_t bytes, const DescribeZone& describe) {
    out_.clear();
    while (zones_ && out_.size() < bytes) {
        const NestedZone* const zone = zones_->next();
        end_down_to(zone == nullptr ? 0 : zone->depth);
        if (zone == nullptr) {
            zones_.reset();
        } else {
            begin(*zone, describe);
        }
    }
    return out_;
}

void PerfettoZones::begin(const NestedZone& nested, const DescribeZone& describe) {
    const std::uint64_t number = std::uint64_t{nested.zone->location} + 1;
    event_.clear();
    put_number(event_, kEventType, kSliceBegin);
    bool has_name = false;
    if (nested.zone->extra != 0) {
        const EventFields more = describe(*nested.zone);
        event_ += more.fields;
        has_name = more.has_name;
    }
    if (!has_name) put_number(event_, kEventNameId, number);
    put_number(event_, kEventPlaceId, number);
    const bool is_said = std::exchange(said_[nested.zone->location], sequence_) == sequence_;
    packet(nested.start_ns, is_said ? std::string_view() : interned_[nested.zone->location], event_);
    ends_.push_back(nested.end_ns);
}

void PerfettoZones::end_down_to(std::size_t depth) {
    while (ends_.size() > depth) {
        packet(ends_.back(), {}, {kSliceEnd, sizeof kSliceEnd});
        ends_.pop_back();
    }
}

void PerfettoZones::packet(std::int64_t time_ns, std::string_view interned, std::string_view event) {
    const auto gone_by = static_cast<std::uint64_t>(time_ns - now_ns_);
    now_ns_ = time_ns;
    put_varint(out_, kTracePacket << 3 | 2);
    put_varint(out_, 2 + varint_size(gone_by) + varint_size(sequence_) + bytes_size(interned.size()) +
                         bytes_size(event.size()));
    put_number(out_, kTimestamp, gone_by);
    put_number(out_, kSequence, sequence_);
    if (!interned.empty()) put_bytes(out_, kInternedData, interned);
    put_bytes(out_, kTrackEvent, event);
}

}  // namespace tracypy::exporting
