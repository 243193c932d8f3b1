#include "model/captured_gpus.hpp"

#include <algorithm>
#include <utility>

namespace tracypy::model {
namespace {

/// Viewers keep 47 bits of a time.
constexpr std::int64_t kLastNs = (std::int64_t{1} << 47) - 1;

}  // namespace

bool CapturedGpus::take(const events::CapturedGpuContext& context) {
    std::unique_ptr<Context>& known = contexts_[context.context];
    if (known != nullptr) return false;
    known = std::make_unique<Context>();
    known->made.thread = context.thread;
    known->made.period = context.period;
    known->made.is_calibrated = context.is_calibrated;
    known->made.kind = context.kind;
    order_.push_back(context.context);
    return true;
}

bool CapturedGpus::take(const events::CapturedGpuName& name) {
    Context* const context = find(name.context);
    if (context != nullptr) context->name = name.name;
    return context != nullptr;
}

bool CapturedGpus::take(const events::CapturedGpuBegin& zone, TraceTables& tables) {
    Context* const context = find(zone.context);
    if (context == nullptr) return false;
    const std::uint32_t thread = context->made.thread == 0 ? zone.thread : 0;
    Row& row = context->rows[thread];
    if (!context->waiting.try_emplace(zone.query, Place{thread, row.zones.size()}).second) return false;
    const auto depth = static_cast<std::uint32_t>(row.open.size());
    row.open.push_back(row.zones.size());
    row.zones.push_back({.begin_ns = zone.ticks,
                         .location = tables.location_of(static_cast<std::uint64_t>(zone.location)),
                         .depth = depth,
                         .callstack = tables.callstack_of(zone.callstack),
                         .query = zone.query});
    return true;
}

// Whose zone ends is told even where there is one row for all.
bool CapturedGpus::take(const events::CapturedGpuEnd& zone) {
    Context* const context = find(zone.context);
    if (context == nullptr) return false;
    const std::uint32_t thread = context->made.thread == 0 ? zone.thread : 0;
    Row& row = context->rows[thread];
    if (row.open.empty() || !context->waiting.try_emplace(zone.query, Place{thread, row.open.back()}).second) {
        return false;
    }
    GpuZone& ended = row.zones[row.open.back()];
    ended.end_ns = std::max(zone.ticks, ended.begin_ns);
    row.open.pop_back();
    return true;
}

bool CapturedGpus::take(const events::CapturedGpuTime& time) {
    Context* const context = find(time.context);
    if (context == nullptr) return false;
    const auto query = context->waiting.find(time.query);
    if (query == context->waiting.end()) return false;
    GpuZone& zone = context->rows[query->second.row].zones[query->second.zone];
    context->waiting.erase(query);
    context->made.overflow = time.overflow;
    const std::int64_t ns = std::clamp<std::int64_t>(time.ns, 0, kLastNs);
    if (zone.gpu_begin_ns == kOpen) {
        zone.gpu_begin_ns = ns;
    } else {
        zone.gpu_end_ns = ns;
    }
    return true;
}

bool CapturedGpus::take(const events::CapturedGpuNoteName& name) {
    Context* const context = find(name.context);
    if (context != nullptr) context->note_names[name.note] = name.name;
    return context != nullptr;
}

bool CapturedGpus::take(const events::CapturedGpuNote& note) {
    Context* const context = find(note.context);
    if (context != nullptr) context->made.notes.push_back({note.query, note.note, note.value});
    return context != nullptr;
}

// Before the names of the tables are finished: they may be new.
void CapturedGpus::finish(Trace& trace, TraceTables& tables) {
    for (const std::uint8_t number : order_) {
        Context& context = *contexts_[number];
        context.made.name = tables.text_of(context.name);
        for (const auto& [note, name] : context.note_names) {
            context.made.note_names.push_back({note, tables.text_of(name)});
        }
        for (auto& [thread, row] : context.rows) {
            if (row.zones.empty()) continue;
            GpuRow& made = context.made.rows.emplace_back();
            made.id = thread;
            const auto known = std::ranges::find_if(
                trace.threads, [&](const Thread& one) { return one.id == thread && !one.is_fiber; });
            const bool has_row = thread != 0 && known != trace.threads.end();
            made.thread = has_row ? static_cast<std::uint32_t>(known - trace.threads.begin()) : kNoThread;
            made.zones = std::move(row.zones);
        }
        trace.gpu_contexts.push_back(std::move(context.made));
    }
}

void CapturedGpus::scale(Trace& trace, const TimeScale& to_ns) {
    std::int64_t& last = trace.info.last_time_ns;
    for (GpuContext& context : trace.gpu_contexts) {
        for (GpuRow& row : context.rows) {
            for (GpuZone& zone : row.zones) {
                zone.begin_ns = to_ns(zone.begin_ns);
                if (zone.end_ns != kOpen) zone.end_ns = to_ns(zone.end_ns);
                last = std::max({last, zone.begin_ns, zone.end_ns, zone.gpu_begin_ns, zone.gpu_end_ns});
            }
        }
    }
}

}  // namespace tracypy::model
