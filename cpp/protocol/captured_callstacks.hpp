// The call stacks of a captured program: addresses, and what it answers about them.
//
// A stack is sent ahead of the event that has it. An address that is new is asked for once: it stands for one call or
// for several, all but the last one inlined. The functions of these are asked for in turn, and then their code.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/names.hpp"
#include "protocol/captured_sources.hpp"
#include "protocol/pending_queries.hpp"

namespace tracypy::protocol {

/// One thread. What makes no sense is a PeerError.
class CapturedCallstacks {
public:
    /// As much of a function's code as real viewers ask for.
    static constexpr std::uint32_t kMostCode = 128 * 1024;
    /// In a file, references to stacks have 24 bits.
    static constexpr std::size_t kMostStacks = (std::size_t{1} << 24) - 2;

    /// `sends_code`: the program has said that it can.
    CapturedCallstacks(base::Names& names, PendingQueries& queries, CapturedSources& sources, bool sends_code)
        : names_(names), queries_(queries), sources_(sources), sends_code_(sends_code) {}

    /// The place of an address in the names; one that is new is asked for.
    std::uint32_t index_of(std::uint64_t address);
    /// A stack sent ahead: addresses, innermost first.
    void add(std::string_view addresses);
    /// Calls that a program tells in words, such as those of Lua; a stack that was sent ahead lies below them.
    void add_told(std::string_view calls);
    /// None: no stack was sent ahead.
    base::CallstackId take() noexcept;
    /// What all of it takes, roughly, but for texts and code.
    std::size_t bytes() const noexcept { return bytes_; }
    bool is_pending() const noexcept { return pending_ != base::CallstackId::None || left_ != 0; }

    // Answers.
    void address_answered(std::uint64_t address, std::uint8_t calls, std::string_view image);
    struct Call {
        std::uint32_t line;
        std::uint64_t symbol;
        std::uint32_t symbol_bytes;
    };
    void call_answered(const Call& call, std::string_view function, std::string_view file);
    void symbol_answered(std::uint64_t symbol, std::uint32_t line, std::string_view file);
    void code_answered(std::uint64_t symbol, std::string_view code);

private:
    using Stack = std::vector<std::uint32_t>;

    base::CallstackId intern(Stack stack);
    std::uint32_t nowhere();
    void ask_symbol(const Call& call, const base::NativeFrame& frame, base::StringId image, bool is_inlined);

    base::Names& names_;
    PendingQueries& queries_;
    CapturedSources& sources_;
    bool sends_code_;
    std::map<Stack, base::CallstackId> ids_;
    std::unordered_map<std::uint64_t, std::uint32_t> addresses_;  // their indices
    std::map<std::string, std::uint32_t> told_;                   // of calls in words, by these
    base::CallstackId pending_ = base::CallstackId::None;
    std::uint32_t answered_ = 0;  // the address whose calls come now
    unsigned left_ = 0;           // calls of it that are to come
    std::size_t bytes_ = 0;
    bool is_first_ = false;                                   // the next one is its innermost
    std::unordered_map<std::uint64_t, std::size_t> symbols_;  // their places in the names
    std::optional<std::uint32_t> nowhere_;                    // what stands for addresses that there is no room for
};

}  // namespace tracypy::protocol
