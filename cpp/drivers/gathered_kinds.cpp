#include "drivers/gathered_kinds.hpp"

#include <algorithm>

namespace tracypy::drivers {
namespace {

/// Of one context, that have not ended on the GPU: a query has 16 bits.
constexpr std::size_t kMostZones = 65'536;

template <typename Enum>
Enum known_or(std::uint8_t number, Enum otherwise) noexcept {
    return number <= static_cast<std::uint8_t>(events::kLast<Enum>) ? static_cast<Enum>(number) : otherwise;
}

}  // namespace

std::size_t GatheredKinds::bytes() const noexcept {
    constexpr std::size_t kBytesOfZone = 192, kBytesOfRow = 96;
    std::size_t bytes = 0;
    for (const std::unique_ptr<Gpu>& gpu : gpus_) {
        if (gpu != nullptr) bytes += gpu->zones.size() * kBytesOfZone + gpu->open.size() * kBytesOfRow;
    }
    return bytes;
}

bool GatheredKinds::take(const events::CapturedGpuContext& event) {
    if (gpu(event.context) != nullptr) return false;
    gpus_[event.context] = std::make_unique<Gpu>();
    gpus_[event.context]->about = {event.context, base::StringId::None, known_or(event.kind, events::GpuKind::None),
                                   last_ticks_, event.thread};
    return true;
}

// A viewer hears of it when its name is known, or when it is needed.
void GatheredKinds::tell(Gpu& gpu) {
    gpu.is_told = true;
    hand_on(gpu.about);
}

bool GatheredKinds::take(const events::CapturedGpuName& event) {
    Gpu* const known = gpu(event.context);
    if (known == nullptr) return false;
    known->about.name = event.name;
    tell(*known);
    return true;
}

bool GatheredKinds::take(const events::CapturedGpuBegin& event) {
    Gpu* const known = gpu(event.context);
    if (known == nullptr || known->zones.size() >= kMostZones) return false;
    if (!known->of_queries.try_emplace(event.query, known->last_zone + 1).second) return false;
    if (!known->is_told) tell(*known);
    last_ticks_ = std::max(last_ticks_, event.ticks);
    const std::uint32_t row = known->about.owner == 0 ? event.thread : 0;
    known->open[row].push_back(++known->last_zone);
    known->zones.emplace(known->last_zone, GpuZone{.begin_query = event.query, .thread = event.thread});
    events::GpuStep step{.ticks = event.ticks, .thread = static_cast<base::ThreadId>(event.thread)};
    step.context = event.context;
    step.action = events::GpuAction::Begin;
    step.begin_query = event.query;
    step.location = event.location;
    step.callstack = event.callstack;
    return hand_on(step);
}

// Whose zone ends is told even where there is one row for all.
bool GatheredKinds::take(const events::CapturedGpuEnd& event) {
    Gpu* const known = gpu(event.context);
    if (known == nullptr) return false;
    std::vector<std::uint64_t>& open = known->open[known->about.owner == 0 ? event.thread : 0];
    if (open.empty() || !known->of_queries.try_emplace(event.query, open.back()).second) return false;
    GpuZone& zone = known->zones.at(open.back());
    open.pop_back();
    zone.end_query = event.query;
    last_ticks_ = std::max(last_ticks_, event.ticks);
    events::GpuStep step{.ticks = event.ticks, .thread = static_cast<base::ThreadId>(zone.thread)};
    step.context = event.context;
    step.action = events::GpuAction::End;
    step.begin_query = zone.begin_query;
    step.end_query = zone.end_query;
    return hand_on(step);
}

// The number of a query is another zone's then.
bool GatheredKinds::take(const events::CapturedGpuTime& event) {
    Gpu* const known = gpu(event.context);
    if (known == nullptr) return false;
    const auto query = known->of_queries.find(event.query);
    if (query == known->of_queries.end()) return false;
    const std::uint64_t number = query->second;
    known->of_queries.erase(query);
    GpuZone& zone = known->zones.at(number);
    if (!zone.has_begun) {
        zone.has_begun = true;
        zone.gpu_begin = event.ns;
        return true;
    }
    events::GpuStep step{.ticks = last_ticks_, .thread = static_cast<base::ThreadId>(zone.thread)};
    step.context = event.context;
    step.action = events::GpuAction::Times;
    step.begin_query = zone.begin_query;
    step.end_query = zone.end_query;
    step.gpu_begin = static_cast<std::uint64_t>(zone.gpu_begin);
    step.gpu_end = static_cast<std::uint64_t>(std::max(zone.gpu_begin, event.ns));  // it may have been set back
    known->zones.erase(number);
    return hand_on(step);
}

bool GatheredKinds::take(const events::CapturedGpuNoteName& event) {
    if (gpu(event.context) == nullptr) return false;
    return hand_on(events::GpuNoteName{last_ticks_, event.context, static_cast<std::uint64_t>(event.note), event.name});
}

bool GatheredKinds::take(const events::CapturedGpuNote& event) {
    if (gpu(event.context) == nullptr) return false;
    return hand_on(
        events::GpuNote{last_ticks_, event.context, event.query, static_cast<std::uint64_t>(event.note), event.value});
}

bool GatheredKinds::take(const events::CapturedImage& event) {
    return hand_on(
        events::FrameImage{last_ticks_, event.frame, event.width, event.height, event.is_flipped, event.data});
}

bool GatheredKinds::take(const events::CapturedParameter& event) {
    constexpr std::size_t kMostParameters = 4'096;
    if (parameters_.size() >= kMostParameters) return false;
    parameters_.push_back({event.index, event.name, known_or(event.kind, events::ParameterKind::Number), event.value});
    return true;
}

}  // namespace tracypy::drivers
