// The machine code of a gathered client: its addresses have a region of their own here, so that those of two programs
// never mean the same. Call stacks become those of the root's tables, functions and code go on as events.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/names.hpp"
#include "drivers/family_rows.hpp"
#include "events/vocabulary.hpp"

namespace tracypy::drivers {

/// One thread. For one conversation.
class NativeRegion {
public:
    /// `names`: of the client; what was handed on is no more in there. All must outlive it.
    NativeRegion(base::Names& names, base::Names& root, FamilyRows& rows)
        : names_(names), root_(root), rows_(rows), region_(rows.numbers().take_region()) {}

    /// An address as viewers of the root see it.
    base::CodeAddress place(base::CodeAddress address) const noexcept;
    /// The client's own address behind one that viewers see; nothing for another client's.
    std::optional<std::uint64_t> own_address(std::uint64_t address) const noexcept;
    /// A frame of machine code, by its place in the client's names: CallstackTable::native(); 0: none.
    std::uint32_t native_of(std::uint32_t index) { return frame(index).native; }
    /// None for one that there is no room for.
    base::CallstackId callstack(base::CallstackId id);
    /// Functions, code, sources and threads of other programs that have come since the last time.
    void hand_on();

    /// What it remembers, roughly.
    std::size_t bytes() const noexcept {
        constexpr std::size_t kBytesEach = 64;
        return (texts_.size() + callstacks_.size() + frames_.size()) * kBytesEach;
    }
    std::uint64_t left_out_stacks() const noexcept { return left_out_stacks_; }
    std::uint64_t left_out_texts() const noexcept { return left_out_texts_; }

private:
    GatherMemory& memory() noexcept { return rows_.numbers().memory(); }
    base::StringId text(base::StringId id);
    base::StackFrame frame(std::uint32_t index);
    std::uint64_t place(std::uint64_t address) const noexcept {
        return static_cast<std::uint64_t>(place(static_cast<base::CodeAddress>(address)));
    }
    template <typename Event>
    void tell(const Event& event);
    template <typename TellPiece>
    void tell_in_pieces(std::string_view whole, const TellPiece& tell_piece);

    base::Names& names_;
    base::Names& root_;
    FamilyRows& rows_;
    std::uint16_t region_;
    std::unordered_map<base::StringId, base::StringId> texts_;
    std::unordered_map<base::CallstackId, base::CallstackId> callstacks_;
    std::unordered_map<std::uint32_t, base::StackFrame> frames_;               // by index of the client's address
    std::size_t symbols_ = 0, codes_ = 0, sources_ = 0, foreign_threads_ = 0;  // that were handed on
    std::uint64_t left_out_stacks_ = 0, left_out_texts_ = 0;
};

}  // namespace tracypy::drivers
