// What only captured programs have, into the tables of a trace: beside a TraceBuilder, which takes all else.
#pragma once

#include <cstdint>
#include <map>
#include <unordered_map>
#include <utility>
#include <vector>

#include "events/captured.hpp"
#include "model/captured_gpus.hpp"
#include "model/switch_builder.hpp"
#include "model/trace_builder.hpp"

namespace tracypy::model {

/// One thread. `builder` and `names` must outlive it.
class CaptureBuilder final : public events::CapturedSink {
public:
    CaptureBuilder(TraceBuilder& builder, base::Names& names);

    bool take(const events::CapturedGpuContext& event) override { return gpus_.take(event); }
    bool take(const events::CapturedGpuName& event) override { return gpus_.take(event); }
    bool take(const events::CapturedGpuBegin& event) override { return gpus_.take(event, builder_.tables()); }
    bool take(const events::CapturedGpuEnd& event) override { return gpus_.take(event); }
    bool take(const events::CapturedGpuTime& event) override { return gpus_.take(event); }
    bool take(const events::CapturedGpuNoteName& event) override { return gpus_.take(event); }
    bool take(const events::CapturedGpuNote& event) override { return gpus_.take(event); }
    bool take(const events::CapturedImage& event) override;
    bool take(const events::CapturedLockName& event) override;
    bool take(const events::CapturedLockEnd& event) override;
    bool take(const events::CapturedLockMark& event) override;
    bool take(const events::CapturedSample& event) override;
    bool take(const events::CapturedSwitch& event) override { return switches_.take(event); }
    bool take(const events::CapturedWakeup& event) override { return switches_.take(event); }
    bool take(const events::CapturedHardwareSample& event) override;
    bool take(const events::CapturedProcess& event) override { return switches_.take(event); }
    bool take(const events::CapturedProcessor& event) override;
    bool take(const events::CapturedCrash& event) override;
    bool take(const events::CapturedLoad& event) override;
    bool take(const events::CapturedEnergy& event) override;

    /// As TraceBuilder::finish(), which this does: with all that came here. Both are spent.
    Trace finish(base::Ticks now, TraceInfo info);
    /// Pictures that are of no frame that was marked, or of one that has one already. After finish().
    std::uint64_t lost_images() const noexcept { return lost_images_; }

private:
    struct Power {
        base::StringId name;
        base::Ticks last;
        std::vector<PlotPoint> points;         // microjoules, at ticks
        std::vector<base::Ticks> starts = {};  // since when
    };

    bool is_kernel_stack(std::uint32_t stack) const;
    std::uint32_t join_stacks(std::uint32_t inner, std::uint32_t outer);
    void add_images(Trace& trace);
    void add_samples(Trace& trace, const TimeScale& to_ns);
    void add_plots(Trace& trace, const TimeScale& to_ns);
    void add_switches(Trace& trace, const TimeScale& to_ns);

    TraceBuilder& builder_;
    base::Names& names_;
    CapturedGpus gpus_;
    SwitchBuilder switches_;
    std::vector<FrameImage> images_;
    std::size_t image_bytes_ = 0;
    std::uint64_t lost_images_ = 0;
    std::vector<std::pair<std::size_t, base::StringId>> lock_names_;  // by place in the trace
    std::map<std::uint64_t, HardwareSamples> hardware_samples_;
    std::vector<PlotPoint> loads_;
    std::map<std::uint64_t, Power> powers_;
    std::map<std::vector<std::uint32_t>, std::uint32_t> joined_stacks_;
    base::StringId crash_text_ = base::StringId::None;
};

}  // namespace tracypy::model
