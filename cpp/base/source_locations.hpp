// What a zone's id means: name, function, file, line, colour. One id per distinct content.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "base/ids.hpp"

namespace tracypy::base {

class StringTable;

struct SourceLocation {
    StringId name = StringId::None;  // a name of its own (tracypy.zone), or None: the viewer then shows the function
    StringId function = StringId::None;
    StringId file = StringId::None;
    std::uint32_t line = 0;
    std::uint32_t color = 0;  // 0xRRGGBB, zero for none
    bool is_marked = false;   // see mark()

    /// Of what a viewer shows.
    friend bool operator==(const SourceLocation& one, const SourceLocation& other) noexcept {
        return one.name == other.name && one.function == other.function && one.file == other.file &&
               one.line == other.line && one.color == other.color;
    }
};

/// Thread-safe. Ids are dense, from 0; 0 is "other functions" and stands for all that does not fit.
class SourceLocationTable {
public:
    /// A bound on memory: past it every new location is `Other`. That of its names is Names::kMaxBytes.
    static constexpr std::size_t kMaxLocations = 262'144;
    /// What each of them takes, roughly, besides its texts.
    static constexpr std::size_t kBytesEach = 144;

    explicit SourceLocationTable(StringTable& strings);

    SourceLocationId intern(const SourceLocation& location);
    /// The program wants it to be a zone, whatever else is one.
    void mark(SourceLocationId id);
    /// The id that `location` has already, or `Other`.
    SourceLocationId known(const SourceLocation& location) const;
    bool has_room() const noexcept { return size() < kMaxLocations; }
    /// An id whose content comes later, as a viewer hears of locations. Each call makes another one, or `Other`.
    SourceLocationId reserve();
    /// The content of a reserved id; nothing for `Other`.
    void fill(SourceLocationId id, const SourceLocation& location);
    std::optional<SourceLocation> find(SourceLocationId id) const noexcept;
    std::size_t size() const noexcept;

    void lock() const { mutex_.lock(); }  // around a fork
    void unlock() const { mutex_.unlock(); }

private:
    struct Hash {
        std::size_t operator()(const SourceLocation& location) const noexcept;
    };
    mutable std::mutex mutex_;
    std::deque<SourceLocation> locations_;
    std::unordered_map<SourceLocation, SourceLocationId, Hash> ids_;
};

}  // namespace tracypy::base
