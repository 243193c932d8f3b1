// Machine code of programs, into the tables of a trace: its functions, its code, the texts of its sources.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <unordered_set>

#include "base/names.hpp"
#include "events/vocabulary.hpp"
#include "model/trace.hpp"

namespace tracypy::model {

/// One thread. `names` must outlive it.
class NativeBuilder {
public:
    explicit NativeBuilder(const base::Names& names) : names_(names) {}

    /// Of each address the first one counts.
    void take(const events::Symbol& symbol) { symbols_.try_emplace(symbol.address, symbol); }
    void take(const events::SymbolCode& piece) { codes_.try_emplace(piece.address, piece); }
    void take(const events::SourceText& piece) { sources_.try_emplace(piece.number, piece); }
    void take(const events::ForeignThread& thread) { threads_.try_emplace(thread.thread_number, thread); }

    /// What a captured program's client has told beside its events (Names::native) comes first.
    void finish(Trace& trace) const;
    /// An address of a stack, with what is known of it.
    void add_address(Trace& trace, const base::NativeAddress& address) const;

private:
    TextId text_of(Trace& trace, base::StringId id) const;
    void add_told(Trace& trace) const;
    void add_pieces(Trace& trace) const;

    const base::Names& names_;
    std::map<base::CodeAddress, events::Symbol> symbols_;
    std::map<base::CodeAddress, events::SymbolCode> codes_;
    std::map<std::uint32_t, events::SourceText> sources_;
    std::map<std::uint64_t, events::ForeignThread> threads_;
};

}  // namespace tracypy::model
