// GPU zones of a captured program, in. A GPU has a clock of its own, which the program relates to that of the processor
// once, again and again (calibration), or anew.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "protocol/decoder_state.hpp"

namespace tracypy::protocol::kinds {

/// The clock of one context: its times as nanoseconds since the program's start. As real viewers do it.
class GpuClock {
public:
    GpuClock(float period, bool is_calibrated, std::int64_t gpu_time, std::int64_t processor_ns) noexcept;

    std::int64_t to_ns(std::int64_t gpu_time) noexcept;
    void calibrate(std::int64_t gpu_time, std::int64_t processor_ns, std::int64_t processor_delta) noexcept;
    void synchronize(std::int64_t gpu_time, std::int64_t processor_ns) noexcept;
    /// Where it begins again; 0: it did not.
    std::uint64_t overflow() const noexcept { return overflow_; }

private:
    std::int64_t in_ns(std::int64_t gpu_time) const noexcept;

    float period_;
    bool is_calibrated_;
    std::int64_t difference_;
    std::int64_t calibrated_gpu_ns_, calibrated_ns_;
    double factor_ = 1.0;
    std::int64_t last_ = 0;
    std::uint64_t overflow_ = 0, turns_ = 0;
};

constexpr bool is_gpu_begin(WireEvent event) noexcept {
    using enum WireEvent;
    return event == GpuZoneBegin || event == GpuZoneBeginCallstack || event == GpuZoneBeginAllocSrcLoc ||
           event == GpuZoneBeginAllocSrcLocCallstack || event == GpuZoneBeginSerial ||
           event == GpuZoneBeginCallstackSerial || event == GpuZoneBeginAllocSrcLocSerial ||
           event == GpuZoneBeginAllocSrcLocCallstackSerial;
}
constexpr bool is_gpu_end(WireEvent event) noexcept {
    return event == WireEvent::GpuZoneEnd || event == WireEvent::GpuZoneEndSerial;
}
constexpr bool is_gpu_begin_with_callstack(WireEvent event) noexcept {
    using enum WireEvent;
    return event == GpuZoneBeginCallstack || event == GpuZoneBeginAllocSrcLocCallstack ||
           event == GpuZoneBeginCallstackSerial || event == GpuZoneBeginAllocSrcLocCallstackSerial;
}
constexpr bool is_serial_gpu_begin(WireEvent event) noexcept {
    using enum WireEvent;
    return event == GpuZoneBeginSerial || event == GpuZoneBeginCallstackSerial ||
           event == GpuZoneBeginAllocSrcLocSerial || event == GpuZoneBeginAllocSrcLocCallstackSerial;
}

/// One thread.
class GpuDecoder {
public:
    explicit GpuDecoder(DecoderState& state) : state_(state) {}

    void on(const Incoming<WireEvent::GpuNewContext>& event);
    void on(const Incoming<WireEvent::GpuContextName>& event);
    void on(const Incoming<WireEvent::GpuAnnotationName>& event);
    void on(const Incoming<WireEvent::GpuZoneAnnotation>& event);
    void on(const Incoming<WireEvent::GpuTime>& event);
    void on(const Incoming<WireEvent::GpuCalibration>& event);
    void on(const Incoming<WireEvent::GpuTimeSync>& event);

    template <WireEvent kEvent>
        requires(is_gpu_begin(kEvent))
    void on(const Incoming<kEvent>& event) {
        events::CapturedGpuBegin zone{.ticks = state_.tick_of(event), .context = event.template get<"context">()};
        zone.thread = event.template get<"thread">();
        zone.query = event.template get<"query">();
        if constexpr (row_of(kEvent).takes == Takes::Location) {
            zone.location = state_.take_location();
        } else {
            zone.location = state_.names.location(event.template get<"location">());
        }
        if constexpr (is_gpu_begin_with_callstack(kEvent)) {
            zone.callstack = is_serial_gpu_begin(kEvent) ? state_.take_serial_callstack()
                                                         : state_.take_callstack(state_.current("a GPU zone"));
        }
        state_.take(zone, kMisfit);
    }
    template <WireEvent kEvent>
        requires(is_gpu_end(kEvent))
    void on(const Incoming<kEvent>& event) {
        state_.take(events::CapturedGpuEnd{state_.tick_of(event), event.template get<"context">(),
                                           event.template get<"thread">(), event.template get<"query">()},
                    kMisfit);
    }

private:
    static constexpr std::string_view kMisfit = "events of GPU zones that do not fit together";

    /// Null, and counted: there is no such context.
    GpuClock* clock(std::uint8_t context);

    DecoderState& state_;
    std::array<std::optional<GpuClock>, 256> clocks_;
};

}  // namespace tracypy::protocol::kinds
