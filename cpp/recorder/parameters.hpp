// Values of the program that a viewer may set. Each viewer that comes is told of them, with what they are then.
//
// Any thread. A parameter stays for the life of the process, and so does its address; there are at most as many as
// there is room for definitions of a kind.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <mutex>

#include "events/vocabulary.hpp"
#include "recorder/definitions.hpp"

namespace tracypy::recorder {

struct Parameter {
    Parameter(std::uint32_t its_index, base::StringId its_name, events::ParameterKind its_kind) noexcept
        : index(its_index), name(its_name), kind(its_kind) {}

    const std::uint32_t index;
    const base::StringId name;
    const events::ParameterKind kind;
    std::atomic<std::int32_t> value{0};
    std::atomic<bool> was_set{false};  // by a viewer, and whoever takes it back tells the program
    std::int32_t least = 0, most = 0;  // of the table's mutex
};

class Parameters {
public:
    struct Range {
        std::int32_t least, most;
    };

    explicit Parameters(Definitions& definitions) noexcept : definitions_(definitions) {}

    /// The parameter of that name, and what it is from now on: new, or as it was with its kind. Null: there is no room
    /// for another one. Throws std::bad_alloc.
    Parameter* make(base::StringId name, events::ParameterKind kind, std::int32_t value, Range range);
    /// A viewer wants it so; what is out of range becomes the nearest value. False: there is no such parameter.
    bool set(std::uint32_t index, std::int32_t value) noexcept;
    /// `told(parameter)` for each that was set since the last time. Holds no lock while it runs.
    template <typename Told>
    void take_set(const Told& told) {
        for (std::uint32_t index = 0; Parameter* const parameter = at(index); ++index) {
            if (parameter->was_set.exchange(false, std::memory_order_acquire)) told(*parameter);
        }
    }

    void lock() { mutex_.lock(); }  // around a fork
    void unlock() { mutex_.unlock(); }

private:
    Parameter* at(std::uint32_t index) noexcept;
    bool define(const Parameter& parameter) noexcept;

    Definitions& definitions_;
    std::mutex mutex_;
    std::deque<Parameter> parameters_;  // mutex_; by index
};

}  // namespace tracypy::recorder
