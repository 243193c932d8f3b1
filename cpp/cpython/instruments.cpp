#include "cpython/instruments.hpp"

#include <array>

#include "cpython/built_in_plots.hpp"
#include "cpython/call_values.hpp"
#include "cpython/gc_zones.hpp"
#include "cpython/memory_hooks.hpp"

namespace tracypy::cpython {
namespace {

constexpr const char* kNoMemoryHooks =
    "memory cannot be recorded by an interpreter without the GIL, whose allocators cannot be exchanged while threads "
    "use them; memory_alloc() and memory_free() work there";

void set_memory(const SwitchValue& value) noexcept {
    set_memory_hooks(static_cast<std::uint64_t>(value.number));
}

void set_callstacks_of_memory(const SwitchValue& value) noexcept {
    set_memory_callstacks(static_cast<unsigned>(value.number));
}

constexpr std::array kTable{
    Instrument{.name = "exceptions"},
    Instrument{.name = "plots", .set = [](const SwitchValue& value) noexcept { want_plots(plots_of(value.texts)); }},
    Instrument{.name = "memory", .set = set_memory, .obstacle = kHasMemoryHooks ? nullptr : kNoMemoryHooks},
    Instrument{.name = "memory_callstacks", .set = set_callstacks_of_memory},
    Instrument{.name = "gc", .set = set_gc_zones, .at_rest = 1},
    Instrument{.name = "c_calls"},
    Instrument{.name = "log_args", .set = set_logged_functions},
};

const SwitchValue kOff;

}  // namespace

std::span<const Instrument> instrument_table() noexcept {
    return kTable;
}

const Instruments& Instruments::at_rest() {
    static const Instruments values = [] {
        std::vector<SwitchValue> all;
        for (const Instrument& row : kTable) all.push_back({row.at_rest, {}});
        return Instruments(std::move(all));
    }();
    return values;
}

const SwitchValue& Instruments::value(std::size_t row) const noexcept {
    return values_ != nullptr ? (*values_)[row] : kOff;
}

void set_instruments(const Instruments& before, const Instruments& now) noexcept {
    for (std::size_t row = 0; row < kTable.size(); ++row) {
        if (kTable[row].set != nullptr && !(before.value(row) == now.value(row))) kTable[row].set(now.value(row));
    }
}

}  // namespace tracypy::cpython
