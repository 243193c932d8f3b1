// How fast events become a journal, and a journal a .tracy file, in the end or meanwhile, on one core, and what both
// take:
//
//     journal_bench [zones=10000000] [level=3] [streams=1] [journal=FILE] [out=FILE]
//
// The events are those of a recursion whose times vary by 5 random bits, in batches as a drain hands them over.
// journal=FILE of a real recording: only makes the trace of it. Processor time of one thread, so that other programs
// on the machine do not count.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <string>
#include <vector>

#include "base/names.hpp"
#include "events/null_sink.hpp"
#include "io/file_stream.hpp"
#include "journal/early_trace.hpp"
#include "journal/journal_writer.hpp"
#include "journal/trace_maker.hpp"
#include "synthetic_trace.hpp"

using namespace tracypy;

namespace {

constexpr double kNsPerTick = 0.385;

double processor_seconds() {
    return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

void make_early(const std::string& journal_path, const std::string& out_path, double ns_per_tick) {
    io::FileSource source(journal_path);
    io::FileSink sink(out_path, io::FileSink::Existing::Replace);
    journal::Progress progress;
    const std::atomic<bool> stop{false};
    const double start = processor_seconds();
    journal::EarlyTrace early(source, std::filesystem::absolute(out_path).parent_path(), ns_per_tick);
    early.advance(source.size(), stop);
    const double end = processor_seconds();
    if (!early.read_rest(progress)) throw std::runtime_error("the length of a tick is another");
    const auto zones = static_cast<double>(early.write(sink).zones);
    sink.close();
    std::printf("meanwhile: %.0f zones in %.3f s: %.1f million per second; %.3f bytes per zone; in the end %.3f s\n",
                zones, end - start, zones / (end - start) / 1e6,
                static_cast<double>(std::filesystem::file_size(out_path)) / zones, processor_seconds() - end);
}

/// Measures the writer alone: the events are made before the clock starts.
class TimedSink final : public events::NullSink {
public:
    explicit TimedSink(journal::JournalWriter& writer) : writer_(writer) {}

    void thread_batch(const events::ThreadBatch& batch) override {
        const double start = processor_seconds();
        writer_.thread_batch(batch);
        writer_.flush({0, 0});
        seconds_ += processor_seconds() - start;
    }
    double seconds() const noexcept { return seconds_; }

private:
    journal::JournalWriter& writer_;
    double seconds_ = 0;
};

void write_journal(const std::string& path, std::uint64_t zones) {
    base::Names names;
    io::FileSink sink(path, io::FileSink::Existing::Replace, io::FileSink::Buffering::None);
    journal::JournalWriter writer(sink, names, {native_tests::synthetic_info(), {0, 0}, native_tests::kSceneStart});
    TimedSink timed(writer);
    const base::Ticks end = native_tests::recursion_events(names, timed, zones);
    writer.finish({end, static_cast<std::int64_t>(static_cast<double>(end) * kNsPerTick)});
    sink.close();
    const auto count = static_cast<double>(writer.zones());
    std::printf("journal: %.0f zones in %.3f s: %.1f million per second; %.2f bytes per zone\n", count, timed.seconds(),
                count / timed.seconds() / 1e6, static_cast<double>(writer.bytes()) / count);
}

void make(const std::string& journal_path, const std::string& out_path, const tracefile::Compression& compression) {
    io::FileSource source(journal_path);
    io::FileSink sink(out_path, io::FileSink::Existing::Replace);
    journal::Progress progress;
    const double start = processor_seconds();
    const journal::Made made = journal::make_trace(source, sink, progress, compression);
    sink.close();
    const double seconds = processor_seconds() - start;
    const auto zones = static_cast<double>(made.zones);
    std::printf("trace: %.0f zones in %.3f s: %.1f million per second; %.3f bytes per zone\n", zones, seconds,
                zones / seconds / 1e6, static_cast<double>(std::filesystem::file_size(out_path)) / zones);
}

}  // namespace

int main(int argc, char** argv) {
    std::uint64_t zones = 10'000'000;
    tracefile::Compression compression;
    std::string journal_path, out_path = "journal_bench.tracy";
    for (int i = 1; i < argc; ++i) {
        const char* const equals = std::strchr(argv[i], '=');
        if (equals == nullptr) continue;
        const std::string name(argv[i], static_cast<std::size_t>(equals - argv[i]));
        const std::string value(equals + 1);
        if (name == "zones") zones = std::strtoull(value.c_str(), nullptr, 10);
        if (name == "level") compression.level = std::atoi(value.c_str());
        if (name == "streams") compression.streams = static_cast<std::uint8_t>(std::atoi(value.c_str()));
        if (name == "journal") journal_path = value;
        if (name == "out") out_path = value;
    }
    try {
        const bool is_synthetic = journal_path.empty();
        if (is_synthetic) write_journal(journal_path = out_path + ".journal", zones);
        make(journal_path, out_path, compression);
        if (is_synthetic) make_early(journal_path, out_path, kNsPerTick);
        if (is_synthetic) std::filesystem::remove(journal_path);
    } catch (const base::Error& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
    return 0;
}
