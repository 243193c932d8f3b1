#include "recorder/lock_records.hpp"

#include "recorder/recorder.hpp"

namespace tracypy::recorder {
namespace {

/// One that so many threads have used is nearly used up: those of the next lock may be others.
constexpr std::size_t kMostThreadsOfSpare = LockRecord::kMostThreads / 2;

}  // namespace

LockRecord* LockRecords::take(base::SourceLocationId place, bool is_shared, base::Ticks made) {
    const std::lock_guard lock(mutex_);
    std::vector<LockRecord*>& spares = spares_[{place, is_shared}];
    if (!spares.empty()) {
        LockRecord* const spare = spares.back();
        spares.pop_back();
        return spare;
    }
    const auto number = static_cast<std::uint32_t>(entries_.size());
    auto record = std::make_unique<LockRecord>(recorder_, number, is_shared);
    entries_.push_back({std::move(record), {place, is_shared}});
    const events::LockAnnounce announce{.lock = number, .made = made, .location = place, .is_shared = is_shared};
    if (recorder_.define(announce)) return entries_.back().record.get();
    entries_.pop_back();
    return nullptr;
}

void LockRecords::give_back(LockRecord* record) noexcept {
    const std::lock_guard lock(mutex_);
    try {
        if (record->threads() <= kMostThreadsOfSpare) {
            spares_[entries_[record->lock()].place].push_back(record);
        }
    } catch (...) {
        // Out of memory: the number is not used again.
    }
}

}  // namespace tracypy::recorder
