// Plots: their points, and how they want to be drawn.
#pragma once

#include <cstdint>
#include <unordered_map>

#include "protocol/decoder_state.hpp"
#include "protocol/encoder.hpp"

namespace tracypy::protocol::kinds {

/// Of the selected thread, by whose time it goes; the value is finite.
void write_plot_point(Encoder& encoder, const events::PlotPoint& point);
void write_plot_style(Encoder& encoder, const events::PlotStyle& style);

constexpr bool is_plot_point(WireEvent event) noexcept {
    using enum WireEvent;
    return event == PlotDataInt || event == PlotDataFloat || event == PlotDataDouble;
}

/// One thread. Throws PeerError on a plot of unknown format.
class PlotDecoder {
public:
    explicit PlotDecoder(DecoderState& state) : state_(state) {}

    template <WireEvent kEvent>
        requires(is_plot_point(kEvent))
    void on(const Incoming<kEvent>& event) {
        const base::Ticks tick = state_.tick_of(event);
        add(tick, plot_of(event.template get<"name">()), static_cast<double>(event.template get<"value">()));
    }
    void on(const Incoming<WireEvent::PlotConfig>& event);

private:
    void add(base::Ticks tick, base::StringId plot, double value);
    base::StringId plot_of(std::uint64_t name);

    DecoderState& state_;
    std::unordered_map<std::uint64_t, base::StringId> plots_;
};

}  // namespace tracypy::protocol::kinds
