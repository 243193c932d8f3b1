#include "model/capture_builder.hpp"

#include <algorithm>

#include "base/dxt1.hpp"

namespace tracypy::model {

CaptureBuilder::CaptureBuilder(TraceBuilder& builder) : builder_(builder) {
    builder_.tables().take_locks_as_told();
}

bool CaptureBuilder::take(const events::CapturedImage& event) {
    const bool is_whole = event.width % base::kBlockPixels == 0 && event.height % base::kBlockPixels == 0 &&
                          !event.data.empty() && event.data.size() == base::dxt1_bytes(event.width, event.height);
    if (!is_whole || image_bytes_ + event.data.size() > kMostImageBytes) return false;
    image_bytes_ += event.data.size();
    images_.push_back({event.frame, event.width, event.height, event.is_flipped, std::string(event.data)});
    return true;
}

void CaptureBuilder::add_images(Trace& trace) {
    std::vector<FrameImage>& images = trace.frame_images;
    for (FrameImage& image : images_) {
        if (image.frame < trace.frame_sets[0].frames.size()) {
            images.push_back(std::move(image));
        } else {
            ++lost_images_;
        }
    }
    std::ranges::stable_sort(images, {}, &FrameImage::frame);
    const auto twice = std::ranges::unique(images, {}, &FrameImage::frame);
    lost_images_ += twice.size();
    images.erase(twice.begin(), twice.end());
}

Trace CaptureBuilder::finish(base::Ticks now, TraceInfo info) {
    TraceTables& tables = builder_.tables();
    gpus_.finish(tables.trace(), tables);
    std::vector<GpuContext> gpus = std::move(tables.trace().gpu_contexts);
    Trace trace = builder_.finish(now, std::move(info), TraceBuilder::OpenZones::Keep);
    trace.gpu_contexts = std::move(gpus);
    CapturedGpus::scale(trace, TimeScale{0, trace.info.ns_per_tick});
    add_images(trace);
    return trace;
}

}  // namespace tracypy::model
