#include "model/native_builder.hpp"

#include <algorithm>

namespace tracypy::model {
namespace {

/// Files have 24 bits for it.
constexpr std::uint32_t kMostSymbolBytes = 0xFF'FFFF;

// Addresses of the machine's own have their topmost two bits elsewhere in files.
std::uint64_t in_file(std::uint64_t address) noexcept {
    return address & 0x3FFF'FFFF'FFFF'FFFF;
}

}  // namespace

TextId NativeBuilder::text_of(Trace& trace, base::StringId id) const {
    return id == base::StringId::None ? TextId::None : trace.strings.intern(names_.strings.find(id).text);
}

void NativeBuilder::add_address(Trace& trace, const base::NativeAddress& address) const {
    StackAddress& named = trace.callstacks.addresses.emplace_back();
    named.image = text_of(trace, address.image);
    named.address = in_file(address.address);
    for (const base::NativeFrame& frame : address.frames) {
        named.frames.push_back({text_of(trace, frame.function), text_of(trace, frame.file), frame.line, frame.symbol});
    }
    if (!address.frames.empty() && address.address != 0) {
        trace.symbols.addresses.push_back({address.address, address.frames.front().symbol});
    }
}

void NativeBuilder::add_told(Trace& trace) const {
    const base::NativeNames& native = names_.native;
    if (native.has_stacks()) trace.callstacks.stacks = native.stacks;
    for (const base::NativeAddress& address : native.addresses) add_address(trace, address);
    for (const base::NativeSymbol& symbol : native.symbols) {
        trace.symbols.symbols.push_back({symbol.address, text_of(trace, symbol.name), text_of(trace, symbol.file),
                                         symbol.line, text_of(trace, symbol.image), text_of(trace, symbol.call_file),
                                         symbol.call_line, symbol.is_inlined, std::min(symbol.size, kMostSymbolBytes)});
    }
    for (const base::NativeCode& code : native.codes) trace.symbols.codes.push_back({code.address, code.code});
    for (const base::SourceText& source : native.sources) {
        trace.source_files.push_back({std::string(names_.strings.find(source.file).text), source.text});
    }
    for (const base::ForeignThreadName& thread : native.foreign_threads) {
        trace.switches.foreign_threads.push_back(
            {thread.thread, text_of(trace, thread.program), text_of(trace, thread.name)});
    }
}

void NativeBuilder::add_pieces(Trace& trace) const {
    std::map<base::CodeAddress, std::string> codes;
    for (const auto& [address, piece] : codes_) codes[piece.symbol] += names_.strings.find(piece.code).text;
    for (const auto& [symbol, code] : codes) trace.symbols.codes.push_back({static_cast<std::uint64_t>(symbol), code});
    std::map<base::StringId, std::string> sources;
    for (const auto& [number, piece] : sources_) sources[piece.file] += names_.strings.find(piece.text).text;
    for (const auto& [file, text] : sources) {
        trace.source_files.push_back({std::string(names_.strings.find(file).text), text});
    }
}

void NativeBuilder::finish(Trace& trace) const {
    add_told(trace);
    for (const auto& [address, symbol] : symbols_) {
        trace.symbols.symbols.push_back({static_cast<std::uint64_t>(address), text_of(trace, symbol.name),
                                         text_of(trace, symbol.file), symbol.line, text_of(trace, symbol.image),
                                         text_of(trace, symbol.call_file), symbol.call_line, symbol.is_inlined,
                                         std::min(symbol.size, kMostSymbolBytes)});
    }
    add_pieces(trace);
    for (const auto& [number, thread] : threads_) {
        trace.switches.foreign_threads.push_back({number, text_of(trace, thread.program), text_of(trace, thread.name)});
    }
}

}  // namespace tracypy::model
