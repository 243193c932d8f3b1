#include "analysis/timeline/function_sums.hpp"

#include <algorithm>

#include "model/trace.hpp"

namespace tracypy::analysis {

FunctionSums::FunctionSums(const model::Trace& trace)
    : parts_(trace), sums_(trace.locations.size()), running_(trace.locations.size(), 0) {}

void FunctionSums::begin(model::LocationIndex location) {
    open_.push_back({location, 0});
    const model::LocationIndex whole = parts_.whole(location);
    const bool counts = !parts_.is_part(location);
    sums_[whole].calls += counts ? 1 : 0;
    if (running_[whole]++ == 0) sums_[whole].primitive_calls += counts ? 1 : 0;
}

void FunctionSums::end(std::int64_t duration_ns) {
    const Open zone = open_.back();
    open_.pop_back();
    const model::LocationIndex whole = parts_.whole(zone.location);
    FunctionSum& function = sums_[whole];
    if (--running_[whole] == 0) add(function.total_ns, duration_ns);
    add(function.self_ns, std::max<std::int64_t>(duration_ns - zone.children_ns, 0));
    if (!open_.empty()) add(open_.back().children_ns, duration_ns);
    if (parts_.is_part(zone.location)) return;
    if (!function.steps) function.steps = std::make_unique<std::array<std::uint32_t, TimeScaleSteps::kCount>>();
    function.min_ns = std::min(function.min_ns, duration_ns);
    function.max_ns = std::max(function.max_ns, duration_ns);
    const auto length = static_cast<double>(duration_ns);
    function.sum += length;
    function.squares += length * length;
    ++(*function.steps)[TimeScaleSteps::of(duration_ns)];
}

}  // namespace tracypy::analysis
