#include "protocol/kinds/frame_marks.hpp"

#include <string>

namespace tracypy::protocol::kinds {

using Kind = events::FrameMarkKind;

void write_frame_mark(Encoder& encoder, const events::FrameMark& mark) {
    switch (mark.kind) {
        case Kind::Continuous:
            return encoder.write<WireEvent::FrameMarkMsg>(mark.ticks, mark.name);
        case Kind::Start:
            return encoder.write<WireEvent::FrameMarkMsgStart>(mark.ticks, mark.name);
        case Kind::End:
            return encoder.write<WireEvent::FrameMarkMsgEnd>(mark.ticks, mark.name);
    }
}

void FrameMarkDecoder::on(const Incoming<WireEvent::FrameMarkMsg>& event) {
    add(Kind::Continuous, state_.tick_of(event), event.get<"name">());
}

void FrameMarkDecoder::on(const Incoming<WireEvent::FrameMarkMsgStart>& event) {
    add(Kind::Start, state_.tick_of(event), event.get<"name">());
}

void FrameMarkDecoder::on(const Incoming<WireEvent::FrameMarkMsgEnd>& event) {
    add(Kind::End, state_.tick_of(event), event.get<"name">());
}

// Viewers number the screens as they come, and call them so.
void FrameMarkDecoder::on(const Incoming<WireEvent::FrameVsync>& event) {
    const auto [screen, is_new] = screens_.try_emplace(event.get<"id">(), base::StringId::None);
    if (is_new) {
        state_.note_thing();
        const std::string name = "[" + std::to_string(screens_.size() - 1) + "] Vsync";
        screen->second = state_.trace_names.keep(name);
    }
    const events::FrameMark mark{state_.tick_of(event), screen->second, Kind::Continuous};
    state_.sink.take({&mark, 1});
}

void FrameMarkDecoder::add(Kind kind, base::Ticks tick, std::uint64_t name) {
    auto known = sets_.find(name);
    if (known == sets_.end()) {
        if (kind == Kind::End) return state_.unsupported.count_misfit("ends of frames that never started");
        const Set set{state_.names.named(QueryKind::FrameName, name), kind == Kind::Continuous};
        known = sets_.emplace(name, set).first;
        state_.note_thing();
    }
    Set& set = known->second;
    if (set.is_continuous != (kind == Kind::Continuous)) {
        return state_.unsupported.count_misfit("frame marks of another kind than the first of their set");
    }
    if (kind == Kind::End && !set.is_open) return state_.unsupported.count_misfit("ends of frames that never started");
    set.is_open = kind == Kind::Start;
    if (kind != Kind::End) ++frames_;
    const events::FrameMark mark{tick, set.name, kind};
    state_.sink.take({&mark, 1});
}

}  // namespace tracypy::protocol::kinds
