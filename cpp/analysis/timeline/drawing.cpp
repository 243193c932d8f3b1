#include "analysis/timeline/drawing.hpp"

#include <algorithm>
#include <optional>
#include <ranges>

namespace tracypy::analysis {
namespace {

std::uint64_t width(const RowSummary& boxes) noexcept {
    return static_cast<std::uint64_t>(boxes.end_ns) - static_cast<std::uint64_t>(boxes.start_ns);
}

class Merger {
public:
    Merger(const Row& row, std::uint64_t pixel_ns, std::span<const model::ZoneExtra> extras,
           std::vector<DrawnBox>& boxes)
        : row_(row), pixel_ns_(pixel_ns), extras_(extras), boxes_(boxes) {}

    bool is_narrow(const RowSummary& boxes) const noexcept { return width(boxes) <= pixel_ns_; }

    void take(const RowSummary& next) {
        if (merged_) {
            RowSummary joined = *merged_;
            joined.join(next);
            if (is_narrow(joined)) {
                merged_ = joined;
                return;
            }
            flush();
        }
        merged_ = next;
    }
    void flush() {
        if (!merged_) return;
        const RowZone longest = row_.at(merged_->longest);
        const std::uint32_t extra = row_.extra(merged_->longest);
        const std::uint64_t span = width(*merged_);
        const double covered = span == 0 ? 1 : static_cast<double>(merged_->busy_ns) / static_cast<double>(span);
        boxes_.push_back({static_cast<double>(merged_->start_ns), static_cast<double>(merged_->end_ns),
                          longest.location, merged_->count, merged_->longest, static_cast<std::uint32_t>(covered * 1e6),
                          extra, extra < extras_.size() ? extras_[extra].color : 0});
        merged_.reset();
    }

private:
    const Row& row_;
    std::uint64_t pixel_ns_;
    std::span<const model::ZoneExtra> extras_;
    std::vector<DrawnBox>& boxes_;
    std::optional<RowSummary> merged_;
};

/// The largest entry of the pyramid that begins with this zone, ends by then and is narrow; null if there is none.
const RowSummary* narrow_entry(const Row& row, std::uint32_t zone, std::int64_t to_ns, const Merger& merger) noexcept {
    const RowSummary* best = nullptr;
    for (std::size_t level = 0; level < row.levels() && zone % Row::zones_in(level) == 0; ++level) {
        const RowSummary& entry = row.summary(level, zone / Row::zones_in(level));
        if (!merger.is_narrow(entry) || entry.end_ns > to_ns) break;
        best = &entry;
    }
    return best;
}

RowSummary alone(const RowZone& zone, std::uint32_t number) noexcept {
    return {zone.start_ns, zone.end_ns, zone.duration_ns(), zone.duration_ns(), 0, number, 1};
}

}  // namespace

void draw(const Row& row, std::int64_t from_ns, std::int64_t to_ns, std::int64_t pixel_ns,
          std::span<const model::ZoneExtra> extras, std::vector<DrawnBox>& boxes) {
    Merger merger(row, static_cast<std::uint64_t>(pixel_ns), extras, boxes);
    std::uint32_t zone = row.first_after(from_ns);
    while (zone < row.size()) {
        if (const RowSummary* const entry = narrow_entry(row, zone, to_ns, merger)) {
            merger.take(*entry);
            zone += entry->count;
            continue;
        }
        const RowZone one = row.at(zone);
        if (one.start_ns >= to_ns) break;
        merger.take(alone(one, zone));
        if (one.start_ns < from_ns) merger.flush();  // it belongs to what is drawn to the left of this, too
        ++zone;
    }
    merger.flush();
}

void draw_messages(std::span<const model::Message> messages, std::int64_t from_ns, std::int64_t to_ns,
                   std::int64_t pixel_ns, std::vector<DrawnBox>& boxes) {
    auto next = std::ranges::lower_bound(messages, from_ns, {}, &model::Message::time_ns);
    while (next != messages.end() && next->time_ns < to_ns) {
        const auto rest = std::ranges::subrange(next, messages.end());
        // Those of one moment belong together at any scale.
        const auto end = std::ranges::partition_point(rest, [&](const model::Message& one) {
            return static_cast<std::uint64_t>(one.time_ns) - static_cast<std::uint64_t>(next->time_ns) <=
                   static_cast<std::uint64_t>(pixel_ns);
        });
        boxes.push_back({static_cast<double>(next->time_ns), static_cast<double>((end - 1)->time_ns), next->thread,
                         static_cast<std::uint32_t>(end - next), static_cast<std::uint32_t>(next - messages.begin()), 0,
                         0, next->color});
        next = end;
    }
}

}  // namespace tracypy::analysis
