#include "tracefile/sections/input.hpp"

namespace tracypy::tracefile::sections {
namespace {

[[noreturn]] void fail_at_text() {
    throw FormatError("the trace file is damaged: a text is referred to that is not there");
}

}  // namespace

using model::TextId;

TextId Input::reference() {
    const auto number = get<std::uint64_t>();
    const auto flags = get<std::uint8_t>();
    if ((flags & kIsActive) == 0) return TextId::None;
    if ((flags & kIsIndex) == 0) return Names::find(names.pointers, number);
    if (number >= trace().strings.size()) fail_at_text();
    return static_cast<TextId>(number + 1);
}

TextId Input::short_reference() {
    const auto id = static_cast<TextId>(get_24_bits());
    if (!trace().strings.has(id)) fail_at_text();
    return id;
}

}  // namespace tracypy::tracefile::sections
