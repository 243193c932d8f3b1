// Traces of known content, made the way a recording session makes them: events through model::TraceBuilder.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/names.hpp"
#include "events/event_sink.hpp"
#include "model/trace.hpp"
#include "words.hpp"

namespace tracypy::native_tests {

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
