#include "drivers/save_triggers.hpp"

#include <cmath>
#include <utility>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "drivers/formatting.hpp"

namespace tracypy::drivers {
namespace {

constexpr double kMostOftenSeconds = 10;  // where what is kept is not a span of time

std::string left_out_text(std::uint64_t count) {
    return counted(count, "more occasion") + " came so soon after the one before that nothing was saved";
}

}  // namespace

SaveLimit::SaveLimit(const RecordingConfig& config)
    : every_ns_(static_cast<std::int64_t>(
          1e9 * (config.last && std::isfinite(config.last->seconds) ? config.last->seconds : kMostOftenSeconds))) {}

bool SaveLimit::admit(std::uint64_t count) {
    const std::lock_guard lock(mutex_);
    const std::int64_t now = base::monotonic_ns();
    if (saved_ns_ && now - *saved_ns_ < every_ns_) {
        left_out_ += count;
        return false;
    }
    saved_ns_ = now;
    left_out_ += count - 1;
    return true;
}

std::uint64_t SaveLimit::take_left_out() {
    const std::lock_guard lock(mutex_);
    return std::exchange(left_out_, 0);
}

SaveTriggers::SaveTriggers(const RecordingConfig& config, Snapshots& snapshots)
    : snapshots_(snapshots), signal_name_(config.save_signal_name), limit_(config) {
    if (config.save_signal != 0) signal_.emplace(config.save_signal, signal_name_);
}

void SaveTriggers::look(journal::SlowZones* slow) {
    if (signal_ && signal_->take()) snapshots_.save_soon(signal_name_ + " came");
    if (slow == nullptr) return;
    std::uint64_t count = 0;
    const auto found = slow->take(count);
    if (!found || !limit_.admit(count)) return;
    const double ns_per_tick = base::tick_scale().nanoseconds_per_tick();
    const auto text = [&](base::Ticks ticks) {
        return duration_text(std::llround(static_cast<double>(ticks) * ns_per_tick));
    };
    std::string why = found->what + " took " + text(found->duration) + ", more than " + text(found->limit);
    if (const std::uint64_t left_out = limit_.take_left_out()) why += "; " + left_out_text(left_out);
    snapshots_.save_soon(std::move(why));
}

void SaveTriggers::end() {
    if (signal_ && !signal_->release()) {
        base::log(base::LogLevel::Warning, "the program has taken " + signal_name_ +
                                               " for itself while it was recorded: from then on it saved nothing");
    }
    if (const std::uint64_t left_out = limit_.take_left_out()) {
        base::log(base::LogLevel::Warning, left_out_text(left_out));
    }
}

void SaveTriggers::abandon() noexcept {
    if (signal_) signal_->release();
}

}  // namespace tracypy::drivers
