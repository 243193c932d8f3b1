#include "base/continued.hpp"

#include <string>

#include "base/names.hpp"

namespace tracypy::base {

SourceLocationId continued(Names& names, SourceLocationId location) noexcept {
    try {
        const auto zone = names.locations.find(location);
        if (!zone || location == SourceLocationId::Other) return location;
        const std::string_view function = names.strings.find(zone->function).text;
        if (is_continued(function)) return location;
        const std::string part = std::string(function) + std::string(kContinued);
        const std::string_view own = names.strings.find(zone->name).text;
        const SourceLocationId id = names.locate({part, names.strings.find(zone->file).text, zone->line, zone->color,
                                                  zone->name == StringId::None ? nullptr : &own});
        return id == SourceLocationId::Other ? location : id;
    } catch (...) {
        return location;
    }
}

}  // namespace tracypy::base
