// What the program said about a zone, while it cannot be written down yet: the wire knows only "the innermost zone".
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "events/event.hpp"
#include "recorder/zone_key.hpp"

namespace tracypy::recorder {

struct Remark {
    events::Kind kind;
    std::uint64_t number;
    std::string text;
};
using Remarks = std::vector<Remark>;

/// What is known about an open zone beside its place on the stack.
struct Aside {
    ZoneKey key;
    Remarks remarks;        // to be written before its end
    bool is_ended = false;  // by the program, while calls were open above it: it ends when they have
    base::Ticks ended_at = 0;
    base::SourceLocationId inside = base::SourceLocationId::Other;  // the call in which the program ended it
};

/// Those of the zones of one stack, in no order; few. One thread.
class Asides {
public:
    bool empty() const noexcept { return asides_.empty(); }
    /// Null when nothing is known.
    Aside* find(ZoneKey key) noexcept;
    /// An empty one when nothing is known.
    Aside take(ZoneKey key) noexcept;
    /// Throws std::bad_alloc.
    void add(Aside&& aside) { asides_.push_back(std::move(aside)); }
    void clear() noexcept { asides_.clear(); }
    void swap(Asides& other) noexcept { asides_.swap(other.asides_); }
    std::vector<Aside>::const_iterator begin() const noexcept { return asides_.begin(); }
    std::vector<Aside>::const_iterator end() const noexcept { return asides_.end(); }

private:
    std::vector<Aside> asides_;
};

/// A zone that has gone from its thread's stack to a row of its own.
struct MovedZone {
    ZoneKey key, row;
};

}  // namespace tracypy::recorder
