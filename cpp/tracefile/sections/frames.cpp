// Sets of frame marks. The first one must be the default set.
#include <string>

#include "tracefile/sections/input.hpp"
#include "tracefile/sections/list.hpp"
#include "tracefile/sections/output.hpp"

namespace tracypy::tracefile::sections {
namespace {

constexpr std::int32_t kNoImage = -1;

/// `next`: the first image of the set, and then of the one behind it; they follow in a section of their own.
void write_frames(Output& file, std::uint32_t number, std::size_t& next) {
    const model::FrameSet& set = file.trace.frame_sets[number];
    const std::vector<model::FrameImage>& images = file.trace.frame_images;
    std::int64_t reference = 0;
    for (std::size_t i = 0; i < set.frames.size(); ++i) {
        file.time(reference, set.frames[i].start_ns);
        if (!set.is_continuous) file.time(reference, set.frames[i].end_ns);
        const bool has_image = next < images.size() && images[next].set == number && images[next].frame == i;
        file.put(has_image ? static_cast<std::int32_t>(next++) : kNoImage);
    }
}

void write_frames(Output& file) {
    file.count(file.trace.frame_sets.size());
    std::size_t next_image = 0;
    for (std::size_t i = 0; i < file.trace.frame_sets.size(); ++i) {
        const model::FrameSet& set = file.trace.frame_sets[i];
        file.pointer(set.name);
        file.flag(set.is_continuous);
        file.count(set.frames.size());
        write_frames(file, static_cast<std::uint32_t>(i), next_image);
    }
}

void read_frames(Input& file) {
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
            if (image == kNoImage) continue;
            file.image_frames[image] = {static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(frame)};
        }
    }
    if (sets.empty() || file.frame_names[0] != 0) {
        throw FormatError("the trace file is damaged: it has no default frames");
    }
}

/// In the name of a set that is no address: the number of a screen follows, whose vertical synchronisations they are.
constexpr std::uint64_t kIsScreen = std::uint64_t{1} << 63;

// Only the default set has no name.
void finish_frames(Input& file) {
    model::Trace& trace = file.trace();
    for (std::size_t i = 1; i < file.frame_names.size(); ++i) {
        const std::uint64_t name = file.frame_names[i];
        model::TextId& text = trace.frame_sets[i].name;
        text = Names::find(file.names.pointers, name);
        if (text != model::TextId::None) continue;
        const bool is_screen = (name & kIsScreen) != 0;
        text = trace.strings.intern(is_screen ? "[" + std::to_string(name & ~kIsScreen) + "] Vsync" : "???");
    }
}

}  // namespace

const Section kFrames{.write = write_frames, .read = read_frames, .finish = finish_frames};

}  // namespace tracypy::tracefile::sections
