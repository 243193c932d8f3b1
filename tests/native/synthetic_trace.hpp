// Traces of known content, made the way a recording session makes them: events through model::TraceBuilder.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/names.hpp"
#include "events/event_sink.hpp"
#include "model/trace.hpp"

namespace tracypy::native_tests {

/// Collects words as a handler would write them.
class Words {
public:
    void begin(std::uint64_t tick, base::SourceLocationId location);
    void end(std::uint64_t tick) { words_.push_back(events::header(events::Kind::ZoneEnd, tick)); }
    void text(std::string_view text) { bytes(events::Kind::ZoneText, text); }
    void name(std::string_view name) { bytes(events::Kind::ZoneName, name); }
    void value(std::uint64_t value);
    void color(std::uint32_t rgb) { words_.push_back(events::header(events::Kind::ZoneColor, rgb)); }
    void message(std::uint64_t tick, std::string_view text, std::uint32_t rgb);

    events::ThreadBatch batch(std::uint32_t thread) const { return {base::ThreadId{thread}, words_}; }
    std::size_t size() const noexcept { return words_.size(); }
    void clear() { words_.clear(); }

private:
    void bytes(events::Kind kind, std::string_view text);
    void append(std::string_view text);

    std::vector<events::Word> words_;
};

inline constexpr base::Ticks kSceneStart = 1'000'000;
inline constexpr base::Ticks kSceneEnd = kSceneStart + 70'000;

/// Of the scene and of recursions; ticks of half a nanosecond.
model::TraceInfo synthetic_info();

/// A few thousand zones with everything that the vocabulary has, on three threads.
/// Counts: "outer" 40 > "inner" 120, "marked" 60 with text, name, value and colour, "busy" 501 on thread 3, the last of
/// them open; 30 messages on thread 2; 20 default frames, 10 "physics", 5 "io" with an end.
void scene_events(base::Names& names, events::EventSink& sink);

/// The same as a trace, with a plot of 25 points.
model::Trace scene_trace(base::Names& names);

/// `zones` calls of a recursive function: fib(n) again and again, with times that vary as a real program's do. Returns
/// the time after the last one.
base::Ticks recursion_events(base::Names& names, events::EventSink& sink, std::uint64_t zones);

model::Trace recursion_trace(base::Names& names, std::uint64_t zones);

}  // namespace tracypy::native_tests
