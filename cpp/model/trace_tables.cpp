#include "model/trace_tables.hpp"

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

TraceTables::TraceTables(const base::Names& names, base::Ticks start) : names_(names), start_(start) {
    location_of(0);  // "other functions": where a writer puts locations for which a file has no room
    trace_.frame_sets[0].frames.assign(kStartFrames, Frame{start, kOpen});
}

std::uint32_t TraceTables::add_thread(base::ThreadId id) {
    trace_.threads.emplace_back();
    trace_.threads.back().id = static_cast<std::uint32_t>(id);
    return static_cast<std::uint32_t>(trace_.threads.size() - 1);
}

TextId TraceTables::text_of(base::StringId id) {
    if (id == base::StringId::None) return TextId::None;
    return trace_.strings.intern(names_.strings.find(id).text);
}

LocationIndex TraceTables::new_location(std::uint64_t id) {
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

void TraceTables::message(const Word* event, base::Ticks tick, std::uint32_t thread) {
    Message entry{.time_ns = tick};
    entry.text = trace_.strings.intern(text_at(event + 2, event[1] >> 32));
    entry.thread = thread;
    entry.color = static_cast<std::uint32_t>(event[1]);
    trace_.messages.push_back(entry);
}

void TraceTables::zone_detail(const Word* event, std::uint32_t& extra) {
    const Kind kind = events::kind_of(event[0]);
    const Word payload = events::payload_of(event[0]);
    if (extra == 0) {
        extra = static_cast<std::uint32_t>(trace_.zone_extras.size());
        trace_.zone_extras.emplace_back();
    }
    ZoneExtra& entry = trace_.zone_extras[extra];
    if (kind == Kind::ZoneText) {
        add_zone_text(entry, text_at(event + 1, payload));
    } else if (kind == Kind::ZoneName) {
        entry.name = trace_.strings.intern(text_at(event + 1, payload));
    } else if (kind == Kind::ZoneValue) {
        char text[64];  // as viewers from 0.12 on spell it
        const int size = std::snprintf(text, sizeof(text), "%llu [0x%llx]", static_cast<unsigned long long>(event[1]),
                                       static_cast<unsigned long long>(event[1]));
        add_zone_text(entry, {text, static_cast<std::size_t>(size)});
    } else {
        entry.color = static_cast<std::uint32_t>(payload);
    }
}

void TraceTables::add_zone_text(ZoneExtra& extra, std::string_view text) {
    if (extra.text == TextId::None) {
        extra.text = trace_.strings.intern(text);
        return;
    }
    std::string joined(trace_.strings.at(extra.text));
    joined += '\n';
    joined += text;
    extra.text = trace_.strings.intern(joined);
}

FrameSet& TraceTables::frame_set_of(const events::FrameMark& mark) {
    if (mark.name == base::StringId::None) return trace_.frame_sets[0];
    const bool is_continuous = mark.kind == events::FrameMark::Kind::Continuous;
    const std::uint64_t key = static_cast<std::uint64_t>(mark.name) << 1 | (is_continuous ? 1 : 0);
    const auto [entry, is_new] = frame_sets_.try_emplace(key, trace_.frame_sets.size());
    if (is_new) trace_.frame_sets.push_back({text_of(mark.name), is_continuous, {}});
    return trace_.frame_sets[entry->second];
}

void TraceTables::frame_marks(std::span<const events::FrameMark> marks) {
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

void TraceTables::scale_times(const TimeScale& to_ns) {
    std::int64_t last = 0;
    for (Message& message : trace_.messages) {
        message.time_ns = to_ns(message.time_ns);
        last = std::max(last, message.time_ns);
    }
    for (FrameSet& set : trace_.frame_sets) {
        for (Frame& frame : set.frames) {
            frame.start_ns = to_ns(frame.start_ns);
            if (frame.end_ns != kOpen) frame.end_ns = to_ns(frame.end_ns);
            last = std::max({last, frame.start_ns, frame.end_ns});
        }
    }
    trace_.info.last_time_ns = last;
}

Trace TraceTables::finish(TraceInfo info) {
    for (Thread& thread : trace_.threads) {
        thread.name = trace_.strings.intern(names_.threads.find(static_cast<base::ThreadId>(thread.id)));
    }
    trace_.info = std::move(info);
    scale_times({start_, trace_.info.ns_per_tick});
    std::stable_sort(trace_.messages.begin(), trace_.messages.end(),
                     [](const Message& left, const Message& right) { return left.time_ns < right.time_ns; });
    return std::move(trace_);
}

}  // namespace tracypy::model
