// Which zones and frames are slower than the user wants to know of.
//
// A limit of its own may be set for names that match a pattern. The limit for all others holds for what the program
// has marked: zones by hand, @profiled functions, frames. Calls as such it leaves alone: of those that wait, or serve
// for ever, each would be slow.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/names.hpp"

namespace tracypy::journal {

struct SlowLimits {
    struct Named {
        std::string pattern;  // over the name that a viewer shows
        double seconds;
    };
    std::optional<double> seconds;
    std::vector<Named> named;  // the first one that matches

    bool empty() const noexcept { return !seconds && named.empty(); }
};

/// One thread. `names` must outlive it.
class SlowZones {
public:
    struct Finding {
        std::string what;  // such as: zone 'request'
        base::Ticks duration;
        base::Ticks limit;
    };

    SlowZones(const base::Names& names, SlowLimits limits) : names_(names), limits_(std::move(limits)) {}

    /// Hot: a zone has ended.
    void zone(base::SourceLocationId location, base::Ticks begin, base::Ticks end) {
        const auto index = static_cast<std::size_t>(location);
        const base::Ticks limit = index < known_.size() && known_[index] != 0 ? known_[index] : limit_of(location);
        if (end - begin > limit) [[unlikely]] {
            found_zone(location, end - begin, limit);
        }
    }
    void frame(base::StringId name, base::Ticks begin, base::Ticks end);

    /// The longest of what was found since the last call, and how many there were.
    std::optional<Finding> take(std::uint64_t& count);

private:
    static constexpr base::Ticks kNever = INT64_MAX;

    base::Ticks limit_of(base::SourceLocationId location);
    base::Ticks limit_for(std::string_view name, bool is_marked);
    base::Ticks ticks_of(double seconds);
    void found_zone(base::SourceLocationId location, base::Ticks duration, base::Ticks limit);
    void found(std::string what, base::Ticks duration, base::Ticks limit);

    const base::Names& names_;
    const SlowLimits limits_;
    std::vector<base::Ticks> known_;  // by SourceLocationId; 0: not looked at yet
    double ns_per_tick_ = 0;          // 0: not known yet
    std::optional<Finding> longest_;
    std::uint64_t count_ = 0;
};

}  // namespace tracypy::journal
