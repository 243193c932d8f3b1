// The sections that give names: texts, what points to them, and source locations.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "model/trace.hpp"
#include "tracefile/file_block_reader.hpp"
#include "tracefile/zone_stream.hpp"

namespace tracypy::tracefile {

/// One file; fills `trace` and remembers what later sections refer to.
class NamesReader {
public:
    NamesReader(FileBlockReader& in, model::Trace& trace) : in_(in), trace_(trace) {}

    /// From the texts to the numbers of threads.
    void read_strings();
    /// From the static locations to the counts of zones.
    void read_source_locations();

    /// The text that a 64-bit name stands for; None for names that the program never told.
    model::TextId pointed(std::uint64_t pointer) const;
    model::TextId thread_name(std::uint64_t thread) const;
    /// The place of a thread in the file's list of them. One that is not listed gets the next free place, as in
    /// viewers.
    std::uint32_t short_number(std::uint64_t thread);
    /// A reference of 9 bytes, or a number of 24 bits.
    model::TextId get_reference();
    model::TextId get_index24();

    LocationNumbers locations() const noexcept { return {static_ones_, first_dynamic_, dynamic_count_}; }
    std::uint64_t other_names() const noexcept { return other_names_; }

private:
    using Table = std::unordered_map<std::uint64_t, model::TextId>;

    void read_table(Table& table);
    void read_short_numbers();
    model::SourceLocation get_location();

    FileBlockReader& in_;
    model::Trace& trace_;
    Table texts_, pointers_, threads_;  // texts_: by the address that the writing program had them at
    std::unordered_map<std::uint64_t, std::uint32_t> short_numbers_;
    std::uint32_t next_short_number_ = 0;
    std::vector<model::LocationIndex> static_ones_;
    model::LocationIndex first_dynamic_ = 0;
    std::size_t dynamic_count_ = 0;
    std::uint64_t other_names_ = 0;
};

}  // namespace tracypy::tracefile
