#include "protocol/kinds/gpu.hpp"

#include <algorithm>
#include <array>

namespace tracypy::protocol::kinds {
namespace {

using events::GpuKind;

/// The last kind that viewers of a protocol have a name for.
struct LastKind {
    std::uint32_t since;
    GpuKind kind;
};
constexpr std::array kLastKinds{LastKind{82, GpuKind::WebGpu}, LastKind{76, GpuKind::Rocprof},
                                LastKind{74, GpuKind::Cuda}, LastKind{0, GpuKind::Direct3d11}};

/// Viewers keep 47 bits of a time; and the session begins a little after their zero.
constexpr std::int64_t kLastNs = (std::int64_t{1} << 47) - (std::int64_t{1} << 40);

/// A viewer takes a time that lies so far before the last one for a counter that has begun again. Half of its bound.
constexpr std::int64_t kFarBack = std::int64_t{1} << 30;

}  // namespace

std::uint8_t GpuWriter::kind_of(GpuKind kind) const noexcept {
    const std::uint32_t protocol = encoder_.dialect().protocol;
    const auto last = std::ranges::find_if(kLastKinds, [=](const LastKind& row) { return row.since <= protocol; });
    return static_cast<std::uint8_t>(kind <= last->kind ? kind : GpuKind::OpenCl);
}

void GpuWriter::context(const events::GpuContext& context, std::string_view name) {
    const base::Ticks tick = std::max(context.made, start_);
    const std::int64_t gpu_ns = ns_at(tick);
    const auto [known, is_new] =
        contexts_.try_emplace(context.context, Context{tick, gpu_ns, context.name, context.owner != 0});
    if (!is_new && known->second.name == context.name) return;
    known->second.name = context.name;
    const auto owner = static_cast<base::ThreadId>(context.owner);  // 0: each thread has a row of its own
    constexpr std::uint8_t kUncalibrated = 0;
    if (is_new) {
        encoder_.write<WireEvent::GpuNewContext>(tick, gpu_ns, owner, 1.0f, context.context, kUncalibrated,
                                                 kind_of(context.kind));
    }
    encoder_.single_string(name);
    encoder_.write<WireEvent::GpuContextName>(context.context);
}

// Before the session there is nothing, and a viewer takes what lies there for a time that it does not have yet.
std::int64_t GpuWriter::ns_at(base::Ticks tick) const noexcept {
    const double ns = static_cast<double>(tick - start_) * ns_per_tick_;
    return static_cast<std::int64_t>(std::clamp(ns, 0.0, static_cast<double>(kLastNs)));
}

void GpuWriter::time(std::uint8_t number, Context& context, std::uint16_t query, base::Ticks tick) {
    const std::int64_t ns = ns_at(tick);
    if (ns < context.last_ns - kFarBack) {
        encoder_.write<WireEvent::GpuTimeSync>(ns_at(context.made), context.made, number);
    }
    context.last_ns = ns;
    encoder_.write<WireEvent::GpuTime>(ns, query, number);
}

void GpuWriter::times(const events::GpuStep& step, Context& context) {
    const std::uint32_t begin = key(step.context, step.begin_query), end = key(step.context, step.end_query);
    if (!waiting_.contains(begin) || !waiting_.contains(end)) return;
    waiting_.erase(begin);
    waiting_.erase(end);
    time(step.context, context, step.begin_query, static_cast<base::Ticks>(step.gpu_begin));
    time(step.context, context, step.end_query, static_cast<base::Ticks>(step.gpu_end));
}

// Viewers before 0.13 have no notes.
void GpuWriter::note(const events::GpuNote& note) {
    constexpr base::ThreadId kNobody{0};
    if (!contexts_.contains(note.context) || !encoder_.dialect().has(WireEvent::GpuZoneAnnotation)) return;
    encoder_.write<WireEvent::GpuZoneAnnotation>(static_cast<std::int64_t>(note.note), note.value, kNobody, note.query,
                                                 note.context);
}

void GpuWriter::note_name(const events::GpuNoteName& name, std::string_view text) {
    if (!contexts_.contains(name.context) || !encoder_.dialect().has(WireEvent::GpuAnnotationName)) return;
    encoder_.single_string(text);
    encoder_.write<WireEvent::GpuAnnotationName>(static_cast<std::int64_t>(name.note), name.context);
}

void GpuWriter::step(const events::GpuStep& step, std::uint64_t location) {
    const auto context = contexts_.find(step.context);
    if (context == contexts_.end()) return;
    switch (step.action) {
        case events::GpuAction::Begin:
            waiting_.insert(key(step.context, step.begin_query));
            if (encoder_.serial_callstack(step.callstack)) {
                return encoder_.write<WireEvent::GpuZoneBeginCallstackSerial>(step.ticks, step.thread, step.begin_query,
                                                                              step.context, location);
            }
            return encoder_.write<WireEvent::GpuZoneBeginSerial>(step.ticks, step.thread, step.begin_query,
                                                                 step.context, location);
        case events::GpuAction::End:
            waiting_.insert(key(step.context, step.end_query));
            return encoder_.write<WireEvent::GpuZoneEndSerial>(step.ticks, context->second.row_of(step.thread),
                                                               step.end_query, step.context);
        case events::GpuAction::Times:
            return times(step, context->second);
    }
}

}  // namespace tracypy::protocol::kinds
