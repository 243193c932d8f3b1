#include "recorder/zone_rows.hpp"

#include <algorithm>
#include <string>

#include "base/log.hpp"
#include "base/names.hpp"
#include "recorder/recorder.hpp"

namespace tracypy::recorder {
namespace {

constexpr unsigned kIndexBits = 8;
static_assert(ZoneRows::kMost <= std::size_t{1} << kIndexBits);

}  // namespace

void ZoneRows::name(Row& row) {
    base::ThreadNames& names = recorder_.names().threads;
    if (row.named == names.version()) return;
    std::string name = names.find(row.thread) + ": zones";
    if (row.number > 1) name += " " + std::to_string(row.number);
    if (names.find(row.buffer->id()) != name) names.set(row.buffer->id(), name);
    row.named = names.version();
}

void ZoneRows::give_back(Row& row) noexcept {
    row.buffer->finished.store(true, std::memory_order_release);  // the drain frees it
    row.buffer = nullptr;
    row.key = 0;
}

ZoneRows::Row* ZoneRows::free_row(base::ThreadId thread, base::Ticks begun) noexcept {
    for (Row& row : rows_) {
        if (row.buffer != nullptr && row.thread == thread && row.key == 0 && row.last_end <= begun) return &row;
    }
    return nullptr;
}

bool ZoneRows::add_row(base::ThreadId thread) noexcept {
    ThreadBuffer* const buffer = recorder_.add_row();
    if (buffer == nullptr) return false;
    const std::lock_guard lock(mutex_);
    try {
        auto place = std::find_if(rows_.begin(), rows_.end(), [](const Row& row) { return row.buffer == nullptr; });
        if (place == rows_.end() && rows_.size() < kMost) place = rows_.emplace(rows_.end());
        if (place != rows_.end()) {
            std::size_t number = 1;
            for (const Row& row : rows_) number += row.buffer != nullptr && row.thread == thread ? 1 : 0;
            *place = {buffer, thread, number, 0, 0, 0, false};
            return true;
        }
    } catch (...) {
        // Out of memory: no row.
    }
    buffer->finished.store(true, std::memory_order_release);
    if (!told_full_) {
        told_full_ = true;
        base::log(base::LogLevel::Warning, "more than " + std::to_string(kMost) +
                                               " zones of coroutines are open at once: further ones are shown among "
                                               "the calls of their thread, in parts");
    }
    return false;
}

ZoneKey ZoneRows::begin(base::ThreadId thread, base::Ticks begun, base::SourceLocationId location,
                        base::CallstackId callstack) noexcept {
    const std::uint64_t session = recorder_.epoch();
    if (!recorder_.pool().has_room()) recorder_.wait_for_room();  // never with the mutex
    if (recorder_.epoch() != session) return 0;
    return begin_at_once(thread, begun, location, callstack);
}

ZoneKey ZoneRows::begin_at_once(base::ThreadId thread, base::Ticks begun, base::SourceLocationId location,
                                base::CallstackId callstack) noexcept {
    if (recorder_.tells_at_once()) return 0;  // no thread would tell of it
    for (;;) {
        {
            const std::lock_guard lock(mutex_);
            if (Row* const row = free_row(thread, begun)) {
                try {
                    name(*row);
                } catch (...) {
                    // Out of memory: it keeps the name it has.
                }
                const auto index = static_cast<ZoneKey>(row - rows_.data());
                row->key = (++last_serial_ << kIndexBits | index) << kKeyBits | kOnRow | kByHand;
                row->buffer->begin_at(begun, {row->key, location, callstack});
                return row->key;
            }
        }
        // Somebody else who begins a zone of that thread may take the new row: then there is another, or no room.
        if (!add_row(thread)) return 0;
    }
}

ZoneRows::Row* ZoneRows::row_of(ZoneKey key) noexcept {
    const std::size_t index = key >> kKeyBits & ((ZoneKey{1} << kIndexBits) - 1);
    return index < rows_.size() && rows_[index].buffer != nullptr && rows_[index].key == key ? &rows_[index] : nullptr;
}

void ZoneRows::end(ZoneKey key, base::Ticks tick, const Remarks& remarks) noexcept {
    const std::lock_guard lock(mutex_);
    Row* const row = row_of(key);
    if (row == nullptr) return;
    for (const Remark& remark : remarks) row->buffer->write(remark);
    row->buffer->end_down_to(0, tick);
    row->last_end = tick;
    row->key = 0;
    if (row->is_orphaned) give_back(*row);
}

void ZoneRows::remark(ZoneKey key, const Remark& remark) noexcept {
    const std::lock_guard lock(mutex_);
    if (Row* const row = row_of(key)) row->buffer->write(remark);
}

void ZoneRows::thread_exits(base::ThreadId thread) noexcept {
    const std::lock_guard lock(mutex_);
    for (Row& row : rows_) {
        if (row.buffer == nullptr || row.thread != thread) continue;
        row.is_orphaned = true;
        if (row.key == 0) give_back(row);
    }
}

void ZoneRows::clear() noexcept {
    const std::lock_guard lock(mutex_);
    rows_.clear();
}

}  // namespace tracypy::recorder
