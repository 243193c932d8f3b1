#include "model/gpu_builder.hpp"

#include <algorithm>
#include <utility>

#include "model/messages.hpp"
#include "model/zones.hpp"

namespace tracypy::model {
namespace {

/// Viewers keep 47 bits of a time.
constexpr std::int64_t kLastNs = (std::int64_t{1} << 47) - 1;

}  // namespace

void GpuBuilder::take(const events::GpuContext& context) {
    contexts_[context.context].about = context;
}

bool GpuBuilder::take(const events::GpuNote& note) {
    const auto known = contexts_.find(note.context);
    if (known == contexts_.end()) return false;
    known->second.notes.push_back({note.query, static_cast<std::int64_t>(note.note), note.value});
    return true;
}

bool GpuBuilder::take(const events::GpuNoteName& name) {
    const auto known = contexts_.find(name.context);
    if (known == contexts_.end()) return false;
    known->second.note_names[static_cast<std::int64_t>(name.note)] = name.name;
    return true;
}

bool GpuBuilder::take(const events::GpuStep& step, base::Ticks tick, const Place& place) {
    const auto known = contexts_.find(step.context);
    if (known == contexts_.end()) return false;
    Place of_row = place;
    if (known->second.about.owner != 0) of_row.thread = kNoThread;
    switch (step.action) {
        case events::GpuAction::Begin:
            return begin(known->second, step, tick, of_row);
        case events::GpuAction::End:
            return end(known->second, tick, of_row.thread);
        case events::GpuAction::Times:
            return set_times(known->second, step);
    }
    return false;
}

bool GpuBuilder::begin(Context& context, const events::GpuStep& step, base::Ticks tick, const Place& place) {
    Row& row = context.rows[place.thread];
    row.zones.thread = place.thread;
    std::vector<GpuZone>& zones = row.zones.zones;
    if (!zones.empty()) tick = std::max(tick, zones.back().begin_ns);
    context.of_queries[step.begin_query] = {place.thread, zones.size()};
    row.open.push_back(zones.size());
    zones.push_back({.begin_ns = tick,
                     .location = place.location,
                     .depth = static_cast<std::uint32_t>(row.open.size() - 1),
                     .callstack = place.callstack,
                     .query = step.begin_query});
    return true;
}

bool GpuBuilder::end(Context& context, base::Ticks tick, std::uint32_t thread) {
    const auto row = context.rows.find(thread);
    if (row == context.rows.end() || row->second.open.empty()) return false;
    GpuZone& zone = row->second.zones.zones[row->second.open.back()];
    zone.end_ns = std::max(tick, zone.begin_ns);
    row->second.open.pop_back();
    return true;
}

bool GpuBuilder::set_times(Context& context, const events::GpuStep& step) {
    const auto place = context.of_queries.find(step.begin_query);
    if (place == context.of_queries.end()) return false;
    Row& row = context.rows[place->second.thread];
    GpuZone& zone = row.zones.zones[place->second.zone];
    zone.gpu_begin_ns = std::max(static_cast<base::Ticks>(step.gpu_begin), base::Ticks{0});
    zone.gpu_end_ns = std::max(static_cast<base::Ticks>(step.gpu_end), base::Ticks{0});
    context.of_queries.erase(place);
    return true;
}

// What the GPU did before the recording is shown at its begin: below 0 there is no time.
void GpuBuilder::scale(Row& row, const TimeScale& to_ns, std::int64_t& last_ns) {
    for (GpuZone& zone : row.zones.zones) {
        zone.begin_ns = to_ns(zone.begin_ns);
        if (zone.end_ns != kOpen) zone.end_ns = to_ns(zone.end_ns);
        last_ns = std::max({last_ns, zone.begin_ns, zone.end_ns});
        if (zone.gpu_begin_ns == kOpen) continue;
        zone.gpu_begin_ns = std::clamp<std::int64_t>(to_ns(zone.gpu_begin_ns), 0, kLastNs);
        zone.gpu_end_ns = std::clamp(to_ns(zone.gpu_end_ns), zone.gpu_begin_ns, kLastNs);
        last_ns = std::max(last_ns, zone.gpu_end_ns);
    }
}

std::vector<GpuContext> GpuBuilder::finish(const TimeScale& to_ns, std::vector<ContextNames>& names,
                                           std::int64_t& last_ns) {
    std::vector<GpuContext> contexts;
    for (auto& [number, context] : contexts_) {
        if (context.rows.empty()) continue;
        names.push_back({context.about.name, std::move(context.note_names)});
        GpuContext& made = contexts.emplace_back();
        made.thread = context.about.owner;
        made.notes = std::move(context.notes);
        made.kind = static_cast<std::uint8_t>(context.about.kind);
        for (auto& [thread, row] : context.rows) {
            scale(row, to_ns, last_ns);
            made.rows.push_back(std::move(row.zones));
        }
    }
    contexts_.clear();
    return contexts;
}

}  // namespace tracypy::model
