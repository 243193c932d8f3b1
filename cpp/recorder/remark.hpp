// What the program said about a zone, while it cannot be written down yet: the wire knows only "the innermost zone".
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/string_table.hpp"
#include "events/event.hpp"
#include "recorder/zone_key.hpp"

namespace tracypy::recorder {

struct Remark {
    events::Kind kind;
    std::uint64_t number;
    std::string text;
};
using Remarks = std::vector<Remark>;
/// That wait until they can be written, for one zone. Beyond that they are left out, and counted.
inline constexpr std::size_t kMostRemarks = 10'000;

/// Calls `take` with the event that says it, and returns what that returns. Texts are cut to the wire's 65,535 bytes.
template <typename Take>
auto with_event(const Remark& remark, const Take& take) {
    const std::string_view text = base::cut_utf8(remark.text, base::StringTable::kMaxStringBytes);
    switch (remark.kind) {
        case events::Kind::ZoneText:
            return take(events::ZoneText{text});
        case events::Kind::ZoneName:
            return take(events::ZoneName{text});
        case events::Kind::ZoneValue:
            return take(events::ZoneValue{remark.number});
        default:
            return take(events::ZoneColor{static_cast<std::uint32_t>(remark.number)});
    }
}

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
