#include "protocol/kinds/plots.hpp"

#include <cmath>
#include <string>

#include "base/colors.hpp"
#include "protocol/peer_error.hpp"

namespace tracypy::protocol::kinds {

void write_plot_point(Encoder& encoder, const events::PlotPoint& point) {
    encoder.write<WireEvent::PlotDataDouble>(point.plot, point.ticks, point.value);
}

// Viewers draw a plot in 0xBBGGRR: of all colours that go over the wire only this one is the other way round.
void write_plot_style(Encoder& encoder, const events::PlotStyle& style) {
    encoder.write<WireEvent::PlotConfig>(style.plot, static_cast<std::uint8_t>(style.format),
                                         static_cast<std::uint8_t>(style.shows_steps),
                                         static_cast<std::uint8_t>(style.is_filled), base::swap_red_blue(style.color));
}

base::StringId PlotDecoder::plot_of(std::uint64_t name) {
    const auto [plot, is_new] = plots_.try_emplace(name, base::StringId::None);
    if (is_new) {
        state_.note_thing();
        plot->second = state_.names.named(QueryKind::PlotName, name);
    }
    return plot->second;
}

void PlotDecoder::add(base::Ticks tick, base::StringId plot, double value) {
    if (!std::isfinite(value)) return state_.unsupported.count_misfit("points of plots that are no numbers");
    const events::PlotPoint point{tick, plot, value};
    state_.sink.take({&point, 1});
}

void PlotDecoder::on(const Incoming<WireEvent::PlotConfig>& event) {
    const std::uint8_t format = event.get<"kind">();
    if (format > static_cast<std::uint8_t>(events::kLast<events::PlotFormat>)) {
        throw PeerError("a plot of unknown format " + std::to_string(format));
    }
    const events::PlotStyle style{plot_of(event.get<"name">()), static_cast<events::PlotFormat>(format),
                                  event.get<"step">() != 0, event.get<"fill">() != 0,
                                  base::swap_red_blue(event.get<"color">())};
    state_.sink.take({&style, 1});
}

}  // namespace tracypy::protocol::kinds
