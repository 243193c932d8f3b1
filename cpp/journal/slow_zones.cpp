#include "journal/slow_zones.hpp"

#include <algorithm>
#include <utility>

#include "base/glob.hpp"

namespace tracypy::journal {
namespace {

std::string quoted(const char* what, std::string_view name) {
    return std::string(what) + " '" + std::string(name) + "'";
}

}  // namespace

base::Ticks SlowZones::ticks_of(double seconds) {
    if (ns_per_tick_ == 0) ns_per_tick_ = base::tick_scale().nanoseconds_per_tick();
    const double ticks = seconds * 1e9 / ns_per_tick_;
    return ticks < 1e18 ? std::max<base::Ticks>(1, static_cast<base::Ticks>(ticks)) : kNever;
}

base::Ticks SlowZones::limit_for(std::string_view name, bool is_marked) {
    for (const SlowLimits::Named& named : limits_.named) {
        if (base::glob_matches(named.pattern, name)) return ticks_of(named.seconds);
    }
    return is_marked && limits_.seconds ? ticks_of(*limits_.seconds) : kNever;
}

base::Ticks SlowZones::limit_of(base::SourceLocationId location) {
    const auto index = static_cast<std::size_t>(location);
    const auto found = names_.locations.find(location);
    if (!found) return kNever;
    if (index >= known_.size()) known_.resize(std::max<std::size_t>(2 * index, 64), 0);
    const bool has_name = found->name != base::StringId::None;
    const std::string_view name = names_.strings.find(has_name ? found->name : found->function).text;
    return known_[index] = limit_for(name, has_name || found->is_marked);
}

void SlowZones::found_zone(base::SourceLocationId location, base::Ticks duration, base::Ticks limit) {
    const base::SourceLocation where = names_.locations.find(location).value_or(base::SourceLocation{});
    const bool has_name = where.name != base::StringId::None;
    const std::string_view name = names_.strings.find(has_name ? where.name : where.function).text;
    found(quoted(has_name ? "zone" : "function", name), duration, limit);
}

void SlowZones::frame(base::StringId name, base::Ticks begin, base::Ticks end) {
    const std::string_view text = name == base::StringId::None ? "frame" : names_.strings.find(name).text;
    const base::Ticks limit = limit_for(text, true);
    if (end - begin <= limit) return;
    found(name == base::StringId::None ? "a frame" : quoted("frame", text), end - begin, limit);
}

void SlowZones::found(std::string what, base::Ticks duration, base::Ticks limit) {
    ++count_;
    if (!longest_ || duration > longest_->duration) longest_ = Finding{std::move(what), duration, limit};
}

std::optional<SlowZones::Finding> SlowZones::take(std::uint64_t& count) {
    count = std::exchange(count_, 0);
    return std::exchange(longest_, std::nullopt);
}

}  // namespace tracypy::journal
