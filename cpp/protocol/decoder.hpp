// Events of a captured program in, the vocabulary out: the other end of encoder.hpp.
//
// It owns the two running time references that a stream of events needs: one for the thread that is selected (zones,
// plots, fibers, sections, GPU zones), one for the queue that all threads share (locks, memory). An event that has no
// place in the vocabulary still moves its reference, and still asks what a real viewer asks for it.
//
// Times come out as ticks since the start of the program, never below 0.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "events/event_sink.hpp"
#include "protocol/captured_names.hpp"
#include "protocol/captured_threads.hpp"
#include "protocol/schema.hpp"
#include "protocol/unsupported_events.hpp"

namespace tracypy::protocol {

/// One thread. Any input is safe: what makes no sense is a PeerError, and all before it has reached the sink.
class Decoder {
public:
    Decoder(const Dialect& dialect, const Welcome& welcome, base::Names& names, PendingQueries& queries,
            events::EventSink& sink);

    /// The events of one block.
    void block(std::span<const char> events);

    /// Names that were never answered get a placeholder. Nothing may follow.
    void finish() { names_.finish(); }

    bool terminated() const noexcept { return terminated_; }
    bool crashed() const noexcept { return crashed_; }
    std::uint64_t open_zones() const noexcept { return threads_.open_zones(); }
    /// A text or a location was sent ahead, and what it belongs to is still to come.
    bool is_within_event() const noexcept { return has_text_ || has_location_; }

    std::uint64_t zones() const noexcept { return zones_; }
    std::uint64_t frames() const noexcept { return frames_; }
    /// The last time seen.
    base::Ticks last_tick() const noexcept { return last_tick_; }
    const UnsupportedCounts& unsupported_events() const noexcept { return unsupported_; }

private:
    /// A message of the program for its user, where a dialect cannot say more: source 0, severity 2.
    static constexpr std::uint8_t kPlainMetadata = 2 << 4;
    /// FiberEnter, since protocol 68.
    static constexpr std::size_t kWithGroupHint = 25;

    struct FrameSet {
        base::StringId name = base::StringId::None;
        bool is_continuous = true;
        bool is_open = false;
    };

    void decode(const char* cursor, const char* end);
    void handle(WireEvent event, const char* body, std::string_view tail);
    void skip(WireEvent event, const char* body);

    // Time
    base::Ticks advance(std::int64_t delta);
    void advance_serial(std::int64_t delta);
    base::Ticks since_start(std::int64_t tick);

    // Threads and zones
    CapturedRow& current(const char* needed_by);
    void select(std::uint32_t thread);
    void open_batch(const CapturedRow& row);
    void flush_batch();
    void zone_begin(std::int64_t delta, base::SourceLocationId location);
    void zone_end(std::int64_t delta);
    void validate(CapturedRow& row, const char* what);
    CapturedRow& innermost(const char* what);
    void zone_string(events::Kind kind, const char* what);

    // Everything else
    std::string take_text(const char* needed_by);
    base::SourceLocationId take_location();
    void frame_mark(events::FrameMark::Kind kind, std::int64_t tick, std::uint64_t name);
    void message(std::int64_t tick, std::uint32_t color, std::uint8_t metadata);
    void literal(std::int64_t tick, std::uint32_t color, std::uint64_t text);
    void add_message(std::int64_t tick, std::uint32_t color, std::uint8_t metadata, base::StringId text);
    base::StringId plot_of(std::uint64_t name);
    void plot_point(std::uint64_t name, std::int64_t delta, double value);
    void plot_style(const char* body);

    const Dialect& dialect_;
    events::EventSink& sink_;
    base::Names& own_names_;
    CapturedNames names_;
    CapturedThreads threads_;
    UnsupportedCounts unsupported_;
    std::int64_t first_tick_;

    std::uint64_t reference_ = 0;  // of the selected thread; unsigned, since sums of foreign numbers may overflow
    std::uint64_t serial_reference_ = 0;
    base::Ticks last_tick_ = 0;
    bool has_thread_ = false;
    std::uint32_t thread_ = 0;
    CapturedRow* row_ = nullptr;  // of the selected thread, once it is noticed

    base::ThreadId batch_thread_ = base::ThreadId::None;
    std::vector<events::Word> batch_;

    // Sent ahead of the event that uses it.
    std::string text_;
    bool has_text_ = false;
    base::SourceLocationId location_ = base::SourceLocationId::Other;
    bool has_location_ = false;

    std::unordered_map<std::uint64_t, FrameSet> frame_sets_;
    std::unordered_map<std::uint64_t, base::StringId> plots_;
    std::uint64_t zones_ = 0;
    std::uint64_t frames_ = 0;
    bool terminated_ = false;
    bool crashed_ = false;
};

}  // namespace tracypy::protocol
