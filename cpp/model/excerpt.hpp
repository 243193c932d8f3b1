// A part of a trace: what lies in a time, and lasted long enough.
#pragma once

#include <cstdint>
#include <limits>

#include "model/trace.hpp"

namespace tracypy::model {

struct Excerpt {
    std::int64_t from_ns = 0;
    std::int64_t until_ns = std::numeric_limits<std::int64_t>::max();
    std::int64_t least_ns = 0;  // of zones, also those of GPUs

    bool is_all() const noexcept {
        return from_ns <= 0 && until_ns == std::numeric_limits<std::int64_t>::max() && least_ns <= 0;
    }
};

/// Whether something lies in that time at all; `last_ns` is when the trace ends.
inline bool has(const Excerpt& excerpt, std::int64_t begin_ns, std::int64_t end_ns, std::int64_t last_ns) noexcept {
    const std::int64_t end = end_ns == kOpen ? last_ns : end_ns;
    return end >= excerpt.from_ns && begin_ns <= excerpt.until_ns;
}

/// Whether a zone is in it.
inline bool is_wanted(const Excerpt& excerpt, std::int64_t begin_ns, std::int64_t end_ns,
                      std::int64_t last_ns) noexcept {
    if (!has(excerpt, begin_ns, end_ns, last_ns)) return false;
    const std::int64_t end = end_ns == kOpen ? last_ns : end_ns;
    return excerpt.least_ns <= 0 || (end > begin_ns && end - begin_ns >= excerpt.least_ns);
}

/// Takes everything else out of the trace. What stays keeps its times, also where only a part of it lies inside; what
/// lies in a zone that goes belongs to the one around. Continuous frames get their ends written, as the mark that ends
/// the last one may go. Names, places and call stacks stay.
void cut(Trace& trace, const Excerpt& excerpt);

}  // namespace tracypy::model
