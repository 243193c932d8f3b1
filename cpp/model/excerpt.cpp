#include "model/excerpt.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "model/kept_around.hpp"

namespace tracypy::model {
namespace {

class Cutter {
public:
    Cutter(const Excerpt& excerpt, std::int64_t last_ns) noexcept : excerpt_(excerpt), last_ns_(last_ns) {}

    bool has(std::int64_t begin_ns, std::int64_t end_ns) const noexcept {
        return model::has(excerpt_, begin_ns, end_ns, last_ns_);
    }
    bool has(std::int64_t time_ns) const noexcept { return has(time_ns, std::max<std::int64_t>(time_ns, 0)); }
    bool is_wanted(std::int64_t begin_ns, std::int64_t end_ns) const noexcept {
        return model::is_wanted(excerpt_, begin_ns, end_ns, last_ns_);
    }

    template <typename Row, typename IsWanted>
    static void keep(std::vector<Row>& rows, IsWanted is_wanted) {
        std::erase_if(rows, [&](const Row& row) { return !is_wanted(row); });
        rows.shrink_to_fit();
    }

    void cut_zones(ZoneTable& zones) const;
    void cut_gpu_zones(std::vector<GpuZone>& zones) const;
    void cut_thread(Thread& thread) const;
    void cut_frames(Trace& trace) const;

private:
    Excerpt excerpt_;
    std::int64_t last_ns_;
};

void Cutter::cut_zones(ZoneTable& zones) const {
    KeptAround around;
    std::size_t kept = 0;
    for (std::size_t i = 0; i < zones.size(); ++i) {
        Zone zone = zones[i];
        around.go_to(zone.depth);
        if (!is_wanted(zone.start_ns, zone.end_ns)) {
            around.enter_other();
            continue;
        }
        zone.depth = around.kept();
        zone.children = 0;
        if (around.inner() != KeptAround::kNone) ++zones[around.inner()].children;
        around.enter_kept(kept);
        zones[kept++] = zone;
    }
    zones.resize(kept);
    zones.shrink_to_fit();
}

void Cutter::cut_gpu_zones(std::vector<GpuZone>& zones) const {
    KeptAround around;
    std::size_t kept = 0;
    for (GpuZone zone : std::vector<GpuZone>(zones)) {
        around.go_to(zone.depth);
        // Where the GPU never told its times, those of the processor count.
        const bool is_told = zone.gpu_begin_ns >= 0;
        const bool is_kept =
            is_told ? is_wanted(zone.gpu_begin_ns, zone.gpu_end_ns) : is_wanted(zone.begin_ns, zone.end_ns);
        zone.depth = around.kept();
        if (!is_kept) {
            around.enter_other();
            continue;
        }
        around.enter_kept(kept);
        zones[kept++] = zone;
    }
    zones.resize(kept);
}

void Cutter::cut_thread(Thread& thread) const {
    cut_zones(thread.zones);
    keep(thread.runs, [&](const FiberRun& run) { return has(run.start_ns, run.end_ns); });
    const auto is_inside = [&](const Sample& sample) { return has(sample.time_ns); };
    keep(thread.samples, is_inside);
    keep(thread.switch_samples, is_inside);
}

/// The frames that files put in front of the unnamed set stay, and images keep their frames.
void Cutter::cut_frames(Trace& trace) const {
    const std::size_t in_front = start_frames(trace);
    for (std::uint32_t number = 0; number < trace.frame_sets.size(); ++number) {
        FrameSet& set = trace.frame_sets[number];
        std::vector<Frame> kept;
        std::vector<std::uint32_t> places(set.frames.size(), kNoThread);  // by old index; what went has none
        for (std::size_t i = 0; i < set.frames.size(); ++i) {
            Frame frame = set.frames[i];
            if (set.is_continuous && i + 1 < set.frames.size()) frame.end_ns = set.frames[i + 1].start_ns;
            if (!(number == 0 && i < in_front) && !has(frame.start_ns, frame.end_ns)) continue;
            places[i] = static_cast<std::uint32_t>(kept.size());
            kept.push_back(frame);
        }
        const auto place_of = [&](const FrameImage& image) {
            return image.frame < places.size() ? places[image.frame] : kNoThread;
        };
        std::erase_if(trace.frame_images,
                      [&](const FrameImage& image) { return image.set == number && place_of(image) == kNoThread; });
        for (FrameImage& image : trace.frame_images) {
            if (image.set == number) image.frame = place_of(image);
        }
        set.frames = std::move(kept);
        set.is_continuous = false;
    }
}

}  // namespace

void cut(Trace& trace, const Excerpt& excerpt) {
    if (excerpt.is_all()) return;
    const Cutter cutter(excerpt, trace.info.last_time_ns);
    for (Thread& thread : trace.threads) cutter.cut_thread(thread);
    for (GpuContext& context : trace.gpu_contexts) {
        for (GpuRow& row : context.rows) cutter.cut_gpu_zones(row.zones);
    }
    cutter.cut_frames(trace);
    Cutter::keep(trace.messages, [&](const Message& message) { return cutter.has(message.time_ns); });
    for (Plot& plot : trace.plots) {
        Cutter::keep(plot.points, [&](const PlotPoint& point) { return cutter.has(point.time_ns); });
    }
    for (Lock& lock : trace.locks) {
        Cutter::keep(lock.events, [&](const LockEvent& event) { return cutter.has(event.time_ns); });
    }
    for (MemoryPool& pool : trace.memory_pools) {
        Cutter::keep(pool.allocations,
                     [&](const Allocation& block) { return cutter.has(block.begin_ns, block.end_ns); });
    }
    Cutter::keep(trace.sections, [&](const ProgramSection& part) { return cutter.has(part.begin_ns, part.end_ns); });
}

}  // namespace tracypy::model
