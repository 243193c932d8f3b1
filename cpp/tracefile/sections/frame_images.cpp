// Pictures of frames, and the dictionary that they are compressed with. Not kept.
#include "tracefile/sections/input.hpp"
#include "tracefile/sections/list.hpp"
#include "tracefile/sections/output.hpp"

namespace tracypy::tracefile::sections {
namespace {

void write(Output& file) {
    file.put(std::uint32_t{0});  // dictionary
    file.count(0);
}

void read(Input& file) {
    file.in.skip(file.get<std::uint32_t>());
    const std::uint64_t images = file.count();
    for (std::uint64_t i = 0; i < images; ++i) {
        const std::uint64_t width = file.get<std::uint16_t>();
        const std::uint64_t height = file.get<std::uint16_t>();
        file.in.skip(1 + width * height / 2);  // flipped or not, half a byte per pixel
    }
    file.skipped("frame images", images);
}

}  // namespace

const Section kFrameImages{.write = write, .read = read};

}  // namespace tracypy::tracefile::sections
