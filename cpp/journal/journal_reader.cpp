#include "journal/journal_reader.hpp"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "events/null_sink.hpp"
#include "journal/format.hpp"
#include "model/time_scale.hpp"
#include "tracefile/format.hpp"

namespace tracypy::journal {
namespace {

/// Damage must not become an overflow: a tick longer than this does not exist, and kMaxTick of them fit into 64 bits.
constexpr double kMaxNsPerTick = 7.0;
constexpr std::int64_t kMaxNanoseconds = std::int64_t{1} << 62;

/// Between the first two readings of the clock there may be but a millisecond. No counter is faster than 8 GHz.
constexpr double kEarlyScaleMargin = 0.99;
constexpr double kMinNsPerTick = 0.125;

/// Of another process, which may say what it likes: its tables hold no more than these.
constexpr std::size_t kMostTexts = 1u << 20, kMostNatives = 1u << 19;
constexpr std::size_t kAdoptedInputBytes = 64 * 1024;

std::int64_t read_nanoseconds(ByteReader& reader) {
    const auto nanoseconds = reader.fixed<std::int64_t>();
    if (nanoseconds < 0 || nanoseconds > kMaxNanoseconds) throw DamagedPacket();
    return nanoseconds;
}

}  // namespace

JournalReader::JournalReader(io::SeekableSource& source, Adopter* adopter)
    : source_(source),
      packets_(source, kHeadBytes, adopter != nullptr ? kAdoptedInputBytes : PacketReader::kInputBytes),
      adopter_(adopter),
      own_names_(adopter != nullptr ? nullptr : std::make_unique<base::Names>()),
      names_(adopter != nullptr ? adopter->names() : *own_names_) {
    read_head();
    source_.seek(kHeadBytes);
    begin_segment(0);
    events::NullSink nowhere;  // there are only notes at the very start
    next(nowhere);
    if (!has_info_) throw tracefile::FormatError(base::problem<base::ErrorCode::JournalIsEmpty>());
    shortest_zone_ = base::shortest_zone(kEarlyScaleMargin * measured_scale().value_or(kMinNsPerTick));
}

void JournalReader::begin_segment(std::uint64_t offset) {
    segments_.push_back({offset, {}});
    definitions().adopter = adopter_;
}

void JournalReader::require_bounds() const {
    const Definitions& known = segments_.back().definitions;
    if (known.texts.size() > kMostTexts || known.locations.size() > base::SourceLocationTable::kMaxLocations ||
        known.frames.size() > base::CallstackTable::kMostDistinctFrames + kMostNatives ||
        known.callstacks.size() > base::CallstackTable::kMostStacks + kMostNatives) {
        throw DamagedPacket();
    }
}

void JournalReader::read_head() {
    char head[kHeadBytes];
    source_.seek(0);
    const std::size_t size = source_.read(head, sizeof(head));
    ByteReader reader({head, size});
    if (size < kHeadBytes || reader.fixed<std::uint32_t>() != kSkippableMagic ||
        reader.fixed<std::uint32_t>() != kMagicText.size() + sizeof(kVersion) ||
        reader.bytes(kMagicText.size()) != kMagicText) {
        throw tracefile::FormatError(base::problem<base::ErrorCode::NotAJournal>());
    }
    version_ = reader.fixed<std::uint32_t>();
    if (version_ < kOldestVersion || version_ > kRingVersion) {
        throw tracefile::FormatError(
            base::problem<base::ErrorCode::JournalOfOtherRelease>(version_, kOldestVersion, kRingVersion));
    }
    if (adopter_ != nullptr && version_ != kVersion) throw DamagedPacket();
    decoder_.set_has_lengths(has_lengths(version_));
}

std::nullopt_t JournalReader::end_at(std::uint64_t offset) {
    const std::uint64_t size = source_.size();
    bytes_lost_ = size - std::min(offset, size);
    is_at_end_ = true;
    return std::nullopt;
}

std::optional<JournalReader::Packet> JournalReader::next(events::EventSink& sink) {
    if (is_at_end_) return std::nullopt;
    const std::optional<PacketReader::Packet> packet = is_complete_ ? std::nullopt : packets_.next();
    if (!packet) return end_at(packets_.offset());
    try {
        return read_packet(*packet, sink);
    } catch (const DamagedPacket&) {
        return end_at(packet->place.offset);
    }
}

JournalReader::Packet JournalReader::read_packet(const PacketReader::Packet& packet, events::EventSink& sink) {
    if (packet.content.empty() && is_ring(version_)) {  // the head of the next segment
        begin_segment(packet.place.offset);
        has_info_ = false;
        return {packet.place, false, base::ThreadId::None};
    }
    ByteReader reader(packet.content);
    const auto kind = reader.fixed<PacketKind>();
    const std::string_view content = reader.bytes(reader.left());
    if (kind == PacketKind::Notes) {
        read_notes(content, sink);
        return {packet.place, false, base::ThreadId::None};
    }
    if (kind > PacketKind::Carried || !has_info_) throw DamagedPacket();
    if (kind == PacketKind::Carried && !is_first_segment()) return {packet.place, false, base::ThreadId::None};
    const events::ThreadBatch batch = decoder_.decode(content, origin_, definitions());
    last_tick_ = std::max(last_tick_, decoder_.last_tick());
    unknown_ += decoder_.unknown();
    sink.thread_batch(batch);
    return {packet.place, true, batch.thread};
}

void JournalReader::replay(const PacketPlace& place, events::EventSink& sink) {
    const std::optional<std::string_view> content = packets_.at(place);
    if (!content || content->empty() || static_cast<PacketKind>((*content)[0]) == PacketKind::Notes) {
        throw tracefile::FormatError(base::problem<base::ErrorCode::JournalHasChanged>());
    }
    sink.thread_batch(decoder_.decode(content->substr(1), origin_, definitions_at(place.offset)));
}

const Definitions& JournalReader::definitions_at(std::uint64_t offset) const {
    const auto behind = std::upper_bound(segments_.begin(), segments_.end(), offset,
                                         [](std::uint64_t at, const Segment& segment) { return at < segment.offset; });
    return std::prev(behind)->definitions;
}

double JournalReader::ns_per_tick() const noexcept {
    return measured_scale().value_or(1.0);
}

std::optional<double> JournalReader::measured_scale() const noexcept {
    const auto ticks = static_cast<double>(last_reading_.ticks - info_.first_reading.ticks);
    const auto nanoseconds = static_cast<double>(last_reading_.nanoseconds - info_.first_reading.nanoseconds);
    const double scale = nanoseconds / ticks;
    if (ticks > 0 && scale > 0 && scale <= kMaxNsPerTick) return scale;
    return std::nullopt;
}

void JournalReader::read_notes(std::string_view notes, events::EventSink& sink) {
    ByteReader reader(notes);
    while (!reader.at_end() && !is_complete_) {
        const auto note = reader.fixed<Note>();
        if ((note == Note::Recording) == has_info_) throw DamagedPacket();
        if (!has_lengths(version_)) {
            read_note(note, reader, sink);
            continue;
        }
        ByteReader fields(reader.text());
        read_note(note, fields, sink);
    }
    if (adopter_ != nullptr) require_bounds();
}

void JournalReader::read_note(Note note, ByteReader& reader, events::EventSink& sink) {
    switch (note) {
        case Note::Recording:
            return read_recording(reader);
        case Note::Segment:
            return read_segment(reader);
        case Note::Machine:
            return read_machine(reader);
        case Note::Text:
            definitions().texts.push_back(names_.strings.intern_if_room(reader.text()));
            break;
        case Note::Location:
            return read_location(reader);
        case Note::StackFrame:
            return read_frame(reader);
        case Note::NativeFrame:
            return read_native(reader);
        case Note::Callstack:
            return read_callstack(reader);
        case Note::ThreadName: {
            const auto thread = static_cast<base::ThreadId>(reader.number_up_to(UINT32_MAX));
            if (adopter_ != nullptr) {
                adopter_->name_row(thread, reader.text());
                break;
            }
            names_.threads.set(thread, reader.text());
            sink.thread_batch({thread, {}});  // its place in the order of threads
            break;
        }
        case Note::Mark:
            return read_mark(reader, false, sink);
        case Note::CarriedMark:
            return read_mark(reader, true, sink);
        case Note::Event:
            return read_event(reader, false, sink);
        case Note::CarriedEvent:
            return read_event(reader, true, sink);
        case Note::Sources:
            info_.with_sources = true;
            break;
        case Note::Clock:
            last_reading_.ticks = read_time(reader);
            last_reading_.nanoseconds = read_nanoseconds(reader);
            last_tick_ = std::max(last_tick_, last_reading_.ticks);
            break;
        case Note::End:
            last_tick_ = read_time(reader);
            dropped_events_ = reader.number();
            is_complete_ = true;
            break;
        default:
            if (!has_lengths(version_)) throw DamagedPacket();
            ++unknown_;
    }
}

namespace {

struct FactReader {
    ByteReader& reader;

