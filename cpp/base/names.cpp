#include "base/names.hpp"

namespace tracypy::base {

StringId LimitedNames::intern(std::string_view name) {
    const std::lock_guard lock(mutex_);
    const StringId known = strings_.known(name);
    if (known != StringId::None && names_.contains(known)) return known;
    if (names_.size() >= kMost || !strings_.has_room()) return strings_.intern(others_);
    const StringId id = strings_.intern(name);
    names_.insert(id);
    return id;
}

SourceLocationId Names::locate(const NewLocation& location, bool may_add) {
    SourceLocation found;
    found.line = location.line;
    found.color = location.color;
    const bool has_room = may_add && locations.has_room() && strings.has_room();
    const auto id_of = [&](std::string_view text) { return has_room ? strings.intern(text) : strings.known(text); };
    found.function = id_of(location.function);
    found.file = id_of(location.file);
    if (location.name != nullptr) found.name = id_of(*location.name);
    if (has_room) return locations.intern(found);
    const bool has_unknown_name = location.name != nullptr && found.name == StringId::None;
    return has_unknown_name ? SourceLocationId::Other : locations.known(found);
}

StringId Names::keep(std::string_view text) {
    const StringId kept = strings.intern_if_room(text);
    if (kept != StringId::None) return kept;
    ++left_out;
    return strings.intern(kNoRoom);
}

std::size_t Names::bytes() const noexcept {
    return strings.bytes() + locations.size() * SourceLocationTable::kBytesEach + callstacks.native_bytes();
}

Names& names() noexcept {
    static Names* const tables = [] {
        auto* const made = new Names;  // leaked on purpose: daemon threads outlive static destructors
        made->strings.set_limit_bytes(Names::kMaxBytes);
        return made;
    }();
    return *tables;
}

}  // namespace tracypy::base
