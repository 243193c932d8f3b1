// What the sections of one file share while it is written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "model/trace.hpp"
#include "tracefile/file_block_writer.hpp"
#include "tracefile/format.hpp"
#include "tracefile/zone_source.hpp"

namespace tracypy::tracefile::sections {

/// One thread.
struct Output {
    FileBlockWriter& out;
    const model::Trace& trace;
    ZoneSource& zones;
    Version layout;
    /// The length of a text that nothing refers to, for what comes after the texts to have its right place.
    std::optional<std::size_t> padding;
    std::unordered_map<std::uint64_t, std::uint16_t> foreign_threads = {};  // by their ids: their places in the list

    bool since(Version version) const noexcept { return layout >= version; }

    template <typename T>
    void put(T value) {
        out.put(value);
    }
    /// Of a list: how many follow.
    void count(std::uint64_t value) { out.put(value); }
    /// So many lists without entries.
    void empty_lists(int lists) {
        for (int i = 0; i < lists; ++i) count(0);
    }
    void flag(bool value) { out.put(static_cast<std::uint8_t>(value)); }
    void text(std::string_view text) {
        count(text.size());
        out.put_bytes(text);
    }
    void put_24_bits(std::uint32_t value) {
        out.put(static_cast<std::uint16_t>(value));
        out.put(static_cast<std::uint8_t>(value >> 16));
    }
    void reference(model::TextId id) {
        const bool is_there = id != model::TextId::None;
        out.put(is_there ? static_cast<std::uint64_t>(id) - 1 : 0);
        out.put(static_cast<std::uint8_t>(is_there ? kIsIndex | kIsActive : 0));
    }
    void short_reference(model::TextId id) { put_24_bits(static_cast<std::uint32_t>(id)); }
    /// A name that goes over the table from pointers to texts (texts.cpp): our pointers are the ids of the texts.
    void pointer(model::TextId id) { out.put(static_cast<std::uint64_t>(id)); }
    void time(std::int64_t& reference, std::int64_t value) {
        out.put(value - reference);
        reference = value;
    }
};

}  // namespace tracypy::tracefile::sections
