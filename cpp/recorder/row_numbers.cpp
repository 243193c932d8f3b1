#include "recorder/row_numbers.hpp"

namespace tracypy::recorder {

RowNumbers::Row RowNumbers::take(std::uint64_t native_id) {
    if (used_.size() >= kMostOwn) return {share(), false};
    auto candidate = static_cast<std::uint32_t>(native_id);
    if (candidate == 0 || candidate >= 0x8000'0000u || !used_.insert(candidate).second) {
        candidate = next_synthetic_++;
        used_.insert(candidate);
    }
    return {static_cast<base::ThreadId>(candidate), true};
}

base::ThreadId RowNumbers::take_synthetic() {
    if (used_.size() >= kMostOwn) return base::ThreadId::None;
    used_.insert(next_synthetic_);
    return static_cast<base::ThreadId>(next_synthetic_++);
}

base::ThreadId RowNumbers::share() {
    if (free_shared_.empty()) free_shared_.push_back(static_cast<base::ThreadId>(next_synthetic_++));
    const base::ThreadId id = free_shared_.back();
    names_.set(id, base::shared_row_name(++shared_[id]));
    free_shared_.pop_back();
    is_sharing_.store(true, std::memory_order_relaxed);
    return id;
}

void RowNumbers::keep(const Row& row) {
    if (row.is_own) {
        used_.insert(static_cast<std::uint32_t>(row.id));
    } else {
        names_.set(row.id, base::shared_row_name(shared_[row.id] = 1));
    }
}

void RowNumbers::give_back(const Row& row) {
    // The name stays: the viewer may ask for it later.
    if (!row.is_own) free_shared_.push_back(row.id);
}

void RowNumbers::clear() noexcept {
    used_.clear();
    shared_.clear();
    free_shared_.clear();
    is_sharing_.store(false, std::memory_order_relaxed);
}

}  // namespace tracypy::recorder
