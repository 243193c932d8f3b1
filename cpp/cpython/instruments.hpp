// What is recorded besides calls, each by a switch of its own. One row of a table is one switch; what it does lies
// elsewhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tracypy::cpython {

/// The switches, in the order of the table.
enum class Switch : std::uint8_t { Exceptions, Plots, Memory, MemoryCallstacks, Gc, CCalls, LogArgs };

/// What a switch is set to: on or off, or how much; or patterns.
struct SwitchValue {
    std::int64_t number = 0;
    std::vector<std::string> texts;
    bool is_on() const noexcept { return number != 0 || !texts.empty(); }
    friend bool operator==(const SwitchValue&, const SwitchValue&) = default;
};

struct Instrument {
    const char* name;  // as in src/tracypy/filters.py
    /// Is called when another value is in force from now on: one that is off between sessions. Holds the GIL and
    /// ControlLock, and leaves no error set. Null where events of sys.monitoring (handlers.cpp) are all there is to it.
    void (*set)(const SwitchValue& value) noexcept = nullptr;
    /// In force during a session, and nothing is enabled that says otherwise.
    std::int64_t at_rest = 0;
    /// Why this interpreter cannot have it on; null where it can.
    const char* obstacle = nullptr;
};

/// One row for each Switch.
std::span<const Instrument> instrument_table() noexcept;

/// The values of all switches. Immutable, and cheap to copy.
class Instruments {
public:
    /// All of them off.
    Instruments() noexcept = default;
    /// One value for each row. Throws std::bad_alloc.
    explicit Instruments(std::vector<SwitchValue> values)
        : values_(std::make_shared<const std::vector<SwitchValue>>(std::move(values))) {}
    /// What counts during a session and nothing is enabled. Throws std::bad_alloc, the first time only.
    static const Instruments& at_rest();

    const SwitchValue& value(std::size_t row) const noexcept;
    bool is_on(Switch which) const noexcept { return value(static_cast<std::size_t>(which)).is_on(); }
    friend bool operator==(const Instruments& one, const Instruments& other) noexcept {
        return one.values_ == other.values_ ||
               (one.values_ != nullptr && other.values_ != nullptr && *one.values_ == *other.values_);
    }

private:
    std::shared_ptr<const std::vector<SwitchValue>> values_;
};

/// Tells each row whose value is another one than in `before`.
void set_instruments(const Instruments& before, const Instruments& now) noexcept;

}  // namespace tracypy::cpython
