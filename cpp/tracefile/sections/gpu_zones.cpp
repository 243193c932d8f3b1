// What ran on graphics processors: trees of zones, by context and thread.
#include <algorithm>
#include <map>
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

Version oldest_for_gpu_zones(const model::Trace& trace) {
    const auto has_notes = [](const GpuContext& context) {
        return !context.notes.empty() || !context.note_names.empty();
    };
    return std::ranges::any_of(trace.gpu_contexts, has_notes) ? kNotes : kOldestWritten;
}

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
        file_.put_24_bits(zone.callstack);
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

void write_note_names(Output& file, const GpuContext& context) {
    file.count(context.note_names.size());
    for (const model::GpuNoteName& name : context.note_names) {
        file.put(name.note);
        file.short_reference(name.name);
    }
}

void write_notes(Output& file, const GpuContext& context) {
    std::map<std::uint16_t, std::map<std::int64_t, double>> by_query;
    for (const model::GpuNote& note : context.notes) by_query[note.query][note.note] = note.value;
    file.count(by_query.size());
    for (const auto& [query, notes] : by_query) {
        file.put(query);
        file.count(notes.size());
        for (const auto& [note, value] : notes) {
            file.put(note);
            file.put(value);
        }
    }
}

void write_context(Output& file, const GpuContext& context) {
    file.put(context.thread);
    file.flag(context.is_calibrated);
    file.put(zones_of(context));
    file.put(context.period);
    file.put(context.kind);
    file.short_reference(context.name);
    file.put(context.overflow);
    if (file.since(kNotes)) write_note_names(file, context);
    file.count(context.rows.size());
    for (const GpuRow& row : context.rows) {
        const auto& threads = file.trace.threads;
        file.put(row.thread < threads.size() ? threads[row.thread].id : row.id);
        TimelineWriter(file, row).write();
    }
    if (file.since(kNotes)) write_notes(file, context);
}

void write_gpu_zones(Output& file) {
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
        zone.location = file.location();
        zone.depth = static_cast<std::uint32_t>(lists.size() - 1);
        zone.callstack = file.get_24_bits();
        file.in.skip(2);  // thread
        row.zones.push_back(zone);
        lists.emplace_back(file.count(), row.zones.size() - 1);
    }
}

void read_note_names(Input& file, GpuContext& context) {
    const std::uint64_t names = file.count();
    for (std::uint64_t i = 0; i < names; ++i) {
        const auto note = file.get<std::int64_t>();
        context.note_names.push_back({note, file.short_reference()});
    }
}

void read_notes(Input& file, GpuContext& context) {
    const std::uint64_t queries = file.count();
    for (std::uint64_t i = 0; i < queries; ++i) {
        const auto query = file.get<std::uint16_t>();
        const std::uint64_t notes = file.count();
        for (std::uint64_t left = notes; left != 0; --left) {
            const auto note = file.get<std::int64_t>();
            context.notes.push_back({query, note, file.get<double>()});
        }
    }
}

void read_context(Input& file) {
    GpuContext context;
    context.thread = file.get<std::uint64_t>();
    context.is_calibrated = file.flag();
    file.in.skip(8);  // zones
    context.period = file.get<float>();
    context.kind = file.get<std::uint8_t>();
    context.name = file.short_reference();
    context.overflow = file.get<std::uint64_t>();
    if (file.since(kNotes)) read_note_names(file, context);
    const std::uint64_t rows = file.count();
    for (std::uint64_t i = 0; i < rows; ++i) {
        const auto id = file.get<std::uint64_t>();
        GpuRow& row = context.rows.emplace_back();
        row.id = id;
        const auto thread = std::ranges::find(file.trace().threads, id, &model::Thread::id);
        const bool is_known = thread != file.trace().threads.end();
        row.thread = is_known ? static_cast<std::uint32_t>(thread - file.trace().threads.begin()) : model::kNoThread;
        read_timeline(file, row);
    }
    if (file.since(kNotes)) read_notes(file, context);
    file.trace().gpu_contexts.push_back(std::move(context));
}

void read_gpu_zones(Input& file) {
    file.in.skip(2 * 8);  // zones, how many have children
    const std::uint64_t contexts = file.count();
    for (std::uint64_t i = 0; i < contexts; ++i) read_context(file);
}

}  // namespace

const Section kGpuZones{.oldest = oldest_for_gpu_zones, .write = write_gpu_zones, .read = read_gpu_zones};

}  // namespace tracypy::tracefile::sections
