// Parameters: values of the program that a viewer may set.
#pragma once

#include <cstddef>
#include <vector>

#include "events/event_sink.hpp"
#include "protocol/encoder.hpp"
#include "protocol/query_answers.hpp"

namespace tracypy::protocol::kinds {

/// What goes to one viewer: each once, since a viewer makes a control of each that it hears of. One thread.
class ParameterWriter {
public:
    ParameterWriter(Encoder& encoder, QueryAnswers& answers) noexcept : encoder_(encoder), answers_(answers) {}

    void write(const events::Parameter& parameter) {
        if (parameter.index >= is_shown_.size()) is_shown_.resize(std::size_t{parameter.index} + 1);
        if (is_shown_[parameter.index]) return;
        is_shown_[parameter.index] = true;
        answers_.show(parameter.name);
        encoder_.write<WireEvent::ParamSetup>(parameter.index, parameter.name,
                                              static_cast<std::uint8_t>(kind_of(parameter.kind)), parameter.value);
    }

private:
    /// Viewers before this have no buttons: such a one is a switch there, and pressed whenever it is switched.
    static constexpr std::uint32_t kTriggersSince = 82;

    events::ParameterKind kind_of(events::ParameterKind kind) const noexcept {
        const bool is_unknown = kind == events::ParameterKind::Trigger && encoder_.dialect().protocol < kTriggersSince;
        return is_unknown ? events::ParameterKind::Switch : kind;
    }

    Encoder& encoder_;
    QueryAnswers& answers_;
    std::vector<bool> is_shown_;  // by index
};

}  // namespace tracypy::protocol::kinds
