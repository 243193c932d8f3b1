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
    bool with_sources = false;  // the trace is to have the texts of source files
};

/// Hands `field` what a journal's first note has of `about`, in the order of the note: to write it, or to read it.
template <typename About, typename Field>
void each_fact(About& about, Field&& field) {
    field(about.capture_name);
    field(about.program.name);
    field(about.program.host);
    field(about.program.process_id);
    field(about.capture_time_s);
    field(about.program.executable_time_s);
    field(about.resolution_ns);
    field(about.program.processor.architecture);
    field(about.program.processor.id);
    field(about.program.processor.manufacturer);
}

}  // namespace tracypy::journal
