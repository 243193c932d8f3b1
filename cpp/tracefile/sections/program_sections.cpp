// Parts of the program's run that it gave a name, such as "loading", by category.
#include <algorithm>
#include <map>
#include <vector>

#include "tracefile/sections/input.hpp"
#include "tracefile/sections/list.hpp"
#include "tracefile/sections/output.hpp"

namespace tracypy::tracefile::sections {
namespace {

using model::ProgramSection;
using model::TextId;

constexpr Version kOneList{0, 13, 4};
constexpr Version kByCategory{0, 13, 5};  // and the names of the categories

constexpr unsigned kTimeBits = 48;

Version oldest_for_program_sections(const model::Trace& trace) {
    return trace.sections.empty() ? kOldestWritten : kByCategory;
}

void put_48_bits(Output& file, std::int64_t value) {
    file.put(static_cast<std::uint32_t>(value));
    file.put(static_cast<std::uint16_t>(value >> 32));
}

std::int64_t get_48_bits(Input& file) {
    const std::uint64_t low = file.get<std::uint32_t>();
    const std::uint64_t bits = low | static_cast<std::uint64_t>(file.get<std::uint16_t>()) << 32;
    return static_cast<std::int64_t>(bits << (64 - kTimeBits)) >> (64 - kTimeBits);
}

// Viewers look up the name of each category that has sections: it must be listed, if without a name.
void write_categories(Output& file, const std::map<std::uint16_t, std::vector<const ProgramSection*>>& by_category) {
    std::map<std::uint16_t, TextId> names;
    for (const auto& [number, list] : by_category) names[number] = TextId::None;
    for (const model::SectionCategory& category : file.trace.section_categories) {
        names[category.number] = category.name;
    }
    file.count(names.size());
    for (const auto& [number, name] : names) {
        file.put(number);
        file.put_24_bits(static_cast<std::uint32_t>(name));
    }
}

void write_program_sections(Output& file) {
    if (!file.since(kByCategory)) {
        if (file.since(kOneList)) file.count(0);
        return;
    }
    std::map<std::uint16_t, std::vector<const ProgramSection*>> by_category;
    for (const ProgramSection& section : file.trace.sections) by_category[section.category].push_back(&section);
    file.count(by_category.size());
    for (const auto& [number, list] : by_category) {
        file.put(number);
        file.count(list.size());
        for (const ProgramSection* const section : list) {
            put_48_bits(file, section->begin_ns);
            put_48_bits(file, section->end_ns);
            file.put_24_bits(static_cast<std::uint32_t>(section->name));
        }
    }
    write_categories(file, by_category);
}

// The texts come later: until then their numbers are as they stand in the file.
void read_list(Input& file, std::uint16_t category) {
    const std::uint64_t count = file.count();
    for (std::uint64_t i = 0; i < count; ++i) {
        ProgramSection section{.begin_ns = get_48_bits(file)};
        section.end_ns = std::max(get_48_bits(file), model::kOpen);  // below 0: its number, of one that lasts
        section.name = static_cast<TextId>(file.get_24_bits());
        section.category = category;
        file.trace().sections.push_back(section);
    }
}

void read_program_sections(Input& file) {
    if (!file.since(kByCategory)) {
        if (file.since(kOneList)) read_list(file, 0);
        return;
    }
    const std::uint64_t lists = file.count();
    for (std::uint64_t i = 0; i < lists; ++i) read_list(file, file.get<std::uint16_t>());
    const std::uint64_t categories = file.count();
    for (std::uint64_t i = 0; i < categories; ++i) {
        const auto number = file.get<std::uint16_t>();
        file.trace().section_categories.push_back({number, static_cast<TextId>(file.get_24_bits())});
    }
}

void check(const model::Trace& trace, TextId text) {
    if (trace.strings.has(text)) return;
    throw FormatError("the trace file is damaged: the name of a section is not there");
}

void finish_program_sections(Input& file) {
    model::Trace& trace = file.trace();
    for (const ProgramSection& section : trace.sections) check(trace, section.name);
    for (const model::SectionCategory& category : trace.section_categories) check(trace, category.name);
    std::ranges::stable_sort(trace.sections, {}, &ProgramSection::begin_ns);
}

}  // namespace

const Section kProgramSections{.oldest = oldest_for_program_sections,
                               .write = write_program_sections,
                               .read = read_program_sections,
                               .finish = finish_program_sections};

}  // namespace tracypy::tracefile::sections
