// What only a few zones have: text, name, colour, call stack. The first one stands for none of them.
#include "tracefile/sections/input.hpp"
#include "tracefile/sections/list.hpp"
#include "tracefile/sections/output.hpp"

namespace tracypy::tracefile::sections {
namespace {

void write_zone_extras(Output& file) {
    file.count(file.trace.zone_extras.size());
    for (const model::ZoneExtra& extra : file.trace.zone_extras) {
        file.put_24_bits(extra.callstack);
        file.put_24_bits(static_cast<std::uint32_t>(extra.text));
        file.put_24_bits(static_cast<std::uint32_t>(extra.name));
        file.put_24_bits(swap_red_blue(extra.color));
    }
}

void read_zone_extras(Input& file) {
    std::vector<model::ZoneExtra>& extras = file.trace().zone_extras;
    extras.clear();
    const std::uint64_t count = file.count();
    for (std::uint64_t i = 0; i < count; ++i) {
        model::ZoneExtra& extra = extras.emplace_back();
        extra.callstack = file.get_24_bits();
        extra.text = file.short_reference();
        extra.name = file.short_reference();
        extra.color = swap_red_blue(file.get_24_bits());
    }
    if (extras.empty()) throw FormatError("the trace file is damaged: its first extra of zones is missing");
}

}  // namespace

const Section kZoneExtras{.write = write_zone_extras, .read = read_zone_extras};

}  // namespace tracypy::tracefile::sections
