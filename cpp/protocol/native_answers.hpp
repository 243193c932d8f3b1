// What a viewer may ask about machine code: functions, their code, the texts of sources, threads of other programs.
//
// It is all there before the viewer hears of it, and only what is there can be asked for.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/names.hpp"
#include "events/vocabulary.hpp"

namespace tracypy::protocol {

/// One thread; lives as long as the connection. `names` must outlive it.
class NativeAnswers {
public:
    explicit NativeAnswers(const base::Names& names) : names_(names) {}

    /// Of each the first one counts.
    void take(const events::Symbol& symbol) { symbols_.try_emplace(symbol.address, symbol); }
    void take(const events::SymbolCode& piece) { codes_[piece.symbol].try_emplace(piece.address, piece.code); }
    void take(const events::SourceText& piece) { sources_[piece.file].try_emplace(piece.number, piece.text); }
    void take(const events::ForeignThread& thread) { threads_.try_emplace(thread.thread_number, thread); }

    /// Null: not known.
    const events::Symbol* symbol(std::uint64_t address) const;
    const events::ForeignThread* foreign_thread(std::uint64_t number) const;
    bool has_code() const noexcept { return !codes_.empty(); }
    std::optional<std::string> code(std::uint64_t symbol) const;
    std::optional<std::string> source(std::string_view file) const;

private:
    const base::Names& names_;
    std::unordered_map<base::CodeAddress, events::Symbol> symbols_;
    std::unordered_map<base::CodeAddress, std::map<base::CodeAddress, base::StringId>> codes_;
    std::unordered_map<base::StringId, std::map<std::uint32_t, base::StringId>> sources_;
    std::unordered_map<std::uint64_t, events::ForeignThread> threads_;
};

}  // namespace tracypy::protocol
