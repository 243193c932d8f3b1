#include "compare_traces.hpp"

#include <algorithm>

namespace tracypy::native_tests {
namespace {

using model::Trace;

bool same_zone(const Trace& left, const model::Zone& a, const Trace& right, const model::Zone& b) {
    const model::SourceLocation& from = left.locations[a.location];
    const model::SourceLocation& to = right.locations[b.location];
    const model::ZoneExtra& had = left.zone_extras[a.extra];
    const model::ZoneExtra& has = right.zone_extras[b.extra];
    return a.start_ns == b.start_ns && a.end_ns == b.end_ns && a.children == b.children && a.depth == b.depth &&
           left.strings.at(from.function) == right.strings.at(to.function) && from.line == to.line &&
           from.color == to.color && left.strings.at(had.text) == right.strings.at(has.text) &&
           left.strings.at(had.name) == right.strings.at(has.name) && had.color == has.color;
}

}  // namespace

bool same_zones(const model::Trace& left, const model::Trace& right) {
    if (left.threads.size() != right.threads.size()) return false;
    for (std::size_t i = 0; i < left.threads.size(); ++i) {
        const model::Thread& a = left.threads[i];
        const model::Thread& b = right.threads[i];
        if (a.id != b.id || left.strings.at(a.name) != right.strings.at(b.name)) return false;
        if (!std::equal(a.zones.begin(), a.zones.end(), b.zones.begin(), b.zones.end(),
                        [&](const model::Zone& x, const model::Zone& y) { return same_zone(left, x, right, y); })) {
            return false;
        }
    }
    return true;
}

bool same_messages(const model::Trace& left, const model::Trace& right) {
    return std::equal(left.messages.begin(), left.messages.end(), right.messages.begin(), right.messages.end(),
                      [&](const model::Message& a, const model::Message& b) {
                          return a.time_ns == b.time_ns && a.thread == b.thread && a.color == b.color &&
                                 left.strings.at(a.text) == right.strings.at(b.text);
                      });
}

bool same_app_info(const model::Trace& left, const model::Trace& right) {
    return std::equal(left.app_info.begin(), left.app_info.end(), right.app_info.begin(), right.app_info.end(),
                      [&](model::TextId a, model::TextId b) { return left.strings.at(a) == right.strings.at(b); });
}

bool same_frames(const model::Trace& left, const model::Trace& right) {
    const auto same_frame = [](const model::Frame& a, const model::Frame& b) {
        return a.start_ns == b.start_ns && a.end_ns == b.end_ns;
    };
    return std::equal(
        left.frame_sets.begin(), left.frame_sets.end(), right.frame_sets.begin(), right.frame_sets.end(),
        [&](const model::FrameSet& a, const model::FrameSet& b) {
            return a.is_continuous == b.is_continuous && left.strings.at(a.name) == right.strings.at(b.name) &&
                   std::equal(a.frames.begin(), a.frames.end(), b.frames.begin(), b.frames.end(), same_frame);
        });
}

}  // namespace tracypy::native_tests
