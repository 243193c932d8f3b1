#include "tracefile/names_reader.hpp"

#include "tracefile/section_skips.hpp"

namespace tracypy::tracefile {

using model::TextId;

namespace {

TextId find(const std::unordered_map<std::uint64_t, TextId>& table, std::uint64_t key) {
    const auto found = table.find(key);
    return found == table.end() ? TextId::None : found->second;
}

[[noreturn]] void fail_at_text() {
    throw FormatError("the trace file is damaged: a text is referred to that is not there");
}

}  // namespace

TextId NamesReader::pointed(std::uint64_t pointer) const {
    return find(pointers_, pointer);
}

TextId NamesReader::thread_name(std::uint64_t thread) const {
    return find(threads_, thread);
}

std::uint32_t NamesReader::short_number(std::uint64_t thread) {
    const auto [found, is_new] = short_numbers_.emplace(thread, next_short_number_);
    if (is_new) ++next_short_number_;
    return found->second;
}

TextId NamesReader::get_reference() {
    const auto number = in_.get<std::uint64_t>();
    const auto flags = in_.get<std::uint8_t>();
    if ((flags & kIsActive) == 0) return TextId::None;
    if ((flags & kIsIndex) == 0) return pointed(number);
    if (number >= trace_.strings.size()) fail_at_text();
    return static_cast<TextId>(number + 1);
}

TextId NamesReader::get_index24() {
    const std::uint32_t low = in_.get<std::uint16_t>();
    const auto id = static_cast<TextId>(low | static_cast<std::uint32_t>(in_.get<std::uint8_t>()) << 16);
    if (!trace_.strings.has(id)) fail_at_text();
    return id;
}

void NamesReader::read_table(Table& table) {
    const auto entries = in_.get<std::uint64_t>();
    for (std::uint64_t i = 0; i < entries; ++i) {
        const auto key = in_.get<std::uint64_t>();
        table.emplace(key, find(texts_, in_.get<std::uint64_t>()));
    }
}

void NamesReader::read_short_numbers() {
    const auto threads = in_.get<std::uint64_t>();
    for (std::uint64_t i = 0; i < threads; ++i) short_numbers_.emplace(in_.get<std::uint64_t>(), next_short_number_++);
}

void NamesReader::read_strings() {
    const auto texts = in_.get<std::uint64_t>();
    if (texts > model::Strings::kMaxTexts) throw FormatError("the trace file is damaged: too many texts");
    for (std::uint64_t i = 0; i < texts; ++i) {
        const auto address = in_.get<std::uint64_t>();
        const auto bytes = in_.get<std::uint64_t>();
        texts_.emplace(address, trace_.strings.append(in_.get_text(bytes)));
    }
    read_table(pointers_);
    read_table(threads_);
    other_names_ = skip_list(in_, 3 * 8);
    read_short_numbers();
    skip_list(in_, 8);  // of threads of other processes
    texts_.clear();
}

model::SourceLocation NamesReader::get_location() {
    model::SourceLocation location;
    location.name = get_reference();
    location.function = get_reference();
    location.file = get_reference();
    location.line = in_.get<std::uint32_t>();
    location.color = swap_red_blue(in_.get<std::uint32_t>());
    return location;
}

void NamesReader::read_source_locations() {
    std::unordered_map<std::uint64_t, model::LocationIndex> by_pointer;
    const auto static_count = in_.get<std::uint64_t>();
    for (std::uint64_t i = 0; i < static_count; ++i) {
        const auto pointer = in_.get<std::uint64_t>();
        by_pointer.emplace(pointer, static_cast<model::LocationIndex>(trace_.locations.size()));
        trace_.locations.push_back(get_location());
    }
    const auto numbers = in_.get<std::uint64_t>();
    for (std::uint64_t i = 0; i < numbers; ++i) {
        const auto found = by_pointer.find(in_.get<std::uint64_t>());
        static_ones_.push_back(found == by_pointer.end() ? LocationNumbers::kUnknown : found->second);
    }
    first_dynamic_ = static_cast<model::LocationIndex>(trace_.locations.size());
    const auto dynamic_count = in_.get<std::uint64_t>();
    for (std::uint64_t i = 0; i < dynamic_count; ++i) trace_.locations.push_back(get_location());
    dynamic_count_ = static_cast<std::size_t>(dynamic_count);
    skip_list(in_, 2 + 8);  // zones per location, GPU zones per location: we count for ourselves
    skip_list(in_, 2 + 8);
}

}  // namespace tracypy::tracefile
