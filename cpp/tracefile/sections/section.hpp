// One section of a .tracy file: all that is known about it, in every layout.
//
// A section's file says how it is written, how it is read into the model or passed over, what the releases changed in
// it, and which layout is the oldest that holds what a trace has for it. list.hpp has the sections in order. What they
// share while a file is written or read is in output.hpp and input.hpp.
#pragma once

#include "model/trace.hpp"
#include "tracefile/format.hpp"

namespace tracypy::tracefile::sections {

struct Output;
struct Input;

inline Version any_layout(const model::Trace&) noexcept {
    return kOldestWritten;
}

struct Section {
    /// The oldest layout that holds what the trace has for this section.
    Version (*oldest)(const model::Trace&) = any_layout;
    /// In the layout of the file, which is no older than what oldest() said.
    void (*write)(Output&);
    /// Into the model; or past it, which Input::skipped() is told.
    void (*read)(Input&);
    /// After the last section: for what refers to later ones.
    void (*finish)(Input&) = nullptr;
};

}  // namespace tracypy::tracefile::sections
