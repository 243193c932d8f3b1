// Pictures of frames: their pixels survive, and each frame of a session has one at most.
#include <algorithm>
#include <cstdlib>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "base/dxt1.hpp"
#include "check.hpp"
#include "model/trace_builder.hpp"
#include "talk.hpp"
#include "tracefile/reader.hpp"
#include "tracefile/writer.hpp"

namespace tracypy::native_tests {
namespace {

using events::FrameImage;
using events::FrameMarkKind;

constexpr std::uint16_t kWidth = 8, kHeight = 4;

FrameImage image(base::Ticks ticks, std::uint32_t offset, std::string_view data) {
    return {ticks, offset, kWidth, kHeight, false, data};
}

/// The mean of how far the parts of the pixels are off.
double error_of(const std::vector<std::uint8_t>& rgb, unsigned width, unsigned height) {
    const std::string dxt1 = base::to_dxt1(rgb, width, height);
    CHECK(dxt1.size() == base::dxt1_bytes(width, height));
    const std::string back = base::from_dxt1(dxt1, width, height);
    if (back.size() != rgb.size()) return std::numeric_limits<double>::infinity();
    double sum = 0;
    for (std::size_t i = 0; i < rgb.size(); ++i) sum += std::abs(int{rgb[i]} - int{static_cast<std::uint8_t>(back[i])});
    return sum / static_cast<double>(rgb.size());
}

}  // namespace

TEST(pixels_survive_being_made_small) {
    constexpr unsigned kSide = 32;
    std::vector<std::uint8_t> rgb(3 * kSide * kSide);
    for (const std::uint8_t level : {0, 255, 131}) {
        std::ranges::fill(rgb, level);
        CHECK(error_of(rgb, kSide, kSide) <= 4);  // of a colour as 16 bits have it
    }
    for (unsigned i = 0; i < kSide * kSide; ++i) {  // a slope in all three
        rgb[3 * i] = static_cast<std::uint8_t>(8 * (i % kSide));
        rgb[3 * i + 1] = static_cast<std::uint8_t>(8 * (i / kSide));
        rgb[3 * i + 2] = static_cast<std::uint8_t>(4 * (i % kSide + i / kSide));
    }
    CHECK(error_of(rgb, kSide, kSide) <= 6);
    for (unsigned i = 0; i < kSide * kSide; ++i) {  // edges within the blocks, of two colours that 16 bits have
        const bool is_left = i % kSide % 4 < 1 + i / kSide % 3;
        const std::uint8_t colors[2][3] = {{255, 0, 0}, {0, 0, 255}};
        std::ranges::copy(colors[is_left ? 0 : 1], rgb.begin() + 3 * i);
    }
    CHECK(error_of(rgb, kSide, kSide) == 0);
    std::mt19937 random(1);
    for (std::uint8_t& part : rgb) part = static_cast<std::uint8_t>(random());
    CHECK(error_of(rgb, kSide, kSide) < 60);  // noise has no four colours, but no harm is done
}

TEST(a_viewer_gets_one_image_for_a_frame_of_its_session) {
    for_each_dialect([](std::uint32_t protocol, protocol::Packing packing) {
        Talk talk(protocol, packing);
        const std::string data = base::to_dxt1(std::vector<std::uint8_t>(3 * kWidth * kHeight, 200), kWidth, kHeight);
        const auto give = [&](const FrameImage& one) { talk.session.take({&one, 1}); };
        give(image(1'500, 0, data));  // before the first mark
        for (const base::Ticks tick : {2'000, 3'000, 4'000}) talk.mark(FrameMarkKind::Continuous, tick, {});
        give(image(3'500, 0, data));  // the second frame
        give(image(3'600, 0, data));  // again
        give(image(4'500, 2, data));  // the first
        give(image(4'500, 3, data));  // before it
        give(image(4'500, ~0u, data));
        give(image(4'500, 0, data));
        const StreamReader& reader = talk.read();
        CHECK((reader.images == std::vector<std::uint64_t>{5 + 2, 5 + 1, 5 + 3}));
        CHECK(reader.image_bytes == 3 * data.size());
        CHECK(talk.session.counters().dropped_images == 4);
    });
}

TEST(what_there_is_no_room_for_is_counted) {
    const std::string data = base::to_dxt1(std::vector<std::uint8_t>(3 * kWidth * kHeight, 200), kWidth, kHeight);
    model::ImageBuilder builder(2 * data.size());
    for (int i = 0; i < 5; ++i) CHECK(builder.take(image(3'500, 0, data)));
    CHECK(!builder.take(image(3'500, 0, std::string_view(data).substr(8))));
    CHECK(builder.without_room() == 3 && builder.memory_bytes() == 2 * data.size());
}

TEST(images_go_through_a_file) {
    base::Names names;
    model::TraceBuilder builder(names, 1'000);
    const std::string data = base::to_dxt1(std::vector<std::uint8_t>(3 * kWidth * kHeight, 200), kWidth, kHeight);
    const events::FrameMark marks[] = {{2'000, {}, FrameMarkKind::Continuous}, {3'000, {}, FrameMarkKind::Continuous}};
    builder.take(marks);
    FrameImage flipped = image(3'500, 1, data);
    flipped.is_flipped = true;
    const FrameImage cut = image(3'600, 0, std::string_view(data).substr(8));
    const FrameImage images[] = {image(1'500, 0, data), image(3'500, 0, data), flipped, image(3'600, 0, data), cut};
    builder.take(images);
    model::TraceInfo info;
    info.ns_per_tick = 1;
    const model::Trace trace = builder.finish(4'000, info);
    CHECK(builder.dropped_events() == 3);
    io::MemorySink sink;
    CHECK((tracefile::write_trace(sink, trace).layout == tracefile::kOldestWritten));
    io::MemorySource source(sink.bytes());
    const tracefile::ReadResult result = tracefile::read_trace(source);
    CHECK(result.skipped.empty());
    for (const model::Trace* const one : {&trace, &result.trace}) {
        REQUIRE(one->frame_images.size() == 2);
        CHECK(one->frame_images[0].frame == 2 && one->frame_images[0].is_flipped);
        CHECK(one->frame_images[1].frame == 3 && !one->frame_images[1].is_flipped);
        CHECK(one->frame_images[1].data == data);
    }
}

}  // namespace tracypy::native_tests
