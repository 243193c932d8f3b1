#include "model/trace_builder.hpp"

#include <algorithm>
#include <cstdio>
#include <string>
#include <utility>

#include "base/string_table.hpp"

namespace tracypy::model {
namespace {

using events::Kind;
using events::Word;

std::string_view text_at(const Word* words, std::size_t bytes) noexcept {
    return {reinterpret_cast<const char*>(words), bytes};
}

}  // namespace

TraceBuilder::TraceBuilder(const base::Names& names, base::Ticks start) : names_(names), start_(start) {
    location_of(0);  // "other functions": where a writer puts locations for which a file has no room
    trace_.frame_sets[0].frames.assign(kStartFrames, Frame{start, kOpen});
}

TraceBuilder::OpenThread& TraceBuilder::thread_of(base::ThreadId id) {
    const auto [entry, is_new] = threads_.try_emplace(id);
    if (is_new) {
        entry->second = {static_cast<std::uint32_t>(trace_.threads.size()), start_, {}};
        trace_.threads.emplace_back();
        trace_.threads.back().id = static_cast<std::uint32_t>(id);
    }
    return entry->second;
}

TextId TraceBuilder::text_of(base::StringId id) {
    if (id == base::StringId::None) return TextId::None;
    return trace_.strings.intern(names_.strings.find(id).text);
}

LocationIndex TraceBuilder::location_of(std::uint64_t id) {
    if (id < locations_.size() && locations_[id] != 0) [[likely]] {
        return locations_[id] - 1;
    }
    return new_location(id);
}

LocationIndex TraceBuilder::new_location(std::uint64_t id) {
    const auto found = names_.locations.find(static_cast<base::SourceLocationId>(id));
    if (!found || id >= base::SourceLocationTable::kMaxLocations) return 0;
    if (id >= locations_.size()) {
        locations_.resize(std::min(base::SourceLocationTable::kMaxLocations, 2 * static_cast<std::size_t>(id) + 64), 0);
    }
    trace_.locations.push_back(
        {text_of(found->name), text_of(found->function), text_of(found->file), found->line, found->color});
    locations_[id] = static_cast<LocationIndex>(trace_.locations.size());
    return locations_[id] - 1;
}

void TraceBuilder::thread_batch(const events::ThreadBatch& batch) {
    OpenThread& thread = thread_of(batch.thread);
    ZoneTable& zones = trace_.threads[thread.index].zones;
    const Word* event = batch.words.data();
    const Word* const end = event + batch.words.size();
    while (event < end) {
        const Word head = event[0];
        const Kind kind = events::kind_of(head);
        if (kind == Kind::ZoneBegin && end - event >= 2) {
            thread.last_tick = std::max(thread.last_tick, static_cast<base::Ticks>(events::payload_of(head)));
            const LocationIndex location = location_of(event[1]);
            const auto depth = static_cast<std::uint32_t>(thread.open.size());
            if (depth != 0) ++zones[thread.open.back()].children;
            thread.open.push_back(static_cast<std::uint32_t>(zones.size()));
            zones.push_back({thread.last_tick, kOpen, location, 0, 0, depth});
            event += 2;
        } else if (kind == Kind::ZoneEnd) {
            ++event;
            if (thread.open.empty()) [[unlikely]] {
                ++dropped_events_;
                continue;
            }
            thread.last_tick = std::max(thread.last_tick, static_cast<base::Ticks>(events::payload_of(head)));
            zones[thread.open.back()].end_ns = thread.last_tick;
            thread.open.pop_back();
        } else {
            if (!events::is_whole(event, end)) [[unlikely]] {
                ++dropped_events_;
                break;
            }
            rare_event(event, thread);
            event += events::event_words(event);
        }
    }
}

void TraceBuilder::rare_event(const Word* event, OpenThread& thread) {
    const Kind kind = events::kind_of(event[0]);
    const Word payload = events::payload_of(event[0]);
    if (kind == Kind::Message) {
        thread.last_tick = std::max(thread.last_tick, static_cast<base::Ticks>(payload));
        message(thread.last_tick, text_at(event + 2, event[1] >> 32), static_cast<std::uint32_t>(event[1]),
                thread.index);
        return;
    }
    if (thread.open.empty()) {
        ++dropped_events_;
        return;
    }
    Zone& zone = trace_.threads[thread.index].zones[thread.open.back()];
    if (kind == Kind::ZoneText) {
        add_zone_text(zone, text_at(event + 1, payload));
    } else if (kind == Kind::ZoneName) {
        extra_of(zone).name = trace_.strings.intern(text_at(event + 1, payload));
    } else if (kind == Kind::ZoneValue) {
        char text[64];  // as viewers from 0.12 on spell it
        const int size = std::snprintf(text, sizeof(text), "%llu [0x%llx]", static_cast<unsigned long long>(event[1]),
                                       static_cast<unsigned long long>(event[1]));
        add_zone_text(zone, {text, static_cast<std::size_t>(size)});
    } else {
        extra_of(zone).color = static_cast<std::uint32_t>(payload);
    }
}

void TraceBuilder::message(base::Ticks tick, std::string_view text, std::uint32_t color, std::uint32_t thread) {
    Message entry{.time_ns = tick};
    entry.text = trace_.strings.intern(text);
    entry.thread = thread;
    entry.color = color;
    trace_.messages.push_back(entry);
}

ZoneExtra& TraceBuilder::extra_of(Zone& zone) {
    if (zone.extra == 0) {
        zone.extra = static_cast<std::uint32_t>(trace_.zone_extras.size());
        trace_.zone_extras.emplace_back();
    }
    return trace_.zone_extras[zone.extra];
}

void TraceBuilder::add_zone_text(Zone& zone, std::string_view text) {
    ZoneExtra& extra = extra_of(zone);
    if (extra.text == TextId::None) {
        extra.text = trace_.strings.intern(text);
        return;
    }
    std::string joined(trace_.strings.at(extra.text));
    joined += '\n';
    joined += text;
    extra.text = trace_.strings.intern(joined);
}

FrameSet& TraceBuilder::frame_set_of(const events::FrameMark& mark) {
    if (mark.name == base::StringId::None) return trace_.frame_sets[0];
    const bool is_continuous = mark.kind == events::FrameMark::Kind::Continuous;
    const std::uint64_t key = static_cast<std::uint64_t>(mark.name) << 1 | (is_continuous ? 1 : 0);
    const auto [entry, is_new] = frame_sets_.try_emplace(key, trace_.frame_sets.size());
    if (is_new) trace_.frame_sets.push_back({text_of(mark.name), is_continuous, {}});
    return trace_.frame_sets[entry->second];
}

void TraceBuilder::frame_marks(std::span<const events::FrameMark> marks) {
    for (const events::FrameMark& mark : marks) {
        std::vector<Frame>& frames = frame_set_of(mark).frames;
        if (mark.kind != events::FrameMark::Kind::End) {
            frames.push_back({std::max(mark.ticks, start_), kOpen});
        } else if (!frames.empty() && frames.back().end_ns == kOpen) {
            frames.back().end_ns = std::max(mark.ticks, frames.back().start_ns);
        } else {
            ++dropped_events_;
        }
    }
}

void TraceBuilder::scale_times(double ns_per_tick) {
    std::int64_t last = 0;
    const auto to_ns = [start = start_, ns_per_tick](std::int64_t& tick) {
        tick = static_cast<std::int64_t>(static_cast<double>(tick - start) * ns_per_tick);
    };
    for (Thread& thread : trace_.threads) {
        for (Zone& zone : thread.zones) {
            to_ns(zone.start_ns);
            to_ns(zone.end_ns);
            last = std::max(last, zone.end_ns);
        }
    }
    for (Message& message : trace_.messages) {
        to_ns(message.time_ns);
        last = std::max(last, message.time_ns);
    }
    for (FrameSet& set : trace_.frame_sets) {
        for (Frame& frame : set.frames) {
            to_ns(frame.start_ns);
            if (frame.end_ns != kOpen) to_ns(frame.end_ns);
            last = std::max({last, frame.start_ns, frame.end_ns});
        }
    }
    trace_.info.last_time_ns = last;
}

Trace TraceBuilder::finish(base::Ticks now, TraceInfo info) {
    for (auto& [id, open] : threads_) {
        Thread& thread = trace_.threads[open.index];
        thread.name = trace_.strings.intern(names_.threads.find(id));
        for (const std::uint32_t zone : open.open) thread.zones[zone].end_ns = std::max(now, open.last_tick);
    }
    threads_.clear();
    trace_.info = std::move(info);
    scale_times(trace_.info.ns_per_tick);
    std::stable_sort(trace_.messages.begin(), trace_.messages.end(),
                     [](const Message& left, const Message& right) { return left.time_ns < right.time_ns; });
    return std::move(trace_);
}

}  // namespace tracypy::model
