// What the machine code of a captured program is called: its call stacks, functions and sources, by its own addresses.
//
// The names of this process are others: see callstacks.hpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/ids.hpp"

namespace tracypy::base {

struct NativeFrame {
    StringId function = StringId::None;
    StringId file = StringId::None;
    std::uint32_t line = 0;
    std::uint64_t symbol = 0;  // where the function's code begins; 0: unknown

    bool operator==(const NativeFrame&) const = default;
};

/// One address of a stack: the calls that it stands for, all but the last one inlined.
struct NativeAddress {
    std::uint64_t address = 0;  // 0: it is none, the program said in words where it was
    StringId image = StringId::None;
    std::vector<NativeFrame> frames = {};

    bool operator==(const NativeAddress&) const = default;
};

struct NativeSymbol {
    std::uint64_t address = 0;
    StringId name = StringId::None, file = StringId::None, image = StringId::None, call_file = StringId::None;
    std::uint32_t line = 0, call_line = 0, size = 0;
    bool is_inlined = false;
};

struct NativeCode {
    std::uint64_t address = 0;
    std::string code;
};

struct SourceText {
    StringId file = StringId::None;
    std::string text;
};

/// A thread of another program that ran on one of the processors.
struct ForeignThreadName {
    std::uint64_t thread = 0;
    StringId program = StringId::None, name = StringId::None;
};

/// One thread.
struct NativeNames {
    /// Indices into `addresses`, innermost first, by CallstackId; the first one is none.
    std::vector<std::vector<std::uint32_t>> stacks = std::vector<std::vector<std::uint32_t>>(1);
    std::vector<NativeAddress> addresses;
    std::vector<NativeSymbol> symbols;
    std::vector<NativeCode> codes;
    std::vector<SourceText> sources;
    std::vector<ForeignThreadName> foreign_threads;
    /// Of codes and sources that are still here.
    std::size_t body_bytes = 0;

    bool has_stacks() const noexcept { return stacks.size() > 1; }
};

}  // namespace tracypy::base
