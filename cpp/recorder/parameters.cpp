#include "recorder/parameters.hpp"

#include <algorithm>
#include <iterator>

namespace tracypy::recorder {

using events::ParameterKind;

bool Parameters::define(const Parameter& parameter) noexcept {
    return definitions_.define(events::Parameter{parameter.index, parameter.name, parameter.kind,
                                                 parameter.value.load(std::memory_order_relaxed)});
}

Parameter* Parameters::make(base::StringId name, ParameterKind kind, std::int32_t value, Range range) {
    const std::lock_guard lock(mutex_);
    auto found = std::ranges::find(parameters_, name, &Parameter::name);
    if (found != parameters_.end() && found->kind != kind) return &*found;
    const bool is_new = found == parameters_.end();
    if (is_new) {
        parameters_.emplace_back(static_cast<std::uint32_t>(parameters_.size()), name, kind);
        found = std::prev(parameters_.end());
    }
    found->least = range.least;
    found->most = range.most;
    found->value.store(value, std::memory_order_relaxed);
    if (define(*found) || !is_new) return &*found;
    parameters_.pop_back();
    return nullptr;
}

// Viewers draw neither limits nor whether something is pressed.
bool Parameters::set(std::uint32_t index, std::int32_t value) noexcept {
    const std::lock_guard lock(mutex_);
    if (index >= parameters_.size()) return false;
    Parameter& parameter = parameters_[index];
    if (parameter.kind != ParameterKind::Trigger) {
        parameter.value.store(std::clamp(value, parameter.least, parameter.most), std::memory_order_relaxed);
        (void)define(parameter);
    }
    // Release: whoever takes it back sees the value.
    parameter.was_set.store(true, std::memory_order_release);
    return true;
}

Parameter* Parameters::at(std::uint32_t index) noexcept {
    const std::lock_guard lock(mutex_);
    return index < parameters_.size() ? &parameters_[index] : nullptr;
}

}  // namespace tracypy::recorder
