// A timeline as bytes that are read in no time: the memory of its rows as it is, and of the pyramid the lowest level.
//
// Only the same machine reads them, and only bytes that it wrote itself: whoever keeps them sees to it that they are
// whole. What they claim is held against their number all the same, before memory is taken.
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "analysis/timeline/timeline.hpp"

namespace tracypy::analysis {

/// Changes with every change of what is stored, or of what it means.
inline constexpr std::uint32_t kTimelineFormat = 1;

/// What is read makes no sense.
struct DamagedTimeline {};

/// Takes pieces, in the sizes in which they are asked for again.
using PutBytes = std::function<void(std::span<const char>)>;

void store(const Timeline& timeline, const PutBytes& put);

/// Fills pieces. Throws DamagedTimeline when there is no more.
class StoredBytes {
public:
    virtual ~StoredBytes() = default;
    virtual void get(std::span<char> piece) = 0;
    virtual std::uint64_t left() const = 0;
};

/// Into a new timeline, of a trace without zones. Throws DamagedTimeline.
void restore(Timeline& timeline, const model::Trace& trace, StoredBytes& bytes);

}  // namespace tracypy::analysis
