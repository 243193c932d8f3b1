#include "base/source_locations.hpp"

#include "base/string_table.hpp"

namespace tracypy::base {

std::size_t SourceLocationTable::Hash::operator()(const SourceLocation& location) const noexcept {
    std::uint64_t hash = 0;
    const std::uint64_t parts[] = {
        static_cast<std::uint64_t>(location.name), static_cast<std::uint64_t>(location.function),
        static_cast<std::uint64_t>(location.file), (std::uint64_t{location.color} << 32) | location.line};
    for (const std::uint64_t part : parts) {
        hash = (hash ^ part) * 0x9E3779B97F4A7C15ull;
        hash ^= hash >> 29;
    }
    return static_cast<std::size_t>(hash);
}

SourceLocationTable::SourceLocationTable(StringTable& strings) {
    SourceLocation other;
    other.function = strings.intern("other functions");
    other.file = strings.intern("(more functions than a trace can hold)");
    locations_.push_back(other);
    ids_.emplace(other, SourceLocationId::Other);
}

SourceLocationId SourceLocationTable::intern(const SourceLocation& location) {
    const std::lock_guard lock(mutex_);
    if (const auto found = ids_.find(location); found != ids_.end()) return found->second;
    if (locations_.size() >= kMaxLocations) return SourceLocationId::Other;
    const auto id = static_cast<SourceLocationId>(locations_.size());
    locations_.push_back(location);
    ids_.emplace(location, id);
    return id;
}

SourceLocationId SourceLocationTable::known(const SourceLocation& location) const {
    const std::lock_guard lock(mutex_);
    const auto found = ids_.find(location);
    return found != ids_.end() ? found->second : SourceLocationId::Other;
}

void SourceLocationTable::mark(SourceLocationId id) {
    const std::lock_guard lock(mutex_);
    if (id != SourceLocationId::Other) locations_[static_cast<std::size_t>(id)].is_marked = true;
}

SourceLocationId SourceLocationTable::reserve() {
    const std::lock_guard lock(mutex_);
    if (locations_.size() >= kMaxLocations) return SourceLocationId::Other;
    locations_.emplace_back();
    return static_cast<SourceLocationId>(locations_.size() - 1);
}

void SourceLocationTable::fill(SourceLocationId id, const SourceLocation& location) {
    const std::lock_guard lock(mutex_);
    if (id != SourceLocationId::Other) locations_[static_cast<std::size_t>(id)] = location;
}

std::optional<SourceLocation> SourceLocationTable::find(SourceLocationId id) const noexcept {
    const std::lock_guard lock(mutex_);
    const auto index = static_cast<std::size_t>(id);
    if (index >= locations_.size()) return std::nullopt;
    return locations_[index];
}

std::size_t SourceLocationTable::size() const noexcept {
    const std::lock_guard lock(mutex_);
    return locations_.size();
}

}  // namespace tracypy::base
