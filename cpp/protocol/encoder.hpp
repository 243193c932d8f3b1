// Meaning in, wire events out. The hot half of a session: everything here is a few stores per event.
//
// The encoder owns the time references, alone. Zone times go over the wire as the difference to the last time *on the
// current thread context*; a ThreadContext event switches the thread and sets that reference to zero, so that the
// first zone of a batch carries its full tick. (Plots, GPU zones and fibers would share this reference; locks and
// memory have one of their own, context switches and GPU times another each. None of those is sent yet.) The end of a
// block resets nothing. Messages and frame marks carry full ticks and touch no reference.
//
// Must not know: sockets, clocks, what an id means.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/row_clock.hpp"
#include "events/event.hpp"
#include "protocol/location_ids.hpp"
#include "protocol/schema.hpp"
#include "protocol/wire_block_writer.hpp"

namespace tracypy::protocol {

/// What is known about one thread of the viewer.
struct ThreadState {
    base::RowClock clock;
    std::uint32_t open_zones = 0;
};

/// Who speaks and how loud, for protocols that want to know (MessageSourceType and MessageSeverity).
enum class MessageMetadata : std::uint8_t { UserInfo = 2 << 4 | 0, TracyWarning = 3 << 4 | 1 };

/// One thread.
class Encoder {
public:
    Encoder(const Dialect& dialect, OutputBuffer& output, Packing packing);

    const Dialect& dialect() const noexcept { return dialect_; }
    WireBlockWriter& writer() noexcept { return writer_; }
    void flush() { writer_.flush(); }

    /// What follows belongs to `thread`.
    void select_thread(base::ThreadId thread);
    bool has_thread() const noexcept { return thread_.has_value(); }

    /// The events of the selected thread. What has no open zone to belong to is left out and counted; times are
    /// those of the thread's clock.
    void thread_events(std::span<const events::Word> words, ThreadState& thread, LocationIds& locations);

    /// Ends whatever the selected thread has open.
    void close_zones(ThreadState& thread, base::Ticks tick);

    void message(base::Ticks tick, std::string_view text, std::uint32_t color, MessageMetadata metadata);

    /// `kind` is one of the three frame mark events.
    void frame_mark(WireEvent kind, base::Ticks tick, std::uint64_t name);

    /// An event that consists of its number.
    void bare(WireEvent event);
    /// An event that holds one 32-bit value.
    void number_event(WireEvent event, std::uint32_t value);
    /// An answer with a text: pointer, 16-bit length, bytes (cut to 65,535).
    void string_transfer(WireEvent event, std::uint64_t pointer, std::string_view text);
    /// Texts that the next event picks up.
    void single_string(std::string_view text);
    void second_string(std::string_view text);
    void source_location(std::uint64_t name, std::uint64_t function, std::uint64_t file, std::uint32_t line,
                         std::uint32_t color);
    void callstack_frame_size(std::uint64_t pointer, std::uint8_t frames);
    void callstack_frame(std::uint32_t line, std::uint64_t symbol, std::uint32_t symbol_bytes);
    void symbol_information(std::uint32_t line, std::uint64_t symbol);

    /// Events that had nothing to belong to, or that no reader could understand.
    std::uint64_t dropped_events() const noexcept { return dropped_events_; }

private:
    /// Numbers that the hot loop needs, side by side.
    struct ZoneNumbers {
        std::uint8_t begin, begin32, begin16, end, end32, end16;
    };

    template <bool kSmallDeltas>
    void encode(std::span<const events::Word> words, ThreadState& thread, LocationIds& locations);
    template <bool kSmallDeltas>
    static char* put_begin(char* cursor, const ZoneNumbers& numbers, base::Ticks delta, std::uint64_t location);
    template <bool kSmallDeltas>
    static char* put_end(char* cursor, const ZoneNumbers& numbers, base::Ticks delta);

    /// Text, name, value, colour, message: one event of `words`, at `event`.
    void rare_event(const events::Word* event, ThreadState& thread);
    void short_or_long_string(WireEvent short_form, WireEvent long_form, std::string_view text);
    char* start(WireEvent event, std::size_t tail_bytes = 0);

    const Dialect& dialect_;
    WireBlockWriter writer_;
    ZoneNumbers zone_numbers_;
    std::optional<base::ThreadId> thread_;
    base::Ticks reference_ = 0;
    std::uint64_t dropped_events_ = 0;
};

}  // namespace tracypy::protocol
