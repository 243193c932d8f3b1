// What is known when a journal begins.
#pragma once

#include <optional>

#include "base/clock.hpp"
#include "model/trace_info.hpp"

namespace tracypy::journal {

struct JournalInfo {
    /// Of program and machine; the length of a tick and the last time are found out when the trace is made.
    model::TraceInfo about;
    /// An early reading of the same clock: the longer ago, the better is the length of a tick known.
    base::ClockReading first_reading = base::tick_scale().start();
    base::Ticks start = base::now_ticks();  // becomes time 0
    /// A later reading, if there is one: with it the length of a tick is roughly known from the start.
    std::optional<base::ClockReading> second_reading = std::nullopt;
};

}  // namespace tracypy::journal
