// Functions of the machine code, and that code.
#include <algorithm>

#include "tracefile/sections/input.hpp"
#include "tracefile/sections/list.hpp"
#include "tracefile/sections/output.hpp"

namespace tracypy::tracefile::sections {
namespace {

using model::Symbol;

void write_symbol(Output& file, const Symbol& symbol) {
    file.put(symbol.address);
    file.short_reference(symbol.name);
    file.short_reference(symbol.file);
    file.put(symbol.line);
    file.short_reference(symbol.image);
    file.short_reference(symbol.call_file);
    file.put(symbol.call_line);
    file.flag(symbol.is_inlined);
    file.put_24_bits(symbol.size);
}

void write_symbols(Output& file) {
    const model::Symbols& symbols = file.trace.symbols;
    const auto inlined = static_cast<std::uint64_t>(std::ranges::count(symbols.symbols, true, &Symbol::is_inlined));
    file.count(symbols.symbols.size() - inlined);
    file.count(inlined);
    file.count(symbols.symbols.size());
    for (const Symbol& symbol : symbols.symbols) write_symbol(file, symbol);
    file.count(symbols.codes.size());
    for (const model::SymbolCode& code : symbols.codes) {
        file.put(code.address);
        file.put(static_cast<std::uint32_t>(code.code.size()));
        file.out.put_bytes(code.code);
    }
    file.count(symbols.addresses.size());
    for (const model::CodeAddress& address : symbols.addresses) {
        file.put(address.address);
        file.put(address.symbol);
    }
}

Symbol read_symbol(Input& file) {
    Symbol symbol;
    symbol.address = file.get<std::uint64_t>();
    symbol.name = file.short_reference();
    symbol.file = file.short_reference();
    symbol.line = file.get<std::uint32_t>();
    symbol.image = file.short_reference();
    symbol.call_file = file.short_reference();
    symbol.call_line = file.get<std::uint32_t>();
    symbol.is_inlined = file.flag();
    symbol.size = file.get_24_bits();
    return symbol;
}

void read_symbols(Input& file) {
    model::Symbols& symbols = file.trace().symbols;
    file.in.skip(2 * 8);  // how many are functions of their own, how many inlined
    const std::uint64_t count = file.count();
    for (std::uint64_t i = 0; i < count; ++i) symbols.symbols.push_back(read_symbol(file));
    const std::uint64_t codes = file.count();
    for (std::uint64_t i = 0; i < codes; ++i) {
        const auto address = file.get<std::uint64_t>();
        symbols.codes.push_back({address, file.in.get_text(file.get<std::uint32_t>())});
    }
    const std::uint64_t addresses = file.count();
    for (std::uint64_t i = 0; i < addresses; ++i) {
        const auto address = file.get<std::uint64_t>();
        symbols.addresses.push_back({address, file.get<std::uint64_t>()});
    }
    file.kept("symbols", count);
}

}  // namespace

const Section kSymbols{.write = write_symbols, .read = read_symbols};

}  // namespace tracypy::tracefile::sections
