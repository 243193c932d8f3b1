// Writes synthetic traces for real viewers to open, and says what processor time it took.
//
//     write_trace scene FILE [CODEC LEVEL STREAMS]
//     write_trace ZONES FILE [CODEC LEVEL STREAMS]       a recursion; CODEC: lz4 or zstd
//     write_trace copy IN FILE [CODEC LEVEL STREAMS]     what any trace file holds, written again
//     write_trace read FILE                              reads any trace file and says what is in it
//     write_trace rows FILE                              its zones, as the first columns of csvexport -u
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>
#include <utility>

#include "io/file_stream.hpp"
#include "synthetic_trace.hpp"
#include "tracefile/reader.hpp"
#include "tracefile/writer.hpp"

namespace {

using namespace tracypy;

/// Of this process on any core: the machine may have other work.
double processor_seconds() {
    return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

int read(const char* path) {
    const double start = processor_seconds();
    io::FileSource source(path);
    const tracefile::ReadResult result = tracefile::read_trace(source);
    const auto zones = result.trace.zone_count();
    const double seconds = processor_seconds() - start;
    std::printf("release %s: %llu zones, %zu threads, %zu messages, %zu frame sets, %zu plots\n",
                result.version.text().c_str(), static_cast<unsigned long long>(zones), result.trace.threads.size(),
                result.trace.messages.size(), result.trace.frame_sets.size(), result.trace.plots.size());
    for (const tracefile::SkippedSection& section : result.skipped) {
        std::printf("not read: %llu %s\n", static_cast<unsigned long long>(section.entries), section.name);
    }
    std::printf("read in %.3f s, %.1f million zones per second\n", seconds, static_cast<double>(zones) / seconds / 1e6);
    return 0;
}

int rows(const char* path) {
    io::FileSource source(path);
    const model::Trace trace = std::move(tracefile::read_trace(source).trace);
    for (const model::Thread& thread : trace.threads) {
        for (const model::Zone& zone : thread.zones) {
            const model::SourceLocation& location = trace.locations[zone.location];
            const model::TextId name = location.name != model::TextId::None ? location.name : location.function;
            std::printf("%s,%s,%u,%lld,%lld\n", std::string(trace.strings.at(name)).c_str(),
                        std::string(trace.strings.at(location.file)).c_str(), location.line,
                        static_cast<long long>(zone.start_ns), static_cast<long long>(zone.end_ns - zone.start_ns));
        }
    }
    return 0;
}

int write(const model::Trace& trace, const char* path, const tracefile::Compression& compression) {
    const auto zones = static_cast<double>(trace.zone_count());
    const double start = processor_seconds();
    io::MemorySink sink;
    const tracefile::Written written = tracefile::write_trace(sink, trace, compression);
    const double seconds = processor_seconds() - start;
    io::FileSink file(path, io::FileSink::Existing::Replace);
    file.write(sink.bytes());
    file.close();
    std::printf("%.0f zones in %.3f s: %.2f million per second, %.0f MB/s; %zu bytes, %.3f per zone\n", zones, seconds,
                zones / seconds / 1e6, static_cast<double>(written.bytes_uncompressed) / seconds / 1e6,
                sink.bytes().size(), static_cast<double>(sink.bytes().size()) / zones);
    return 0;
}

int copy(const char* from, const char* path, const tracefile::Compression& compression) {
    io::FileSource source(from);
    return write(tracefile::read_trace(source).trace, path, compression);
}

int make(const std::string& what, const char* path, const tracefile::Compression& compression) {
    base::Names names;
    const double start = processor_seconds();
    const model::Trace trace = what == "scene"
                                   ? native_tests::scene_trace(names)
                                   : native_tests::recursion_trace(names, std::strtoull(what.c_str(), nullptr, 10));
    std::printf("built in %.3f s\n", processor_seconds() - start);
    return write(trace, path, compression);
}

tracefile::Compression compression_of(char** words) {
    return {std::strcmp(words[0], "lz4") == 0 ? tracefile::Codec::Lz4 : tracefile::Codec::Zstd, std::atoi(words[1]),
            static_cast<std::uint8_t>(std::atoi(words[2]))};
}

}  // namespace

int main(int argc, char** argv) {
    try {
        if (argc == 3 && std::strcmp(argv[1], "read") == 0) return read(argv[2]);
        if (argc == 3 && std::strcmp(argv[1], "rows") == 0) return rows(argv[2]);
        if ((argc == 4 || argc == 7) && std::strcmp(argv[1], "copy") == 0) {
            return copy(argv[2], argv[3], argc == 7 ? compression_of(argv + 4) : tracefile::Compression{});
        }
        if (argc != 3 && argc != 6) return 2;
        return make(argv[1], argv[2], argc == 6 ? compression_of(argv + 3) : tracefile::Compression{});
    } catch (const base::Error& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 2;
    }
}
