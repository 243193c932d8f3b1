// A journal in, the same events out: complete, cut anywhere or damaged.
//
// Packets are read one by one. The first one that is not whole, does not match its checksum or makes no sense ends the
// journal; everything before it counts. Memory grows with the definitions that are there, never with what a damaged
// number claims. Must not know: models, trace files.
//
// The segments of a ring, one behind the other, are read as one journal that begins where the first of them does.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/names.hpp"
#include "base/row_clock.hpp"
#include "events/event_sink.hpp"
#include "io/byte_stream.hpp"
#include "journal/bytes.hpp"
#include "journal/event_decoder.hpp"
#include "journal/format.hpp"
#include "journal/journal_info.hpp"
#include "journal/packet_reader.hpp"

namespace tracypy::journal {

/// One thread. `source` must outlive it.
class JournalReader {
public:
    struct Packet {
        PacketPlace place;
        bool has_events;
        base::ThreadId thread;  // of the events
    };

    /// Throws tracefile::FormatError with one clear line if this is not a journal, or one that ends before it begins.
    /// `adopter`: of another process's journal, which comes in as it is written. Must outlive it.
    explicit JournalReader(io::SeekableSource& source, Adopter* adopter = nullptr);

    /// Of the recording; ns_per_tick and last_time_ns are not in it. Of a ring: its start is that of what is kept.
    const JournalInfo& info() const noexcept { return info_; }
    /// The same for a trace whose scale is known.
    model::TraceInfo about(double ns_per_tick) const;
    /// How times of a row become those of a trace: the journal has the readings as they were.
    base::RowClock row_clock() const noexcept { return {info_.start, shortest_zone_}; }
    /// What the ids in the events mean. Grows as packets are read; thread names are the last ones known.
    const base::Names& names() const noexcept { return names_; }

    /// Reads the next packet and hands its events to `sink`; a thread's first batch may be empty. Nothing at the end of
    /// what is whole.
    std::optional<Packet> next(events::EventSink& sink);
    /// Once next() came to the end: the events of that packet again. Throws FormatError if it is not as it was.
    void replay(const PacketPlace& place, events::EventSink& sink);

    /// Where the next packet starts.
    std::uint64_t offset() const noexcept { return packets_.offset(); }

    // What is known once next() came to the end.
    /// The recording was ended properly, and nothing of it is missing.
    bool is_complete() const noexcept { return is_complete_; }
    /// Not whole, at the end of the file.
    std::uint64_t bytes_lost() const noexcept { return bytes_lost_; }
    base::Ticks last_tick() const noexcept { return last_tick_; }
    /// From the first and the last reading of the clock so far; 1 if there is but one.
    double ns_per_tick() const noexcept;
    /// How long the recording had gone on before what is kept of it, in ticks.
    base::Ticks forgotten() const noexcept { return info_.start - origin_; }
    /// Left out by the writer, for want of an open zone.
    std::uint64_t dropped_events() const noexcept { return dropped_events_; }
    /// Notes and events that a later release knows, and this one has skipped.
    std::uint64_t unknown() const noexcept { return unknown_; }

private:
    void read_head();
    void begin_segment(std::uint64_t offset);
    void require_bounds() const;
    std::nullopt_t end_at(std::uint64_t offset);
    Packet read_packet(const PacketReader::Packet& packet, events::EventSink& sink);
    void read_notes(std::string_view notes, events::EventSink& sink);
    void read_note(Note note, ByteReader& reader, events::EventSink& sink);
    void read_recording(ByteReader& reader);
    void read_segment(ByteReader& reader);
    void read_machine(ByteReader& reader);
    bool is_first_segment() const noexcept { return segments_.size() == 1; }
    const Definitions& definitions_at(std::uint64_t offset) const;
    Definitions& definitions() noexcept { return segments_.back().definitions; }
    std::optional<double> measured_scale() const noexcept;
    void read_location(ByteReader& reader);
    void read_frame(ByteReader& reader);
    void read_native(ByteReader& reader);
    void read_callstack(ByteReader& reader);
    void read_mark(ByteReader& reader, bool is_carried, events::EventSink& sink);
    void read_event(ByteReader& reader, bool is_carried, events::EventSink& sink);
    base::StringId read_text_number(ByteReader& reader);
    base::Ticks read_time(ByteReader& reader);

    io::SeekableSource& source_;
    PacketReader packets_;
    EventDecoder decoder_;
    Adopter* adopter_;
    std::unique_ptr<base::Names> own_names_;  // without an adopter
    base::Names& names_;
    /// A journal that is not a ring has one.
    struct Segment {
        std::uint64_t offset;
        Definitions definitions;
    };
    std::uint32_t version_ = 0;
    std::vector<Segment> segments_;  // of which the last one is being read
    JournalInfo info_;
    base::Ticks origin_ = 0;  // of all times in the journal
    bool has_info_ = false;   // the segment's first note was read
    base::ClockReading last_reading_{};
    base::Ticks shortest_zone_ = 0;
    base::Ticks last_tick_ = 0;
    std::uint64_t bytes_lost_ = 0;
    std::uint64_t dropped_events_ = 0;
    std::uint64_t unknown_ = 0;
    bool is_complete_ = false;
    bool is_at_end_ = false;
};

}  // namespace tracypy::journal
