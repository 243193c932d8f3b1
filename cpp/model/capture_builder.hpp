// What only captured programs have, into the tables of a trace: beside a TraceBuilder, which takes all else.
#pragma once

#include <cstdint>
#include <vector>

#include "events/captured.hpp"
#include "model/captured_gpus.hpp"
#include "model/trace_builder.hpp"

namespace tracypy::model {

/// One thread. `builder` must outlive it.
class CaptureBuilder final : public events::CapturedSink {
public:
    explicit CaptureBuilder(TraceBuilder& builder);

    bool take(const events::CapturedGpuContext& event) override { return gpus_.take(event); }
    bool take(const events::CapturedGpuName& event) override { return gpus_.take(event); }
    bool take(const events::CapturedGpuBegin& event) override { return gpus_.take(event, builder_.tables()); }
    bool take(const events::CapturedGpuEnd& event) override { return gpus_.take(event); }
    bool take(const events::CapturedGpuTime& event) override { return gpus_.take(event); }
    bool take(const events::CapturedGpuNoteName& event) override { return gpus_.take(event); }
    bool take(const events::CapturedGpuNote& event) override { return gpus_.take(event); }
    bool take(const events::CapturedImage& event) override;
    bool take(const events::LockName& event) override { return builder_.tables().take_told(event); }
    bool take(const events::LockEnd& event) override { return builder_.tables().take_told(event); }
    bool take(const events::LockMark& event) override { return builder_.tables().take_told(event); }
    bool take(const events::Sample& event) override { return builder_.tables().take(event), true; }
    bool take(const events::ContextSwitch& event) override { return machine().take(event); }
    bool take(const events::ThreadWakeup& event) override { return machine().take(event); }
    bool take(const events::HardwareSample& event) override { return machine().take(event); }
    bool take(const events::ThreadProcess& event) override { return machine().take(event); }
    bool take(const events::ProcessorPlace& event) override { return builder_.tables().take(event); }
    bool take(const events::CrashReport& event) override { return builder_.tables().take(event), true; }
    bool take(const events::CapturedLoad& event) override { return machine().take(event); }
    bool take(const events::EnergyReading& event) override { return machine().take(event); }
    bool take(const events::CapturedParameter&) override { return false; }  // files have no place for them

    /// As TraceBuilder::finish(), which this does: with all that came here. Both are spent.
    Trace finish(base::Ticks now, TraceInfo info);
    /// Pictures that are of no frame that was marked, or of one that has one already. After finish().
    std::uint64_t lost_images() const noexcept { return lost_images_; }

private:
    MachineBuilder& machine() noexcept { return builder_.tables().machine(); }
    void add_images(Trace& trace);

    TraceBuilder& builder_;
    CapturedGpus gpus_;
    std::vector<FrameImage> images_;
    std::size_t image_bytes_ = 0;
    std::uint64_t lost_images_ = 0;
};

}  // namespace tracypy::model