    void operator()(std::string& text) { text = reader.text(); }
    void operator()(std::uint64_t& number) { number = reader.number(); }
    template <typename T>
    void operator()(T& value) {
        value = reader.fixed<T>();
    }
};

}  // namespace

void JournalReader::read_recording(ByteReader& reader) {
    JournalInfo info;
    info.start = reader.fixed<base::Ticks>();
    info.first_reading.ticks = reader.fixed<base::Ticks>();
    info.first_reading.nanoseconds = read_nanoseconds(reader);
    for (const base::Ticks tick : {info.start, info.first_reading.ticks}) {
        if (tick < 0 || static_cast<std::uint64_t>(tick) > kMaxTick) throw DamagedPacket();
    }
    each_fact(info.about, FactReader{reader});
    has_info_ = true;
    if (!is_first_segment()) {
        if (info.start != origin_) throw DamagedPacket();  // of another recording
        return;
    }
    info_ = std::move(info);
    origin_ = info_.start;
    last_reading_ = info_.first_reading;
    last_tick_ = info_.start;
}

void JournalReader::read_segment(ByteReader& reader) {
    const base::Ticks begin = read_time(reader);
    if (!is_first_segment()) return;
    info_.start = begin;
    last_tick_ = std::max(last_tick_, begin);
}

void JournalReader::read_machine(ByteReader& reader) {
    model::TraceClock clock{.machine = std::string(reader.text()), .start = origin_};
    clock.unix_ns = reader.fixed<std::int64_t>();
    if (is_first_segment()) info_.about.clock = std::move(clock);
}

// A trace may begin with a later segment than its recording.
model::TraceInfo JournalReader::about(double ns_per_tick) const {
    model::TraceInfo info = info_.about;
    info.ns_per_tick = ns_per_tick;
    if (info.clock) {
        info.clock->unix_ns += model::TimeScale{info.clock->start, ns_per_tick}(info_.start);
        info.clock->start = info_.start;
    }
    return info;
}

base::StringId JournalReader::read_text_number(ByteReader& reader) {
    base::StringId id{};
    get_field(reader, id, definitions(), 0);
    return id;
}

base::Ticks JournalReader::read_time(ByteReader& reader) {
    const auto ticks = reader.fixed<std::uint64_t>();
    if (ticks > kMaxTick) throw DamagedPacket();
    return origin_ + static_cast<base::Ticks>(ticks);
}

void JournalReader::read_location(ByteReader& reader) {
    base::SourceLocation location;
    location.name = read_text_number(reader);
    location.function = read_text_number(reader);
    location.file = read_text_number(reader);
    location.line = static_cast<std::uint32_t>(reader.number_up_to(UINT32_MAX));
    location.color = static_cast<std::uint32_t>(reader.number_up_to(UINT32_MAX));
    std::vector<base::SourceLocationId>& locations = definitions().locations;
    const bool is_other = locations.empty() || (adopter_ != nullptr && location.function == base::StringId::None);
    locations.push_back(is_other ? base::SourceLocationId::Other : names_.locations.intern(location));
}

void JournalReader::read_frame(ByteReader& reader) {
    base::StackFrame frame;
    get_field(reader, frame.location, definitions(), 0);
    frame.line = static_cast<std::uint32_t>(reader.number_up_to(UINT32_MAX));
    definitions().frames.push_back(frame);
}

// Addresses of another process are not told apart from ours: of its machine code the names remain.
void JournalReader::read_native(ByteReader& reader) {
    constexpr std::uint64_t kMostCalls = 255;  // on the wire
    base::NativeAddress address{.address = reader.number()};
    address.image = read_text_number(reader);
    for (std::uint64_t left = reader.number_up_to(kMostCalls); left != 0; --left) {
        base::NativeFrame& frame = address.frames.emplace_back();
        frame.function = read_text_number(reader);
        frame.file = read_text_number(reader);
        frame.line = static_cast<std::uint32_t>(reader.number_up_to(UINT32_MAX));
        frame.symbol = reader.number();
    }
    base::StackFrame frame;
    if (adopter_ == nullptr) {
        frame.native = names_.callstacks.intern_native(address);
    } else if (!address.frames.empty() && address.frames.front().function != base::StringId::None) {
        const base::NativeFrame& innermost = address.frames.front();
        base::SourceLocation location;
        location.function = innermost.function;
        location.file = innermost.file;
        frame = {names_.locations.intern(location), innermost.line};
    }
    definitions().frames.push_back(frame);
}

void JournalReader::read_callstack(ByteReader& reader) {
    const std::vector<base::StackFrame>& known = definitions().frames;
    std::vector<base::StackFrame> frames;
    for (std::uint64_t left = reader.number_up_to(base::CallstackTable::kMostNativeFrames); left != 0; --left) {
        const std::uint64_t number = reader.number();
        if (number >= known.size()) throw DamagedPacket();
        frames.push_back(known[static_cast<std::size_t>(number)]);
    }
    definitions().callstacks.push_back(names_.callstacks.intern(frames));
}

// Until version 2.
void JournalReader::read_mark(ByteReader& reader, bool is_carried, events::EventSink& sink) {
    const auto kind = reader.fixed<events::FrameMarkKind>();
    if (kind > events::FrameMarkKind::End) throw DamagedPacket();
    const base::StringId name = read_text_number(reader);
    const events::FrameMark mark{read_time(reader), name, kind};
    if (!is_carried || is_first_segment()) sink.take({&mark, 1});
}

void JournalReader::read_event(ByteReader& reader, bool is_carried, events::EventSink& sink) {
    const auto read = [&](auto event) {
        each_field(event, [&](auto& field) {
            if (!reader.at_end()) get_field(reader, field, definitions(), origin_);
        });
        if (!is_carried || is_first_segment()) sink.take({&event, 1});
    };
    switch (reader.fixed<events::Kind>()) {
#define TRACYPY_READ(number, name, fields) \
    case events::Kind::name:               \
        return read(events::name{});
        TRACYPY_SHARED_EVENTS(TRACYPY_READ, )
        TRACYPY_DEFINITIONS(TRACYPY_READ, )
#undef TRACYPY_READ
        default:
            ++unknown_;
    }
}

}  // namespace tracypy::journal
