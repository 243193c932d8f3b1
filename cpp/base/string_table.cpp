#include "base/string_table.hpp"

namespace tracypy::base {

std::string_view cut_utf8(std::string_view text, std::size_t max_bytes) noexcept {
    if (text.size() <= max_bytes) return text;
    std::size_t end = max_bytes;
    // 10xxxxxx continues a sequence: step back to the byte that starts it.
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0u) == 0x80u) --end;
    return text.substr(0, end);
}

StringId StringTable::intern(std::string_view text) {
    const std::lock_guard lock(mutex_);
    return intern_cut(cut_utf8(text, kMaxStringBytes), static_cast<std::size_t>(-1));
}

StringId StringTable::intern_if_room(std::string_view text) {
    const std::lock_guard lock(mutex_);
    return intern_cut(cut_utf8(text, kMaxStringBytes), limit_bytes_);
}

// With the mutex.
StringId StringTable::intern_cut(std::string_view text, std::size_t limit_bytes) {
    if (const auto found = ids_.find(text); found != ids_.end()) return found->second;
    if (bytes_ >= limit_bytes) return StringId::None;
    const std::string& stored = strings_.emplace_back(text);
    const auto id = static_cast<StringId>(strings_.size());  // from 1: 0 means "no string"
    ids_.emplace(stored, id);
    bytes_ += stored.size() + kBytesPerString;
    return id;
}

StringId StringTable::known(std::string_view text) const {
    text = cut_utf8(text, kMaxStringBytes);
    const std::lock_guard lock(mutex_);
    const auto found = ids_.find(text);
    return found != ids_.end() ? found->second : StringId::None;
}

void StringTable::set_limit_bytes(std::size_t bytes) noexcept {
    const std::lock_guard lock(mutex_);
    limit_bytes_ = bytes;
}

bool StringTable::has_room() const noexcept {
    const std::lock_guard lock(mutex_);
    return bytes_ < limit_bytes_;
}

std::size_t StringTable::bytes() const noexcept {
    const std::lock_guard lock(mutex_);
    return bytes_;
}

StringId StringTable::reserve() {
    const std::lock_guard lock(mutex_);
    strings_.emplace_back();
    bytes_ += kBytesPerString;
    return static_cast<StringId>(strings_.size());
}

void StringTable::fill(StringId id, std::string_view text) {
    const std::lock_guard lock(mutex_);
    std::string& filled = strings_[static_cast<std::uint64_t>(id) - 1];
    filled = cut_utf8(text, kMaxStringBytes);
    bytes_ += filled.size();
}

StringTable::Lookup StringTable::find(StringId id) const noexcept {
    const std::lock_guard lock(mutex_);
    const auto index = static_cast<std::uint64_t>(id);
    if (index == 0 || index > strings_.size()) return {{}, false};
    return {strings_[index - 1], true};
}

}  // namespace tracypy::base
