// The reader against files that real captures wrote, and against what the real csvexport made of them.
//
// The recordings lie outside the repository; TRACYPY_VECTORS names their folder. Without it these tests say so and
// skip.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "check.hpp"
#include "io/file_stream.hpp"
#include "tracefile/reader.hpp"

namespace tracypy::native_tests {
namespace {

using model::Trace;

std::filesystem::path vectors() {
    const char* const folder = std::getenv("TRACYPY_VECTORS");
    if (folder == nullptr) std::fprintf(stderr, "TRACYPY_VECTORS is not set: recorded traces are not read\n");
    return folder == nullptr ? std::filesystem::path() : std::filesystem::path(folder);
}

std::vector<std::filesystem::path> recordings() {
    const std::filesystem::path folder = vectors();
    std::vector<std::filesystem::path> found;
    if (folder.empty()) return found;
    for (const char* release : {"0.11.1", "0.12.2", "0.13.1", "0.14.0"}) {
        for (const char* flavour : {"demand", "always", "plain"}) found.push_back(folder / release / flavour);
    }
    return found;
}

tracefile::ReadResult read(const std::filesystem::path& path) {
    io::FileSource source(path);
    return tracefile::read_trace(source);
}

using Row = std::array<std::string, 6>;  // the first fields of a line

Row fields(const std::string& line) {
    Row row;
    std::size_t at = 0;
    for (std::string& field : row) {
        const std::size_t comma = line.find(',', at);
        field = line.substr(at, comma == std::string::npos ? comma : comma - at);
        if (comma == std::string::npos) break;
        at = comma + 1;
    }
    return row;
}

std::vector<Row> table(const std::filesystem::path& path) {
    std::vector<Row> rows;
    std::ifstream file(path);
    std::string line;
    std::getline(file, line);  // names of the columns
    while (std::getline(file, line)) rows.push_back(fields(line));
    return rows;
}

std::string location_key(const Trace& trace, const model::Zone& zone) {
    const model::SourceLocation& location = trace.locations[zone.location];
    const model::TextId name = location.name != model::TextId::None ? location.name : location.function;
    return std::string(trace.strings.at(name)) + ',' + std::string(trace.strings.at(location.file)) + ',' +
           std::to_string(location.line);
}

struct Sum {
    std::int64_t total = 0, self = 0;
    std::uint64_t count = 0;
};

/// By source location, of zones that took any time at all: csvexport leaves the others out.
std::map<std::string, Sum> sums(const Trace& trace) {
    std::map<std::string, Sum> found;
    for (const model::Thread& thread : trace.threads) {
        for (std::size_t i = 0; i < thread.zones.size(); ++i) {
            const model::Zone& zone = thread.zones[i];
            const std::int64_t span = zone.end_ns - zone.start_ns;
            if (span <= 0) continue;
            std::int64_t children = 0;
            for (std::size_t j = i + 1; j < thread.zones.size() && thread.zones[j].depth > zone.depth; ++j) {
                if (thread.zones[j].depth != zone.depth + 1) continue;
                children += thread.zones[j].end_ns - thread.zones[j].start_ns;
            }
            Sum& sum = found[location_key(trace, zone)];
            ++sum.count;
            sum.total += span;
            sum.self += span - children;
        }
    }
    return found;
}

void check_sums(const Trace& trace, const std::filesystem::path& folder) {
    const std::map<std::string, Sum> ours = sums(trace);
    const std::vector<Row> totals = table(folder / "zones.csv");
    CHECK(totals.size() == ours.size() && !ours.empty());
    for (const Row& row : totals) {
        const auto found = ours.find(row[0] + ',' + row[1] + ',' + row[2]);
        REQUIRE(found != ours.end());
        CHECK(std::to_string(found->second.total) == row[3]);
        CHECK(std::to_string(found->second.count) == row[5]);
    }
    for (const Row& row : table(folder / "zones-self.csv")) {
        const auto found = ours.find(row[0] + ',' + row[1] + ',' + row[2]);
        REQUIRE(found != ours.end());
        CHECK(std::to_string(found->second.self) == row[3]);
    }
}

/// Every zone's place, start and length. Texts span lines; what follows a line's end has no five fields.
void check_zones(const Trace& trace, const std::filesystem::path& folder) {
    std::map<std::string, int> balance;
    for (const model::Thread& thread : trace.threads) {
        for (const model::Zone& zone : thread.zones) {
            if (zone.end_ns <= zone.start_ns) continue;
            ++balance[location_key(trace, zone) + ',' + std::to_string(zone.start_ns) + ',' +
                      std::to_string(zone.end_ns - zone.start_ns) + ',' + std::to_string(thread.short_number)];
        }
    }
    CHECK(balance.size() > 5'000);
    for (const Row& row : table(folder / "zones-unwrapped.csv")) {
        if (row[5].empty()) continue;
        --balance[row[0] + ',' + row[1] + ',' + row[2] + ',' + row[3] + ',' + row[4] + ',' + row[5]];
    }
    for (const auto& [key, count] : balance) CHECK(count == 0);
}

void check_messages(const Trace& trace, const std::filesystem::path& folder) {
    const std::vector<Row> rows = table(folder / "messages.csv");
    REQUIRE(rows.size() == trace.messages.size() && rows.size() >= 83);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        CHECK(trace.strings.at(trace.messages[i].text) == rows[i][0]);
        CHECK(std::to_string(trace.messages[i].time_ns) == rows[i][1]);
        CHECK(trace.messages[i].thread != model::kNoThread);
    }
    CHECK(std::count_if(trace.messages.begin(), trace.messages.end(),
                        [](const model::Message& message) { return message.color == 0xFF8000; }) == 10);
}

const model::FrameSet* frame_set(const Trace& trace, std::string_view name) {
    for (const model::FrameSet& set : trace.frame_sets) {
        if (trace.strings.at(set.name) == name) return &set;
    }
    return nullptr;
}

const model::Plot* plot(const Trace& trace, std::string_view name) {
    for (const model::Plot& plot : trace.plots) {
        if (trace.strings.at(plot.name) == name) return &plot;
    }
    return nullptr;
}

void check_frames_and_plots(const Trace& trace, bool is_on_demand) {
    CHECK(trace.info.is_on_demand == is_on_demand);
    CHECK(trace.frame_sets[0].frames.size() == 60 + model::kStartFrames + (is_on_demand ? 1 : 0));
    REQUIRE(frame_set(trace, "physics") != nullptr && frame_set(trace, "io batch") != nullptr);
    CHECK(frame_set(trace, "physics")->frames.size() == 120);
    CHECK(frame_set(trace, "io batch")->frames.size() == 20 && !frame_set(trace, "io batch")->is_continuous);
    const model::Plot* const heap = plot(trace, "heap use");
    const model::Plot* const temperature = plot(trace, "temperature");
    REQUIRE(heap != nullptr && temperature != nullptr);
    CHECK(heap->points.size() == 60 && heap->format == model::Plot::Format::Memory && heap->shows_steps);
    CHECK(heap->color == 0xFFA020);
    REQUIRE(temperature->points.size() == 60);
    CHECK(temperature->points[59].value == 20 + 59 / 4.0);
}

void check_zone_extras(const Trace& trace) {
    int colors = 0, texts = 0, names = 0;
    for (const model::Thread& thread : trace.threads) {
        for (const model::Zone& zone : thread.zones) {
            const model::ZoneExtra& extra = trace.zone_extras[zone.extra];
            colors += extra.color >= 0x102030 && extra.color < 0x102030 + 40 ? 1 : 0;
            texts += trace.strings.at(extra.text).starts_with("item ") ? 1 : 0;
            names += trace.strings.at(extra.name).starts_with("renamed ") ? 1 : 0;
        }
    }
    CHECK(colors == 40);
    CHECK(texts == 50);
    CHECK(names == 40);
}

}  // namespace

TEST(recorded_traces_agree_with_csvexport) {
    for (const std::filesystem::path& folder : recordings()) {
        const tracefile::ReadResult result = read(folder / "trace.tracy");
        const bool is_plain = folder.filename() == "plain";
        CHECK(result.version.text() == folder.parent_path().filename().string());
        CHECK(result.trace.zone_count() == (is_plain ? 5517u : 5617u));
        check_sums(result.trace, folder);
        check_zones(result.trace, folder);
        check_messages(result.trace, folder);
        check_frames_and_plots(result.trace, folder.filename() == "demand");
        check_zone_extras(result.trace);
    }
}

TEST(every_container_reads_the_same) {
    const std::filesystem::path folder = vectors();
    if (folder.empty()) return;
    int files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder / "0.13.1" / "containers")) {
        if (entry.path().extension() != ".tracy") continue;
        ++files;
        const Trace trace = std::move(read(entry.path()).trace);
        CHECK(trace.zone_count() == 5617);
        check_zones(trace, folder / "0.13.1" / "demand");
    }
    CHECK(files == 10);
}

}  // namespace tracypy::native_tests
