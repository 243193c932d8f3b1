// Facts of the .tracy container, and what the sections inside have in common. docs/tracefile.md tells them in order.
//
// What the releases changed is known to the sections that changed (sections/). Everything is little endian and packed.
// Counts are 64 bits wide unless said otherwise; times are nanoseconds, stored as the difference to the previous time
// of the same section.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "base/colors.hpp"
#include "base/error.hpp"

namespace tracypy::tracefile {

static_assert(std::endian::native == std::endian::little);

/// The file is damaged, foreign, or of a release that we do not read: becomes ValueError.
class FormatError : public base::ValueError {
public:
    using base::ValueError::ValueError;
    explicit FormatError(std::string problem)
        : ValueError(base::problem<base::ErrorCode::TraceUnreadable>(std::move(problem))) {}
};

enum class Codec : std::uint8_t { Lz4 = 0, Zstd = 1 };

/// Uncompressed size of every block but the last; readers rely on it.
inline constexpr std::size_t kBlockBytes = 64 * 1024;

inline constexpr char kContainerMagic[4] = {'t', 'r', '\xFD', 'P'};  // then codec and number of streams, one byte each
inline constexpr char kOldLz4Magic[4] = {'t', 'l', 'Z', '\4'};       // up to 0.10: one stream, nothing else
inline constexpr char kOldZstdMagic[4] = {'t', 'Z', 's', 't'};
inline constexpr char kTraceMagic[5] = {'t', 'r', 'a', 'c', 'y'};  // then major, minor, patch; the first of the data

/// Orders as releases do.
struct Version {
    std::uint8_t major_ = 0, minor_ = 0, patch_ = 0;

    friend auto operator<=>(const Version&, const Version&) = default;
    std::string text() const {
        return std::to_string(major_) + "." + std::to_string(minor_) + "." + std::to_string(patch_);
    }
};

inline constexpr Version kOldestRead{0, 9, 0};
inline constexpr Version kNewestRead{0, 14, 0};
inline constexpr Version kOldestWritten{0, 11, 0};  // what every viewer since opens; see writer.hpp

/// A source location of a zone is 16 bits: from 0 up an index into the list of static ones, below 0 the complement
/// (-1 - index) into the list of dynamic ones.
inline constexpr std::size_t kMaxDynamicLocations = 32'767;
inline constexpr std::size_t kMaxStaticLocations = 32'767;  // of which the first stands for none
inline constexpr std::size_t kMaxLocations = kMaxDynamicLocations + kMaxStaticLocations - 1;

/// How files of ours number the locations of a trace, in the order in which they were met: the dynamic ones first, then
/// the static ones. What finds no place shares the number of the first, "other functions".
constexpr std::int16_t location_number(std::size_t index) noexcept {
    if (index < kMaxDynamicLocations) return static_cast<std::int16_t>(-1 - static_cast<int>(index));
    const std::size_t number = index - kMaxDynamicLocations + 1;
    return number < kMaxStaticLocations ? static_cast<std::int16_t>(number) : std::int16_t{-1};
}

// Sizes of what most sections are made of.
inline constexpr std::size_t kTimeBytes = 8;
inline constexpr std::size_t kReferenceBytes = 9;  // to a text: its number, then flags
inline constexpr std::size_t kIndex24Bytes = 3;    // to a text or a call stack: its index plus one

/// The second half of a string reference: what its number means.
enum StringReferenceFlags : std::uint8_t { kIsIndex = 1, kIsActive = 2 };

// Trace files keep colours as 0xBBGGRR.
using base::swap_red_blue;

}  // namespace tracypy::tracefile
