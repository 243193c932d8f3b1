// Events in, a journal out: what a recording session hangs onto the recorder in place of a viewer.
//
// Its job: put what happens into a form that survives the death of the program, at the lowest cost. It encodes as the
// batches come and writes in flush() only, one write per call, so that the file ends at most one flush behind.
// Must not know: threads, time limits, how a .tracy file is made of it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "base/names.hpp"
#include "events/event_sink.hpp"
#include "events/thread_walk.hpp"
#include "io/byte_stream.hpp"
#include "journal/format.hpp"
#include "journal/journal_info.hpp"
#include "journal/packet_writer.hpp"

namespace tracypy::journal {

/// One thread at a time. `sink` and `names` must outlive it.
class JournalWriter final : public events::UniformSink<JournalWriter> {
public:
    /// Writes the beginning at once: throws what `sink` throws.
    /// `segment`: when it is one of a ring that begins there, which may be later than the recording.
    JournalWriter(io::ByteSink& sink, const base::Names& names, const JournalInfo& info,
                  std::optional<base::Ticks> segment = std::nullopt);
    ~JournalWriter() override;

    /// Who reads the journal as it is written gets the runs of fibers between those events of their thread between
    /// which they were. Packets are smaller then.
    void keep_order_of_fibers() noexcept { keeps_order_ = true; }

    /// Both only encode, into memory that the next flush() empties: a zone takes 4 to 6 bytes.
    void thread_batch(const events::ThreadBatch& batch) override;
    template <typename Event>
    void take_any(std::span<const Event> events);

    /// What was in force when the segment began: definitions, open zones with all that is known of them, open frames.
    /// Before any events.
    void carry(const events::ThreadBatch& open_zones);
    template <typename Event>
    void carry(const Event& event) {
        note_event(Note::CarriedEvent, event);
    }

    /// Hands everything since the last call to the sink. Cheap when there is nothing; to be called every 20 to 100 ms.
    /// Throws what the sink throws (a full disk: base::SystemError); what was written before stays valid, and whatever
    /// comes afterwards is ignored.
    void flush(const base::ClockReading& now = base::read_clock());

    /// The same, and whoever reads the journal up to here knows that `now` had come.
    void flush_up_to(const base::ClockReading& now);

    /// Marks the journal complete, and flushes. Zones that are open end at `now`. Nothing may follow.
    void finish(const base::ClockReading& now = base::read_clock());

    /// What was written and what waits for flush(), for limits on the size.
    std::uint64_t bytes() const noexcept { return written_bytes_ + output_.size(); }
    /// What flush() would write, but for events that do not fill a packet yet.
    std::uint64_t waiting_bytes() const noexcept { return output_.size(); }
    std::uint64_t zones() const noexcept { return zones_; }
    /// Events that had no open zone to belong to.
    std::uint64_t dropped_events() const noexcept { return dropped_events_; }

private:
    struct Columns;
    class Visitor;
    struct Numbers;
    struct Thread {
        base::ThreadId id;
        events::SteadyWalk walk;
        std::string name;
        std::unique_ptr<Columns> waiting;  // encoded, not yet in a packet
    };

    Thread& thread_of(base::ThreadId id);
    void provide_columns(Thread& thread);
    template <typename Event>
    void note_event(Note note, const Event& event);
    template <typename Event>
    void put_fields(const Event& event);
    void define(base::StringId id) { define_text(id); }
    void define(base::CallstackId id) { define_callstack(id); }
    void define(base::SourceLocationId id) { location_code(static_cast<std::uint64_t>(id)); }
    void define(base::ThreadId id) { (void)thread_of(id); }  // its name
    template <typename Field>
    void define(const Field&) noexcept {}
    void add_note(Note note);
    std::uint32_t location_code(std::uint64_t id);
    std::uint32_t define_location(std::uint64_t id);
    std::uint64_t define_text(base::StringId id);
    std::uint64_t define_frame(base::StackFrameId id);
    void define_native(const base::NativeAddress& address);
    std::uint64_t define_callstack(base::CallstackId id);
    void define_thread_name(Thread& thread);
    void define_changed_names();
    void note_clock(const base::ClockReading& now);
    void end_notes_packet();
    void end_events_packet(Thread& thread);
    void cut_packet(Thread& thread);
    void end_all_packets();
    void write_output();

    io::ByteSink& sink_;
    const base::Names& names_;
    const base::Ticks start_;
    PacketWriter packets_;
    PacketKind events_kind_ = PacketKind::Events;
    std::string notes_;   // go into a packet before the next packet of events
    std::string fields_;  // scratch: of the note or event that comes next
    std::string packet_;  // scratch
    std::string output_;  // whole packets
    std::unordered_map<base::ThreadId, Thread> threads_;
    Thread* last_thread_ = nullptr;
    std::vector<Thread*> waiting_;                        // with columns, in the order of their first events
    std::vector<std::unique_ptr<Columns>> free_columns_;  // for reuse
    std::vector<std::uint32_t> location_codes_;           // by SourceLocationId; 0: not defined yet
    std::uint32_t locations_ = 0;
    std::unordered_map<base::StringId, std::uint64_t> texts_;
    std::unordered_map<base::StackFrameId, std::uint64_t> frames_;
    std::unordered_map<base::CallstackId, std::uint64_t> callstacks_;
    std::uint64_t names_version_ = 0;
    std::optional<std::int64_t> clock_noted_ns_;
    std::uint64_t written_bytes_ = 0;
    std::uint64_t zones_ = 0;
    std::uint64_t dropped_events_ = 0;
    bool keeps_order_ = false;
    bool is_over_ = false;  // finished, or the sink failed
};

}  // namespace tracypy::journal
