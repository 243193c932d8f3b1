#include "drivers/native_region.hpp"

#include <utility>

namespace tracypy::drivers {
namespace {

/// Programs have their code below this; above are the kernel's, the same for all of a machine.
constexpr unsigned kRegionShift = 48;
constexpr std::uint64_t kKernel = std::uint64_t{1} << 63;
/// Call stacks of Python have their ids as addresses: ours, and those of a gathered client that is a tracypy, too.
constexpr std::uint64_t kPythonAddresses = std::uint64_t{1} << 20;
/// A text's size in the tables.
constexpr std::size_t kPieceBytes = 60'000;

constexpr std::string_view kUnknown = "[unknown]";

}  // namespace

// The first client of a session has its addresses as they are.
base::CodeAddress NativeRegion::place(base::CodeAddress address) const noexcept {
    const auto number = static_cast<std::uint64_t>(address);
    if (number == 0 || (number & kKernel) != 0) return address;
    const bool is_python = region_ == 0 && number < kPythonAddresses;
    const std::uint64_t region = is_python ? FamilyNumbers::kPythonRegion : region_;
    return static_cast<base::CodeAddress>(number ^ region << kRegionShift);
}

std::optional<std::uint64_t> NativeRegion::own_address(std::uint64_t address) const noexcept {
    if (region_ == FamilyNumbers::kNoRegion) return std::nullopt;
    const std::uint64_t own = place(address);  // the same bits are turned back
    const bool is_own = own != 0 && place(own) == address;
    const bool is_in_region = (address & kKernel) != 0 || (own >> kRegionShift & FamilyNumbers::kNoRegion) == 0;
    return is_own && is_in_region ? std::optional(own) : std::nullopt;
}

base::StringId NativeRegion::text(base::StringId id) {
    if (id == base::StringId::None) return id;
    const auto [entry, is_new] = texts_.try_emplace(id, base::StringId::None);
    if (is_new) {
        const std::string_view told = names_.strings.find(id).text;
        entry->second = memory().intern(root_, told.empty() ? kUnknown : told);
        if (entry->second == base::StringId::None) {
            ++left_out_texts_;
            entry->second = root_.strings.intern(kUnknown);
        }
    }
    return entry->second;
}

// What was told in words has no address.
base::StackFrame NativeRegion::frame(std::uint32_t index) {
    const auto [entry, is_new] = frames_.try_emplace(index);
    if (!is_new) return entry->second;
    const base::NativeAddress& told = names_.native.addresses[index];
    base::StackFrame made;
    if (told.address == 0 && !told.frames.empty()) {
        const base::NativeFrame& call = told.frames.front();
        made.location =
            memory().locate(root_, {names_.strings.find(call.function).text, names_.strings.find(call.file).text});
        made.line = call.line;
    } else {
        base::NativeAddress address{.address = place(told.address), .image = text(told.image)};
        for (const base::NativeFrame& call : told.frames) {
            address.frames.push_back({text(call.function), text(call.file), call.line, place(call.symbol)});
        }
        made.native = memory().keep(root_, [&] { return root_.callstacks.intern_native(address); });
    }
    return entry->second = made;
}

base::CallstackId NativeRegion::callstack(base::CallstackId id) {
    if (id == base::CallstackId::None) return id;
    const auto [entry, is_new] = callstacks_.try_emplace(id, base::CallstackId::None);
    if (is_new && region_ != FamilyNumbers::kNoRegion && memory().has_room_for_names()) {
        std::vector<base::StackFrame> frames;
        for (const std::uint32_t index : std::exchange(names_.native.stacks[static_cast<std::size_t>(id)], {})) {
            frames.push_back(frame(index));
        }
        entry->second = memory().keep(root_, [&] { return root_.callstacks.intern(frames); });
    }
    if (entry->second == base::CallstackId::None) ++left_out_stacks_;
    return entry->second;
}

template <typename Event>
void NativeRegion::tell(const Event& event) {
    static_cast<events::EventSink&>(rows_).take({&event, 1});
}

template <typename TellPiece>
void NativeRegion::tell_in_pieces(std::string_view whole, const TellPiece& tell_piece) {
    for (std::size_t at = 0; at < whole.size(); at += kPieceBytes) {
        const base::StringId piece = memory().intern(root_, whole.substr(at, kPieceBytes));
        if (piece == base::StringId::None) return void(++left_out_texts_);
        tell_piece(at, piece);
    }
}

void NativeRegion::hand_on() {
    if (region_ == FamilyNumbers::kNoRegion) return;
    base::NativeNames& native = names_.native;
    for (; symbols_ < native.symbols.size(); ++symbols_) {
        const base::NativeSymbol& told = native.symbols[symbols_];
        tell(events::Symbol{place(static_cast<base::CodeAddress>(told.address)), text(told.name), text(told.file),
                            text(told.image), text(told.call_file), told.line, told.call_line, told.size,
                            told.is_inlined});
    }
    for (; codes_ < native.codes.size(); ++codes_) {
        const std::uint64_t symbol = place(native.codes[codes_].address);
        const std::string code = std::exchange(native.codes[codes_].code, {});
        native.body_bytes -= code.size();
        tell_in_pieces(code, [&](std::size_t at, base::StringId piece) {
            tell(events::SymbolCode{static_cast<base::CodeAddress>(symbol + at), static_cast<base::CodeAddress>(symbol),
                                    piece});
        });
    }
    for (; sources_ < native.sources.size(); ++sources_) {
        const base::StringId file = text(native.sources[sources_].file);
        const std::string source = std::exchange(native.sources[sources_].text, {});
        native.body_bytes -= source.size();
        tell_in_pieces(source, [&](std::size_t, base::StringId piece) {
            tell(events::SourceText{rows_.numbers().take_source(), file, piece});
        });
    }
    for (; foreign_threads_ < native.foreign_threads.size(); ++foreign_threads_) {
        const base::ForeignThreadName& told = native.foreign_threads[foreign_threads_];
        tell(events::ForeignThread{told.thread, text(told.program), text(told.name)});
    }
}

}  // namespace tracypy::drivers
