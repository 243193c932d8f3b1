// Sets of frame marks. The first one must be the default set.
#include <span>

#include "tracefile/sections/input.hpp"
#include "tracefile/sections/list.hpp"
#include "tracefile/sections/output.hpp"

namespace tracypy::tracefile::sections {
namespace {

constexpr std::int32_t kNoImage = -1;

/// Of the default set, the images of its frames, which follow in a section of their own.
void write_frames(Output& file, const model::FrameSet& set, std::span<const model::FrameImage> images) {
    std::int64_t reference = 0;
    std::size_t next = 0;
    for (std::size_t i = 0; i < set.frames.size(); ++i) {
        file.time(reference, set.frames[i].start_ns);
        if (!set.is_continuous) file.time(reference, set.frames[i].end_ns);
        const bool has_image = next < images.size() && images[next].frame == i;
        file.put(has_image ? static_cast<std::int32_t>(next++) : kNoImage);
    }
}

void write(Output& file) {
    file.count(file.trace.frame_sets.size());
    for (const model::FrameSet& set : file.trace.frame_sets) {
        file.pointer(set.name);
        file.flag(set.is_continuous);
        file.count(set.frames.size());
        const bool is_default = &set == file.trace.frame_sets.data();
        write_frames(file, set, is_default ? file.trace.frame_images : std::span<const model::FrameImage>());
    }
}

void read(Input& file) {
    std::vector<model::FrameSet>& sets = file.trace().frame_sets;
    sets.clear();
    const std::uint64_t count = file.count();
    for (std::uint64_t i = 0; i < count; ++i) {
        file.frame_names.push_back(file.get<std::uint64_t>());
        model::FrameSet& set = sets.emplace_back();
        set.is_continuous = file.flag();
        const std::uint64_t frames = file.count();
        std::uint64_t reference = 0;
        for (std::uint64_t frame = 0; frame < frames; ++frame) {
            const std::int64_t start = file.time(reference);
            set.frames.push_back({start, set.is_continuous ? model::kOpen : file.time(reference)});
            const auto image = file.get<std::int32_t>();
            if (i == 0 && image != kNoImage) file.image_frames[image] = static_cast<std::uint32_t>(frame);
        }
    }
    if (sets.empty() || file.frame_names[0] != 0) {
        throw FormatError("the trace file is damaged: it has no default frames");
    }
}

void finish(Input& file) {
    for (std::size_t i = 1; i < file.frame_names.size(); ++i) {
        file.trace().frame_sets[i].name = Names::find(file.names.pointers, file.frame_names[i]);
    }
}

}  // namespace

const Section kFrames{.write = write, .read = read, .finish = finish};

}  // namespace tracypy::tracefile::sections
