#include "model/parts.hpp"

#include <algorithm>
#include <numeric>
#include <string_view>

#include "base/continued.hpp"
#include "model/trace.hpp"

namespace tracypy::model {
namespace {

bool is_part_of(const Trace& trace, const SourceLocation& part, const SourceLocation& zone) {
    const auto text = [&trace](TextId id) { return trace.strings.at(id); };
    std::string_view function = text(part.function);
    function.remove_suffix(base::kContinued.size());
    return zone.line == part.line && zone.color == part.color && text(zone.function) == function &&
           text(zone.name) == text(part.name) && text(zone.file) == text(part.file);
}

}  // namespace

Parts::Parts(const Trace& trace) {
    const std::vector<SourceLocation>& locations = trace.locations;
    for (std::size_t i = 0; i < locations.size(); ++i) {
        if (!base::is_continued(trace.strings.at(locations[i].function))) continue;
        const auto zone = std::find_if(locations.begin(), locations.end(),
                                       [&](const SourceLocation& one) { return is_part_of(trace, locations[i], one); });
        if (zone == locations.end()) continue;
        if (whole_.empty()) {
            whole_.resize(locations.size());
            std::iota(whole_.begin(), whole_.end(), LocationIndex{0});
        }
        whole_[i] = static_cast<LocationIndex>(zone - locations.begin());
    }
}

}  // namespace tracypy::model
