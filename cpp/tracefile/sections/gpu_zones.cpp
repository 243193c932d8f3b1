// What ran on graphics processors: trees of zones, by context and thread.
#include <algorithm>
#include <utility>
#include <vector>

#include "tracefile/sections/input.hpp"
#include "tracefile/sections/list.hpp"
#include "tracefile/sections/output.hpp"

namespace tracypy::tracefile::sections {
namespace {

using model::GpuContext;
using model::GpuRow;
using model::GpuZone;

/// Names of a context's notes, their values; and each zone has the number of its query.
constexpr Version kNotes{0, 12, 4};

// --- writing ---

/// By zone; the last one: of the outermost zones.
std::vector<std::uint32_t> child_counts(const std::vector<GpuZone>& zones) {
    std::vector<std::uint32_t> counts(zones.size() + 1);
    std::vector<std::size_t> above;
    for (std::size_t i = 0; i < zones.size(); ++i) {
        above.resize(zones[i].depth);
        ++counts[above.empty() ? zones.size() : above.back()];
        above.push_back(i);
    }
    return counts;
}

/// One list of zones behind the other, each with what it contains.
class TimelineWriter {
public:
    TimelineWriter(Output& file, const GpuRow& row) : file_(file), row_(row) {}

    void write() {
        const std::vector<std::uint32_t> counts = child_counts(row_.zones);
        file_.count(counts.back());
        std::vector<const GpuZone*> open;
        for (std::size_t i = 0; i < row_.zones.size(); ++i) {
            const GpuZone& zone = row_.zones[i];
            for (; open.size() > zone.depth; open.pop_back()) end(*open.back());
            begin(zone);
            file_.count(counts[i]);
            open.push_back(&zone);
        }
        for (; !open.empty(); open.pop_back()) end(*open.back());
    }

private:
    void begin(const GpuZone& zone) {
        file_.time(processor_, zone.begin_ns);
        file_.time(gpu_, zone.gpu_begin_ns);
        file_.put(location_number(zone.location));
        file_.put_24_bits(0);  // call stack
        file_.put(row_.thread == model::kNoThread ? std::uint16_t{0} : static_cast<std::uint16_t>(row_.thread + 1));
    }
    void end(const GpuZone& zone) {
        file_.time(processor_, zone.end_ns);
        file_.time(gpu_, zone.gpu_end_ns);
        if (file_.since(kNotes)) file_.put(zone.query);
    }

    Output& file_;
    const GpuRow& row_;
    std::int64_t processor_ = 0, gpu_ = 0;  // the times before
};

std::uint64_t zones_of(const GpuContext& context) noexcept {
    std::uint64_t zones = 0;
    for (const GpuRow& row : context.rows) zones += row.zones.size();
    return zones;
}

void write_context(Output& file, const GpuContext& context) {
    file.put(std::uint64_t{0});  // of no thread: each has a row
    file.flag(false);            // calibrated
    file.put(zones_of(context));
    file.put(1.0f);  // nanoseconds
    file.put(context.kind);
    file.put_24_bits(static_cast<std::uint32_t>(context.name));
    file.put(std::uint64_t{0});             // overflow
    if (file.since(kNotes)) file.count(0);  // names of notes
    file.count(context.rows.size());
    for (const GpuRow& row : context.rows) {
        const auto& threads = file.trace.threads;
        file.put(row.thread < threads.size() ? threads[row.thread].id : std::uint64_t{0});
        TimelineWriter(file, row).write();
    }
    if (file.since(kNotes)) file.count(0);  // notes
}

void write(Output& file) {
    std::uint64_t zones = 0, parents = 0;
    for (const GpuContext& context : file.trace.gpu_contexts) {
        zones += zones_of(context);
        for (const GpuRow& row : context.rows) {
            std::vector<std::uint32_t> counts = child_counts(row.zones);
            counts.pop_back();
            parents +=
                static_cast<std::uint64_t>(counts.size()) - static_cast<std::uint64_t>(std::ranges::count(counts, 0u));
        }
    }
    file.count(zones);
    file.count(parents);
    file.count(file.trace.gpu_contexts.size());
    for (const GpuContext& context : file.trace.gpu_contexts) write_context(file, context);
}

// --- reading ---

/// A thread's zones.
void read_timeline(Input& file, GpuRow& row) {
    std::uint64_t processor = 0, gpu = 0;
    std::vector<std::pair<std::uint64_t, std::size_t>> lists{{file.count(), 0}};  // what is left, and of which zone
    while (true) {
        if (lists.back().first == 0) {
            const std::size_t parent = lists.back().second;
            lists.pop_back();
            if (lists.empty()) return;
            GpuZone& zone = row.zones[parent];
            zone.end_ns = std::max(file.time(processor), model::kOpen);
            zone.gpu_end_ns = std::max(file.time(gpu), model::kOpen);
            if (file.since(kNotes)) zone.query = file.get<std::uint16_t>();
            continue;
        }
        --lists.back().first;
        GpuZone zone{.begin_ns = file.time(processor)};
        zone.gpu_begin_ns = std::max(file.time(gpu), model::kOpen);
        const model::LocationIndex location = file.locations.numbers().find(file.get<std::int16_t>());
        zone.location = location == LocationNumbers::kUnknown ? 0 : location;
        zone.depth = static_cast<std::uint32_t>(lists.size() - 1);
        file.in.skip(kIndex24Bytes + 2);  // call stack, thread
        row.zones.push_back(zone);
        lists.emplace_back(file.count(), row.zones.size() - 1);
    }
}

void skip_notes(Input& file) {
    const std::uint64_t queries = file.count();
    for (std::uint64_t i = 0; i < queries; ++i) {
        file.in.skip(2);
        file.skip_list(8 + 8);
    }
}

void read_context(Input& file) {
    GpuContext context;
    file.in.skip(8 + 1 + 8 + 4);  // thread, calibration, zones, period
    context.kind = file.get<std::uint8_t>();
    context.name = file.short_reference();
    file.in.skip(8);  // overflow
    if (file.since(kNotes)) file.skip_list(8 + kIndex24Bytes);
    const std::uint64_t rows = file.count();
    for (std::uint64_t i = 0; i < rows; ++i) {
        const auto id = file.get<std::uint64_t>();
        GpuRow& row = context.rows.emplace_back();
        const auto thread = std::ranges::find(file.trace().threads, id, &model::Thread::id);
        const bool is_known = thread != file.trace().threads.end();
        row.thread = is_known ? static_cast<std::uint32_t>(thread - file.trace().threads.begin()) : model::kNoThread;
        read_timeline(file, row);
    }
    if (file.since(kNotes)) skip_notes(file);
    file.trace().gpu_contexts.push_back(std::move(context));
}

void read(Input& file) {
    file.in.skip(2 * 8);  // zones, how many have children
    const std::uint64_t contexts = file.count();
    for (std::uint64_t i = 0; i < contexts; ++i) read_context(file);
}

}  // namespace

const Section kGpuZones{.write = write, .read = read};

}  // namespace tracypy::tracefile::sections
