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

void put_bytes(std::string& out, std::uint32_t field, const char* bytes, std::size_t size) {
    put_varint(out, field << 3 | 2);
    put_varint(out, size);
    out.append(bytes, size);
}

std::size_t bytes_size(std::size_t size) noexcept {
    return size == 0 ? 0 : 1 + varint_size(size) + size;
}

}  // namespace

PerfettoZones::PerfettoZones(const model::Thread& thread, std::vector<bool> is_wanted, std::int64_t last_ns,
                             std::uint32_t sequence, std::vector<std::string> interned)
    : is_wanted_(std::move(is_wanted)),
      zones_(thread, is_wanted_, last_ns),
      sequence_(sequence),
      interned_(std::move(interned)) {}

std::string PerfettoZones::more(std::size_t bytes, const DescribeZone& describe) {
    out_.clear();
    while (!is_done_ && out_.size() < bytes) {
        const NestedZone* const zone = zones_.next();
        is_done_ = zone == nullptr;
        end_down_to(is_done_ ? 0 : zone->depth);
        if (!is_done_) begin(*zone, describe);
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
    std::string& interned = interned_[nested.zone->location];
    packet(nested.start_ns, interned, event_.data(), event_.size());
    interned.clear();
    ends_.push_back(nested.end_ns);
    ++written_;
}

void PerfettoZones::end_down_to(std::size_t depth) {
    static const std::string nothing;
    while (ends_.size() > depth) {
        packet(ends_.back(), nothing, kSliceEnd, sizeof kSliceEnd);
        ends_.pop_back();
    }
}

void PerfettoZones::packet(std::int64_t time_ns, const std::string& interned, const char* event,
                           std::size_t event_size) {
    const auto gone_by = static_cast<std::uint64_t>(time_ns - now_ns_);
    now_ns_ = time_ns;
    put_varint(out_, kTracePacket << 3 | 2);
    put_varint(
        out_, 2 + varint_size(gone_by) + varint_size(sequence_) + bytes_size(interned.size()) + bytes_size(event_size));
    put_number(out_, kTimestamp, gone_by);
    put_number(out_, kSequence, sequence_);
    if (!interned.empty()) put_bytes(out_, kInternedData, interned.data(), interned.size());
    put_bytes(out_, kTrackEvent, event, event_size);
}

}  // namespace tracypy::exporting
