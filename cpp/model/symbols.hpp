// The functions of a program's machine code, and that code.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/strings.hpp"

namespace tracypy::model {

struct Symbol {
    std::uint64_t address = 0;
    TextId name = TextId::None;
    TextId file = TextId::None;
    std::uint32_t line = 0;
    TextId image = TextId::None;      // the binary
    TextId call_file = TextId::None;  // where it was inlined
    std::uint32_t call_line = 0;
    bool is_inlined = false;
    std::uint32_t size = 0;  // of its code, in 24 bits
};

struct SymbolCode {
    std::uint64_t address = 0;
    std::string code;
};

/// Which symbol an address of code is of.
struct CodeAddress {
    std::uint64_t address = 0, symbol = 0;
};

struct Symbols {
    std::vector<Symbol> symbols;
    std::vector<SymbolCode> codes;
    std::vector<CodeAddress> addresses;
};

}  // namespace tracypy::model
