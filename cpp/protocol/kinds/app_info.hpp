// Application information: what a program says of itself, in and out.
#pragma once

#include <string>
#include <string_view>

#include "events/event_sink.hpp"
#include "protocol/decoder_state.hpp"
#include "protocol/encoder.hpp"

namespace tracypy::protocol::kinds {

/// `tick`: a viewer shows no time, but a trace is not shorter than the last one in it.
inline void write_app_info(Encoder& encoder, base::Ticks tick, std::string_view text) {
    encoder.single_string(text);
    encoder.write<WireEvent::MessageAppInfo>(tick);
}

/// One thread. Throws PeerError on a line without its text.
class AppInfoDecoder {
public:
    explicit AppInfoDecoder(DecoderState& state) : state_(state) {}

    void on(const Incoming<WireEvent::MessageAppInfo>& event) {
        state_.tick_of(event);
        const std::string text = state_.take_text("a line of application information");
        const events::AppInfo line{state_.trace_names.keep(text)};
        state_.sink.take({&line, 1});
    }

private:
    DecoderState& state_;
};

}  // namespace tracypy::protocol::kinds
