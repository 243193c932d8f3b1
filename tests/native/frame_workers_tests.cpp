// A file whose blocks several threads compress holds what one that one thread compresses holds.
#include <array>
#include <random>
#include <string>

#include "base/error.hpp"
#include "check.hpp"
#include "io/byte_stream.hpp"
#include "tracefile/file_block_reader.hpp"
#include "tracefile/file_block_writer.hpp"
#include "tracefile/frame_compressor.hpp"

namespace tracypy::native_tests {
namespace {

using tracefile::kBlockBytes;

constexpr std::size_t kRun = tracefile::FrameWorkers::kRunBytes;

/// Neither random nor the same again and again.
std::string content(std::size_t bytes) {
    std::mt19937 random(4711);
    std::string text;
    text.reserve(bytes + 8);
    while (text.size() < bytes) text += std::to_string(random() % 1000);
    text.resize(bytes);
    return text;
}

tracefile::Compression with_workers(unsigned workers) {
    return {.level = 1, .workers = workers};
}

std::string read_all(const std::string& file) {
    io::MemorySource source(file);
    tracefile::FileBlockReader reader(source);
    std::string text;
    while (!reader.at_end()) text += reader.get<char>();
    return text;
}

class FullDisk final : public io::ByteSink {
public:
    void write(std::string_view bytes) override {
        left_ = bytes.size() > left_ ? 0 : left_ - bytes.size();
        if (left_ == 0) throw base::Error(base::problem<base::ErrorCode::TraceNotWritten>("the disk is full"));
    }

private:
    std::size_t left_ = 100'000;
};

}  // namespace

TEST(files_of_several_threads_hold_the_same) {
    for (const std::size_t bytes : {std::size_t{0}, std::size_t{1}, kBlockBytes - 1, kBlockBytes, kBlockBytes + 1, kRun,
                                    kRun + 1, 3 * kRun + 5 * kBlockBytes + 17, 9 * kRun}) {
        const std::string text = content(bytes);
        for (const unsigned workers : {0u, 1u, 3u}) {
            io::MemorySink sink;
            tracefile::FileBlockWriter out(sink, with_workers(workers));
            out.put_bytes(text);
            out.finish();
            CHECK(out.bytes_in() == bytes);
            CHECK(read_all(sink.bytes()) == text);
        }
    }
}

TEST(records_cross_blocks_and_runs) {
    io::MemorySink sink;
    tracefile::FileBlockWriter out(sink, with_workers(2));
    std::string text;
    for (std::uint32_t i = 0; text.size() < 2 * kRun + 99; ++i) {
        char* const start = out.cursor();
        const std::size_t size = 1 + i % tracefile::FileBlockWriter::kMaxRecord;
        for (std::size_t at = 0; at < size; ++at) start[at] = static_cast<char>(i + at);
        text.append(start, size);
        out.advance(start + size);
    }
    out.finish();
    CHECK(out.bytes_in() == text.size());
    CHECK(read_all(sink.bytes()) == text);
}

TEST(blocks_that_are_compressed_already_keep_their_place) {
    const std::string text = content(3 * kRun);
    tracefile::FrameCompressor compressor(1);
    for (const std::size_t before : {std::size_t{0}, kBlockBytes, kRun, kRun + 2 * kBlockBytes}) {
        const std::array<std::span<const char>, 2> blocks{
            std::span(text).subspan(before, kBlockBytes), std::span(text).subspan(before + kBlockBytes, kBlockBytes)};
        std::string frame;
        REQUIRE(compressor.append(blocks, frame));
        io::MemorySink sink;
        tracefile::FileBlockWriter out(sink, with_workers(2));
        out.put_bytes({text.data(), before});
        out.put_blocks(frame, 2);
        out.put_bytes({text.data() + before + 2 * kBlockBytes, text.size() - before - 2 * kBlockBytes});
        out.finish();
        CHECK(out.bytes_in() == text.size());
        CHECK(read_all(sink.bytes()) == text);
    }
}

TEST(full_disk_ends_what_several_threads_write) {
    const std::string text = content(12 * kRun);
    FullDisk sink;
    bool has_failed = false;
    try {
        tracefile::FileBlockWriter out(sink, with_workers(3));
        out.put_bytes(text);
        out.finish();
    } catch (const base::Error&) {
        has_failed = true;
    }
    CHECK(has_failed);
}

TEST(small_files_need_no_other_threads) {
    CHECK(tracefile::useful_workers(1'000'000) == 0);
    CHECK(tracefile::useful_workers(std::uint64_t{1} << 40) <= 6);
}

}  // namespace tracypy::native_tests
