#include "recorder/auto_throttle.hpp"

#include <algorithm>
#include <cstdio>

namespace tracypy::recorder {
namespace {

std::string describe(const base::Names& names, base::SourceLocationId id, double calls_per_second, double mean_ns) {
    const auto location = names.locations.find(id);
    if (!location) return {};
    const base::StringTable& strings = names.strings;
    char figures[96];
    std::snprintf(figures, sizeof figures, "%.0f calls a second of %.0f ns", calls_per_second, mean_ns);
    return std::string(strings.find(location->function).text) + " (" + std::string(strings.find(location->file).text) +
           ":" + std::to_string(location->line) + "), " + figures;
}

}  // namespace

void AutoThrottle::set_active(bool active) {
    const std::lock_guard lock(mutex_);
    if (active) out_.clear();
    active_.store(active, std::memory_order_relaxed);
}

struct AutoThrottle::Visitor {
    void on(const events::ZoneBegin& zone) noexcept {
        leaf = zone;
        is_leaf = true;
    }
    void on(const events::ZoneBeginCallstack& zone) noexcept { on(events::without_callstack(zone)); }
    void on(const events::ZoneEnd& zone) {
        if (is_leaf) count(leaf.location, zone.tick - leaf.tick);
        is_leaf = false;
    }
    template <events::ThreadEvent Event>
    void on(const Event&) noexcept {
        is_leaf = false;
    }
    void dropped() noexcept { is_leaf = false; }

    void count(base::SourceLocationId location, base::Ticks ticks) {
        const auto index = static_cast<std::size_t>(location);
        if (index >= leaves->size()) leaves->resize(index + 1);
        ++(*leaves)[index].calls;
        (*leaves)[index].ticks += ticks;
    }

    std::vector<Leaf>* leaves;
    events::ZoneBegin leaf{};  // the zone that began last
    bool is_leaf = false;      // nothing else has happened since
};

void AutoThrottle::watch(const events::ThreadBatch& batch) {
    Visitor visitor{&leaves_};
    walks_.try_emplace(batch.thread, base::SteadyClock(0)).first->second.walk(batch.words, visitor);
}

std::vector<std::string> AutoThrottle::judge(base::Ticks now, double ns_per_tick) {
    const double seconds = static_cast<double>(now - window_start_) * ns_per_tick * 1e-9;
    if (seconds < kWindowSeconds) return {};
    std::vector<std::string> lines;
    // A first window has no beginning to count from, and a long silence makes no rate.
    if (window_start_ != 0 && seconds < 10 * kWindowSeconds) {
        for (std::size_t i = 1; i < leaves_.size(); ++i) {  // 0 stands for all that did not fit: no one function
            const Leaf& leaf = leaves_[i];
            const double rate = static_cast<double>(leaf.calls) / seconds;
            if (rate < kCallsPerSecond) continue;
            const double mean_ns = static_cast<double>(leaf.ticks) * ns_per_tick / static_cast<double>(leaf.calls);
            if (mean_ns > kMeanNs) continue;
            const auto id = static_cast<base::SourceLocationId>(i);
            if (leaves_out(id)) continue;
            lines.push_back(describe(names_, id, rate, mean_ns));
            const std::lock_guard lock(mutex_);
            out_.push_back({id, lines.back()});
        }
    }
    window_start_ = now;
    leaves_.clear();
    return lines;
}

bool AutoThrottle::leaves_out(base::SourceLocationId location) const {
    if (!is_active()) return false;
    const std::lock_guard lock(mutex_);
    return std::any_of(out_.begin(), out_.end(), [location](const Out& out) { return out.location == location; });
}

std::vector<std::string> AutoThrottle::left_out() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> lines;
    lines.reserve(out_.size());
    for (const Out& out : out_) lines.push_back(out.line);
    return lines;
}

}  // namespace tracypy::recorder
