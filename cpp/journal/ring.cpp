#include "journal/ring.hpp"

#include <algorithm>
#include <utility>

namespace tracypy::journal {

Ring::Ring(SegmentStore& store, const base::Names& names, JournalInfo info, const RingLimits& limits, OpenZones& open,
           const events::DefinitionTable& definitions, std::function<model::TraceInfo()> about)
    : store_(store),
      names_(names),
      info_(std::move(info)),
      limits_(limits),
      open_(open),
      definitions_(definitions),
      about_(std::move(about)) {
    begin_segment(base::read_clock(), info_.start);
}

bool Ring::is_full(std::int64_t now_ns) const noexcept {
    return writer_->bytes() >= limits_.bytes / kSegments ||
           static_cast<double>(now_ns - segments_.back().begin_ns) * 1e-9 >= limits_.seconds / kSegments;
}

void Ring::turn_if_full(const base::ClockReading& now, base::Ticks begin) {
    if (!is_full(now.nanoseconds)) return;
    writer_->flush_up_to(now);
    segments_.back().bytes = writer_->bytes();
    older_bytes_ += writer_->bytes();
    info_.about = about_();
    begin_segment(now, begin);
    while (segments_.size() > 1 && is_first_out_of_date(now.nanoseconds)) {
        older_bytes_ -= segments_.front().bytes;
        store_.forget(segments_.front().number);
        segments_.pop_front();
    }
}

// The segment that begins here will grow to one part of what is kept.
bool Ring::is_first_out_of_date(std::int64_t now_ns) const noexcept {
    if (older_bytes_ > limits_.bytes - limits_.bytes / kSegments) return true;
    return static_cast<double>(now_ns - segments_[1].begin_ns) * 1e-9 >= limits_.seconds;
}

void Ring::begin_segment(const base::ClockReading& now, base::Ticks begin) {
    const std::uint64_t number = segments_.empty() ? 0 : segments_.back().number + 1;
    io::ByteSink& sink = store_.begin(number);
    writer_ = std::make_unique<JournalWriter>(sink, names_, info_, begin_ = std::max(begin_, begin));
    segments_.push_back({number, now.nanoseconds, 0});
    for (const events::DefinitionTable::Row& row : definitions_.rows()) {
        std::visit([this](const auto& definition) { writer_->carry(definition); }, row.definition);
    }
    for (const events::ThreadBatch& batch : open_.open_zones()) writer_->carry(batch);
    for (const events::FrameMark& mark : open_.open_frames()) writer_->carry(mark);
    for (const auto& entry : open_.open_sections()) writer_->carry(entry.second);
    writer_->flush_up_to(now);
}

}  // namespace tracypy::journal
