// What is known of the processors that the program ran on, and how it crashed.
#pragma once

#include <compare>
#include <cstdint>

#include "model/strings.hpp"

namespace tracypy::model {

/// Where a thread of a processor is.
struct ProcessorPlace {
    std::uint32_t package = 0, die = 0, core = 0, thread = 0;

    friend auto operator<=>(const ProcessorPlace&, const ProcessorPlace&) = default;
};

struct Crash {
    std::uint64_t thread = 0;  // its id; 0: there was none
    std::int64_t time_ns = 0;
    TextId message = TextId::None;
    std::uint32_t callstack = 0;  // index into Trace::callstacks.stacks; 0: none
};

}  // namespace tracypy::model
