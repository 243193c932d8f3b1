// Whatever a file holds, the reader answers with a model or with one FormatError. Worth most under ASan and UBSan.
#include <random>
#include <string>

#include "check.hpp"
#include "io/byte_stream.hpp"
#include "synthetic_trace.hpp"
#include "tracefile/file_block_reader.hpp"
#include "tracefile/reader.hpp"
#include "tracefile/writer.hpp"

namespace tracypy::native_tests {
namespace {

enum class Outcome { Read, Refused, Wrong };

Outcome outcome(const std::string& bytes) {
    try {
        io::MemorySource source(bytes);
        (void)tracefile::read_trace(source);
        return Outcome::Read;
    } catch (const tracefile::FormatError&) {
        return Outcome::Refused;
    } catch (...) {
        return Outcome::Wrong;
    }
}

std::string scene_bytes(tracefile::Codec codec) {
    base::Names names;
    io::MemorySink sink;
    tracefile::write_trace(sink, scene_trace(names), {codec, 3, 4});
    return sink.bytes();
}

/// One block of LZ4 literals only: damage inside reaches the layers above undisturbed.
std::string uncompressed(std::string data) {
    std::string block;
    block += '\xF0';
    std::size_t rest = data.size() - 15;
    for (; rest >= 255; rest -= 255) block += '\xFF';
    block += static_cast<char>(rest);
    block += data;
    const auto size = static_cast<std::uint32_t>(block.size());
    return std::string("tr\xFDP\0\1", 6) + std::string(reinterpret_cast<const char*>(&size), 4) + block;
}

/// The data of a small trace, in one block.
std::string small_trace_data(tracefile::Version layout = tracefile::kOldestWritten) {
    base::Names names;
    model::Trace trace = scene_trace(names);
    for (model::Thread& thread : trace.threads) {
        while (thread.zones.size() > 8) thread.zones.pop_back();
    }
    io::MemorySink sink;
    tracefile::write_trace(sink, trace, {tracefile::Codec::Lz4, 0, 1}, layout);
    std::string data;
    io::MemorySource source(sink.bytes());
    tracefile::FileBlockReader reader(source);
    while (!reader.at_end()) data += static_cast<char>(reader.get<std::uint8_t>());
    return data;
}

/// Whatever number in it is wrong.
void never_harms(const std::string& data) {
    std::mt19937 random(2);
    for (std::size_t at = 0; at < data.size(); ++at) {
        std::string damaged = data;
        damaged[at] ^= static_cast<char>(1u << random() % 8);
        CHECK(outcome(uncompressed(damaged)) != Outcome::Wrong);
        if (at + 8 > data.size()) continue;
        damaged.replace(at, 8, at % 2 == 0 ? std::string(8, '\xFF') : std::string("\0\0\0\0\0\0\0\x10", 8));
        CHECK(outcome(uncompressed(damaged)) != Outcome::Wrong);
    }
}

}  // namespace

TEST(foreign_files_are_refused) {
    CHECK(outcome("") == Outcome::Refused);
    CHECK(outcome("tr") == Outcome::Refused);
    CHECK(outcome(std::string(100'000, 'x')) == Outcome::Refused);
    CHECK(outcome(std::string("tr\xFDP\1\0", 6)) == Outcome::Refused);
    CHECK(outcome(std::string("tr\xFDP\2\1", 6)) == Outcome::Refused);
    CHECK(outcome(std::string("tr\xFDP\1\1", 6)) == Outcome::Refused);
}

TEST(other_releases_are_refused_by_name) {
    std::string data = small_trace_data();
    CHECK(outcome(uncompressed(data)) == Outcome::Read);
    for (const auto& [minor, patch] : {std::pair{8, 9}, {14, 1}, {99, 0}}) {
        data[6] = static_cast<char>(minor);
        data[7] = static_cast<char>(patch);
        try {
            const std::string bytes = uncompressed(data);
            io::MemorySource source(bytes);
            (void)tracefile::read_trace(source);
            CHECK(false);
        } catch (const tracefile::FormatError& error) {
            const std::string release = "0." + std::to_string(minor) + "." + std::to_string(patch);
            CHECK(std::string(error.what()).find(release) != std::string::npos);
        }
    }
}

TEST(older_releases_and_containers_are_read) {
    constexpr std::size_t kOnDemandFlag =
        81;  // its place: after 8 bytes of magic, 56 of numbers, 17 about the processor
    std::string data = small_trace_data();
    data[6] = 10;
    std::string container = uncompressed(data);
    container.replace(0, 6, "tlZ\4", 4);
    CHECK(outcome(container) == Outcome::Read);
    data[6] = 9;
    CHECK(outcome(uncompressed(data)) != Outcome::Read);
    data.erase(kOnDemandFlag, 1);
    CHECK(outcome(uncompressed(data)) == Outcome::Read);
}

TEST(truncated_files_are_refused) {
    for (const tracefile::Codec codec : {tracefile::Codec::Lz4, tracefile::Codec::Zstd}) {
        const std::string bytes = scene_bytes(codec);
        for (std::size_t size = 0; size < bytes.size(); size += size < 64 ? 1 : 37) {
            CHECK(outcome(bytes.substr(0, size)) == Outcome::Refused);
        }
    }
    const std::string data = small_trace_data();
    for (std::size_t size = 15; size < data.size(); ++size) {
        CHECK(outcome(uncompressed(data.substr(0, size))) == Outcome::Refused);
    }
}

TEST(flipped_bits_never_harm) {
    std::mt19937 random(1);
    for (const tracefile::Codec codec : {tracefile::Codec::Lz4, tracefile::Codec::Zstd}) {
        const std::string bytes = scene_bytes(codec);
        for (int i = 0; i < 1'000; ++i) {
            std::string damaged = bytes;
            damaged[random() % damaged.size()] ^= static_cast<char>(1u << random() % 8);
            CHECK(outcome(damaged) != Outcome::Wrong);
        }
    }
}

TEST(wrong_numbers_never_harm) {
    for (const tracefile::Version layout : {tracefile::kOldestWritten, tracefile::kNewestRead}) {
        never_harms(small_trace_data(layout));
    }
}

}  // namespace tracypy::native_tests
