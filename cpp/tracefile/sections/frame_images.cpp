// Pictures of frames, and the dictionary that viewers compress them with.
#include <algorithm>
#include <tuple>
#include <utility>

#include "tracefile/sections/input.hpp"
#include "tracefile/sections/list.hpp"
#include "tracefile/sections/output.hpp"

namespace tracypy::tracefile::sections {
namespace {

// Viewers do without a dictionary where there are few pictures.
void write_frame_images(Output& file) {
    file.put(std::uint32_t{0});
    file.count(file.trace.frame_images.size());
    for (const model::FrameImage& image : file.trace.frame_images) {
        file.put(image.width);
        file.put(image.height);
        file.flag(image.is_flipped);
        file.out.put_bytes(image.data);
    }
}

/// The picture `number` of the file, or past it.
bool read_image(Input& file, std::uint64_t number, std::size_t& bytes) {
    model::FrameImage image;
    image.width = file.get<std::uint16_t>();
    image.height = file.get<std::uint16_t>();
    image.is_flipped = file.flag();
    const std::size_t size = std::size_t{image.width} * image.height / 2;
    const auto frame = file.image_frames.find(static_cast<std::int64_t>(number));
    const bool is_kept = frame != file.image_frames.end() && bytes + size <= model::kMostImageBytes &&
                         image.width % 4 == 0 && image.height % 4 == 0;
    if (!is_kept) {
        file.in.skip(size);
        return false;
    }
    bytes += size;
    std::tie(image.set, image.frame) = frame->second;
    image.data = file.in.get_text(size);
    file.trace().frame_images.push_back(std::move(image));
    return true;
}

void read_frame_images(Input& file) {
    file.in.skip(file.get<std::uint32_t>());
    const std::uint64_t images = file.count();
    std::uint64_t left_out = 0;
    std::size_t bytes = 0;
    for (std::uint64_t i = 0; i < images; ++i) {
        if (!read_image(file, i, bytes)) ++left_out;
    }
    std::ranges::stable_sort(file.trace().frame_images, {},
                             [](const model::FrameImage& image) { return std::pair(image.set, image.frame); });
    file.skipped("frame images", left_out);
}

}  // namespace

const Section kFrameImages{.write = write_frame_images, .read = read_frame_images};

}  // namespace tracypy::tracefile::sections
