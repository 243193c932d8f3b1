// What the sections of one file share while it is read: what came before, for those behind it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "model/trace.hpp"
#include "tracefile/file_block_reader.hpp"
#include "tracefile/format.hpp"
#include "tracefile/reader.hpp"
#include "tracefile/zone_stream.hpp"

namespace tracypy::tracefile::sections {

/// What millions of numbers stand for, in less memory than a table of hashes takes: first all are added, then found.
template <typename Value>
class Numbered {
public:
    void add(std::uint64_t number, Value value) { entries_.emplace_back(number, value); }
    /// After the last one. Of entries with one number the first counts.
    void finish() {
        if (!std::ranges::is_sorted(entries_, {}, &Entry::first)) {
            std::ranges::stable_sort(entries_, {}, &Entry::first);
        }
    }
    const Value* find(std::uint64_t number) const {
        const auto found = std::ranges::lower_bound(entries_, number, {}, &Entry::first);
        return found == entries_.end() || found->first != number ? nullptr : &found->second;
    }

private:
    using Entry = std::pair<std::uint64_t, Value>;

    std::vector<Entry> entries_;
};

/// What names stand for; texts.cpp fills it.
struct Names {
    using Table = std::unordered_map<std::uint64_t, model::TextId>;

    Table pointers, threads;

    /// None for names that the program never told.
    static model::TextId find(const Table& table, std::uint64_t name) {
        const auto found = table.find(name);
        return found == table.end() ? model::TextId::None : found->second;
    }
    /// The place of a thread in the file's list of them. One that is not listed gets the next free place, as in
    /// viewers.
    std::uint32_t short_number(std::uint64_t thread) {
        const auto [found, is_new] = short_numbers.emplace(thread, next_short_number);
        if (is_new) ++next_short_number;
        return found->second;
    }
    /// For the list itself, in which a thread has its place even if it was there before.
    void add_short_number(std::uint64_t thread) { short_numbers.emplace(thread, next_short_number++); }

    std::unordered_map<std::uint64_t, std::uint32_t> short_numbers;
    std::uint32_t next_short_number = 0;
    std::vector<std::uint64_t> foreign_threads;  // by the numbers that processors have of them
};

/// What zones refer to; source_locations.cpp fills it.
struct Locations {
    std::vector<model::LocationIndex> static_ones;
    model::LocationIndex first_dynamic = 0;
    std::size_t dynamic_count = 0;

    LocationNumbers numbers() const noexcept { return {static_ones, first_dynamic, dynamic_count}; }
};

/// One thread.
struct Input {
    explicit Input(FileBlockReader& reader, model::ZoneSink* sink = nullptr) : in(reader), zones(sink) {}

    FileBlockReader& in;
    model::ZoneSink* zones;  // who takes them; null: the model
    ReadResult result;
    Names names;
    Locations locations;
    std::vector<std::uint64_t> frame_names;  // of all sets; their texts come later
    /// By the number of an image: the index of its set, and that of its frame.
    std::unordered_map<std::int64_t, std::pair<std::uint32_t, std::uint32_t>> image_frames;
    Numbered<std::uint32_t> messages;  // by the number that threads have of them
    std::uint64_t crash_message = 0;   // its text comes later

    model::Trace& trace() noexcept { return result.trace; }
    bool since(Version version) const noexcept { return result.version >= version; }

    template <typename T>
    T get() {
        return in.get<T>();
    }
    /// Every turn of a loop over a count has to read something, so that a damaged count ends with the file.
    std::uint64_t count() { return in.get<std::uint64_t>(); }
    bool flag() { return in.get<std::uint8_t>() != 0; }
    std::string text() { return in.get_text(count()); }
    std::uint32_t get_24_bits() {
        const std::uint32_t low = in.get<std::uint16_t>();
        return low | static_cast<std::uint32_t>(in.get<std::uint8_t>()) << 16;
    }
    std::int64_t time(std::uint64_t& reference) {
        reference += in.get<std::uint64_t>();
        return static_cast<std::int64_t>(reference);
    }
    /// A reference of 9 bytes; one of 24 bits; a name that goes over the table of pointers.
    model::TextId reference();
    model::TextId short_reference();
    model::TextId pointer() { return Names::find(names.pointers, get<std::uint64_t>()); }
    /// Of something that has one in any case.
    model::LocationIndex location() {
        const model::LocationIndex found = locations.numbers().find(get<std::int16_t>());
        return found == LocationNumbers::kUnknown ? 0 : found;
    }

    /// A count, then that many records of `bytes`; returns the count.
    std::uint64_t skip_list(std::size_t bytes) {
        const std::uint64_t entries = count();
        in.skip(entries, bytes);
        return entries;
    }
    /// So many entries had no place in the model.
    void skipped(const char* name, std::uint64_t entries) {
        if (entries != 0) result.skipped.push_back({name, entries, false});
    }
    /// So many entries are in the model for the sake of copies only.
    void kept(const char* name, std::uint64_t entries) {
        if (entries != 0) result.skipped.push_back({name, entries, true});
    }
};

}  // namespace tracypy::tracefile::sections
