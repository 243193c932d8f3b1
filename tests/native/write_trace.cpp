// Writes synthetic traces for real viewers to open, and times it.
//
//     write_trace scene FILE [CODEC LEVEL STREAMS]
//     write_trace ZONES FILE [CODEC LEVEL STREAMS]       a recursion; CODEC: lz4 or zstd
//     write_trace read FILE                              reads any trace file and says what is in it
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "io/file_stream.hpp"
#include "synthetic_trace.hpp"
#include "tracefile/reader.hpp"
#include "tracefile/writer.hpp"

namespace {

using namespace tracypy;

double seconds_since(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

int read(const char* path) {
    const auto start = std::chrono::steady_clock::now();
    io::FileSource source(path);
    const tracefile::ReadResult result = tracefile::read_trace(source);
    const auto zones = result.trace.zone_count();
    const double seconds = seconds_since(start);
    std::printf("release %s: %llu zones, %zu threads, %zu messages, %zu frame sets, %zu plots\n",
                result.version.text().c_str(), static_cast<unsigned long long>(zones), result.trace.threads.size(),
                result.trace.messages.size(), result.trace.frame_sets.size(), result.trace.plots.size());
    for (const tracefile::SkippedSection& section : result.skipped) {
        std::printf("not read: %llu %s\n", static_cast<unsigned long long>(section.entries), section.name);
    }
    std::printf("read in %.3f s, %.1f million zones per second\n", seconds, static_cast<double>(zones) / seconds / 1e6);
    return 0;
}

int write(const std::string& what, const char* path, const tracefile::Compression& compression) {
    base::Names names;
    auto start = std::chrono::steady_clock::now();
    const model::Trace trace = what == "scene"
                                   ? native_tests::scene_trace(names)
                                   : native_tests::recursion_trace(names, std::strtoull(what.c_str(), nullptr, 10));
    const auto zones = static_cast<double>(trace.zone_count());
    std::printf("built in %.3f s\n", seconds_since(start));
    start = std::chrono::steady_clock::now();
    io::MemorySink sink;
    const tracefile::Written written = tracefile::write_trace(sink, trace, compression);
    const double seconds = seconds_since(start);
    io::FileSink file(path, io::FileSink::Existing::Replace);
    file.write(sink.bytes());
    file.close();
    std::printf("%.0f zones in %.3f s: %.2f million per second, %.0f MB/s; %zu bytes, %.3f per zone\n", zones, seconds,
                zones / seconds / 1e6, static_cast<double>(written.bytes_uncompressed) / seconds / 1e6,
                sink.bytes().size(), static_cast<double>(sink.bytes().size()) / zones);
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        if (argc == 3 && std::strcmp(argv[1], "read") == 0) return read(argv[2]);
        if (argc != 3 && argc != 6) return 2;
        tracefile::Compression compression;
        if (argc == 6) {
            compression = {std::strcmp(argv[3], "lz4") == 0 ? tracefile::Codec::Lz4 : tracefile::Codec::Zstd,
                           std::atoi(argv[4]), static_cast<std::uint8_t>(std::atoi(argv[5]))};
        }
        return write(argv[1], argv[2], compression);
    } catch (const base::Error& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 2;
    }
}
