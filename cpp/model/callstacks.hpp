// The calls that were running when something happened.
#pragma once

#include <cstdint>
#include <vector>

#include "model/strings.hpp"

namespace tracypy::model {

struct StackFrame {
    TextId function = TextId::None;
    TextId file = TextId::None;
    std::uint32_t line = 0;
    std::uint64_t symbol = 0;  // the address of the function's code; 0: unknown
};

/// One address of a stack. Of compiled programs it may stand for several calls, all but the last one inlined.
struct StackAddress {
    TextId image = TextId::None;  // the binary, or what stands for it
    std::vector<StackFrame> frames;
    /// In the program, as files have it: the topmost two bits are other than those of the machine. 0: none of a
    /// program's, it stands for the text only.
    std::uint64_t address = 0;
};

struct Callstacks {
    /// Indices into `addresses`, innermost first. Whoever refers to a stack does so by its index; the first one is
    /// none.
    std::vector<std::vector<std::uint32_t>> stacks = std::vector<std::vector<std::uint32_t>>(1);
    /// Also those that only symbols and samples refer to.
    std::vector<StackAddress> addresses;
};

}  // namespace tracypy::model
