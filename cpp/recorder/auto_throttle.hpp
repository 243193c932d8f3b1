// auto_throttle: finds functions that are called so often, and take so little, that watching them tells nothing but
// costs the most, and has them left out.
//
// Looks at what the drain passes on, so it costs the program nothing. Only leaves count: a zone that had another one
// inside is never left out.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "base/names.hpp"
#include "events/event.hpp"
#include "events/thread_walk.hpp"

namespace tracypy::recorder {

/// `watch`, `forget` and `judge` are the drain's; the rest may be called from any thread. `mutex_` guards `out_`.
class AutoThrottle {
public:
    explicit AutoThrottle(const base::Names& names) noexcept : names_(names) {}

    static constexpr double kCallsPerSecond = 20'000;
    static constexpr double kMeanNs = 1'000;
    static constexpr double kWindowSeconds = 0.5;

    /// On forgets what was left out before.
    void set_active(bool active);
    bool is_active() const noexcept { return active_.load(std::memory_order_relaxed); }

    void watch(const events::ThreadBatch& batch);
    /// No more events of these come: of one that is gone, of all before a session.
    void forget(base::ThreadId thread) { walks_.erase(thread); }
    void forget_threads() noexcept { walks_.clear(); }
    /// At the end of each window: the lines to tell, one for each function that is left out from now on.
    std::vector<std::string> judge(base::Ticks now, double ns_per_tick);

    bool leaves_out(base::SourceLocationId location) const;
    /// All that is left out, a line each.
    std::vector<std::string> left_out() const;

private:
    struct Leaf {
        std::uint64_t calls = 0;
        base::Ticks ticks = 0;
    };
    struct Visitor;
    struct Out {
        base::SourceLocationId location;
        std::string line;
    };
    const base::Names& names_;
    std::atomic<bool> active_{false};
    std::vector<Leaf> leaves_;  // by location, of this window; the drain's
    std::unordered_map<base::ThreadId, events::SteadyWalk> walks_;
    base::Ticks window_start_ = 0;
    mutable std::mutex mutex_;
    std::vector<Out> out_;
};

}  // namespace tracypy::recorder
