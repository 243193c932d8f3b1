#include "protocol/kinds/captured_gpu.hpp"

#include <bit>
#include <string>

namespace tracypy::protocol::kinds {
namespace {

/// A time that lies so far before the last one is that of a counter that has begun again.
constexpr std::int64_t kFarBack = std::int64_t{1} << 31;

constexpr std::uint8_t kCalibrated = 1;

std::int64_t difference_of(std::int64_t one, std::int64_t other) noexcept {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(one) - static_cast<std::uint64_t>(other));
}
std::int64_t sum_of(std::int64_t one, std::uint64_t other) noexcept {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(one) + other);
}

}  // namespace

GpuClock::GpuClock(float period, bool is_calibrated, std::int64_t gpu_time, std::int64_t processor_ns) noexcept
    : period_(period),
      is_calibrated_(is_calibrated),
      difference_(difference_of(processor_ns, in_ns(gpu_time))),
      calibrated_gpu_ns_(in_ns(gpu_time)),
      calibrated_ns_(processor_ns) {}

std::int64_t GpuClock::in_ns(std::int64_t gpu_time) const noexcept {
    if (period_ == 1.0f) return gpu_time;
    const double ns = static_cast<double>(period_) * static_cast<double>(gpu_time);
    constexpr double kFarthest = 9.2e18;
    return static_cast<std::int64_t>(ns > -kFarthest ? (ns < kFarthest ? ns : kFarthest) : -kFarthest);
}

std::int64_t GpuClock::to_ns(std::int64_t gpu_time) noexcept {
    if (gpu_time < sum_of(last_, static_cast<std::uint64_t>(-kFarBack))) {
        if (overflow_ == 0) {
            const int bits = 64 - std::countl_zero(static_cast<std::uint64_t>(last_));
            overflow_ = bits < 64 ? std::uint64_t{1} << bits : 0;
        }
        ++turns_;
    }
    last_ = gpu_time;
    const std::int64_t whole = sum_of(gpu_time, overflow_ * turns_);
    if (!is_calibrated_) return sum_of(in_ns(whole), static_cast<std::uint64_t>(difference_));
    const double since = period_ == 1.0f ? static_cast<double>(difference_of(whole, calibrated_gpu_ns_))
                                         : static_cast<double>(period_) * static_cast<double>(whole) -
                                               static_cast<double>(calibrated_gpu_ns_);
    return DecoderState::to_whole_ns(since * factor_ + static_cast<double>(calibrated_ns_));
}

void GpuClock::calibrate(std::int64_t gpu_time, std::int64_t processor_ns, std::int64_t processor_delta) noexcept {
    const std::int64_t gpu_delta = difference_of(in_ns(gpu_time), calibrated_gpu_ns_);
    if (gpu_delta != 0) factor_ = static_cast<double>(processor_delta) / static_cast<double>(gpu_delta);
    calibrated_gpu_ns_ = in_ns(gpu_time);
    calibrated_ns_ = processor_ns;
}

void GpuClock::synchronize(std::int64_t gpu_time, std::int64_t processor_ns) noexcept {
    difference_ = difference_of(processor_ns, in_ns(gpu_time));
    last_ = 0;
    overflow_ = turns_ = 0;
}

GpuClock* GpuDecoder::clock(std::uint8_t context) {
    std::optional<GpuClock>& known = clocks_[context];
    if (!known) state_.unsupported.count_misfit(kMisfit);
    return known ? &*known : nullptr;
}

void GpuDecoder::on(const Incoming<WireEvent::GpuNewContext>& event) {
    const std::uint8_t context = event.get<"context">();
    const float period = event.get<"period">();
    const bool is_calibrated = (event.get<"flags">() & kCalibrated) != 0;
    if (!(period > 0) || clocks_[context]) return state_.unsupported.count_misfit("GPU contexts that make no sense");
    clocks_[context].emplace(period, is_calibrated, event.get<"gpu_time">(), state_.ns_of(event.get<"cpu_time">()));
    state_.take(events::CapturedGpuContext{context, event.get<"thread">(), period, is_calibrated, event.get<"kind">()},
                kMisfit);
}

void GpuDecoder::on(const Incoming<WireEvent::GpuContextName>& event) {
    const std::string name = state_.take_text("the name of a GPU context");
    state_.take(events::CapturedGpuName{event.get<"context">(), state_.trace_names.keep(name)}, kMisfit);
}

void GpuDecoder::on(const Incoming<WireEvent::GpuAnnotationName>& event) {
    const std::string name = state_.take_text("the name of a GPU note");
    state_.take(events::CapturedGpuNoteName{event.get<"context">(), event.get<"note">(), state_.trace_names.keep(name)},
                kMisfit);
}

void GpuDecoder::on(const Incoming<WireEvent::GpuZoneAnnotation>& event) {
    state_.take(events::CapturedGpuNote{event.get<"context">(), event.get<"query">(), event.get<"note">(),
                                        event.get<"value">()},
                kMisfit);
}

void GpuDecoder::on(const Incoming<WireEvent::GpuTime>& event) {
    const std::int64_t time = state_.advance_gpu(event.get<"gpu_time">());
    GpuClock* const known = clock(event.get<"context">());
    if (known == nullptr) return;
    const std::int64_t ns = known->to_ns(time);
    state_.take(events::CapturedGpuTime{event.get<"context">(), event.get<"query">(), ns, known->overflow()}, kMisfit);
}

void GpuDecoder::on(const Incoming<WireEvent::GpuCalibration>& event) {
    GpuClock* const known = clock(event.get<"context">());
    if (known == nullptr) return;
    known->calibrate(event.get<"gpu_time">(), state_.ns_of(event.get<"cpu_time">()), event.get<"cpu_delta">());
}

void GpuDecoder::on(const Incoming<WireEvent::GpuTimeSync>& event) {
    GpuClock* const known = clock(event.get<"context">());
    if (known != nullptr) known->synchronize(event.get<"gpu_time">(), state_.ns_of(event.get<"cpu_time">()));
}

}  // namespace tracypy::protocol::kinds
