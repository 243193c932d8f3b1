// The decoder's half for what is not a zone: frames, messages, plots, and unsupported events.
#include <cmath>

#include "protocol/decoder.hpp"
#include "protocol/peer_error.hpp"
#include "protocol/wire_bytes.hpp"

namespace tracypy::protocol {

void Decoder::frame_mark(events::FrameMark::Kind kind, std::int64_t tick, std::uint64_t name) {
    using Kind = events::FrameMark::Kind;
    const base::Ticks ticks = since_start(tick);
    auto set = frame_sets_.find(name);
    if (set == frame_sets_.end()) {
        if (kind == Kind::End) return unsupported_.count_misfit("ends of frames that never started");
        set = frame_sets_.emplace(name, FrameSet{names_.named(QueryKind::FrameName, name), kind == Kind::Continuous})
                  .first;
    }
    FrameSet& frames = set->second;
    if (frames.is_continuous != (kind == Kind::Continuous)) {
        return unsupported_.count_misfit("frame marks of another kind than the first of their set");
    }
    if (kind == Kind::End && !frames.is_open) return unsupported_.count_misfit("ends of frames that never started");
    frames.is_open = kind == Kind::Start;
    if (kind != Kind::End) ++frames_;
    const events::FrameMark mark{ticks, frames.name, kind};
    sink_.frame_marks({&mark, 1});
}

void Decoder::add_message(std::int64_t tick, std::uint32_t color, std::uint8_t metadata, base::StringId text) {
    constexpr std::uint8_t kSources = 2, kSeverities = 6;
    const auto source = static_cast<std::uint8_t>(metadata & 15), severity = static_cast<std::uint8_t>(metadata >> 4);
    if (source >= kSources || severity >= kSeverities) {
        throw PeerError("a message of unknown source and severity " + std::to_string(metadata));
    }
    const events::LooseMessage loose{current("a message").id, since_start(tick), text, color, source, severity};
    sink_.messages({&loose, 1});
}

void Decoder::message(std::int64_t tick, std::uint32_t color, std::uint8_t metadata) {
    add_message(tick, color, metadata, own_names_.strings.intern(take_text("a message")));
}

// Since protocol 79 the lowest byte of the text's number holds source and severity.
void Decoder::literal(std::int64_t tick, std::uint32_t color, std::uint64_t text) {
    const auto metadata = dialect_.tagged_addresses ? static_cast<std::uint8_t>(text) : kPlainMetadata;
    add_message(tick, color, metadata, names_.text(dialect_.tagged_addresses ? text >> 8 : text));
}

base::StringId Decoder::plot_of(std::uint64_t name) {
    const auto [plot, is_new] = plots_.try_emplace(name, base::StringId::None);
    if (is_new) plot->second = names_.named(QueryKind::PlotName, name);
    return plot->second;
}

void Decoder::plot_point(std::uint64_t name, std::int64_t delta, double value) {
    const base::Ticks tick = advance(delta);
    const base::StringId plot = plot_of(name);
    if (!std::isfinite(value)) return unsupported_.count_misfit("points of plots that are no numbers");
    const events::PlotPoint point{tick, plot, value};
    sink_.plot_points({&point, 1});
}

// name u64, format u8, steps u8, fill u8, colour u32
void Decoder::plot_style(const char* body) {
    using Format = events::PlotStyle::Format;
    const auto format = get<std::uint8_t>(body + 8);
    if (format > static_cast<std::uint8_t>(Format::Watt)) {
        throw PeerError("a plot of unknown format " + std::to_string(format));
    }
    sink_.plot_style({plot_of(get<std::uint64_t>(body)), static_cast<Format>(format), body[9] != 0, body[10] != 0,
                      get_24_bits(body + 11)});
}

void Decoder::skip(WireEvent event, const char* body) {
    using enum WireEvent;
    unsupported_.count(event);
    const auto thread = [this, body](std::size_t offset) { (void)threads_.notice(get<std::uint32_t>(body + offset)); };
    switch (event) {
        case MessageAppInfo:
        case LockName:
        case SectionSetup:
        case GpuContextName:
        case GpuAnnotationName:
            has_text_ = false;
            return;
        case SectionEnter:
            has_text_ = false;
            advance(get<std::int64_t>(body));
            return;
        case SectionLeave:
            advance(get<std::int64_t>(body));
            return;
        case LockAnnounce:
            (void)names_.location(get<std::uint64_t>(body + 12));
            return;
        case LockMark:
            (void)names_.location(get<std::uint64_t>(body + 8));
            return;
        case LockWait:
        case LockObtain:
        case LockSharedWait:
        case LockSharedObtain:
            advance_serial(get<std::int64_t>(body + 8));
            return thread(0);
        case LockRelease:
            return advance_serial(get<std::int64_t>(body + 4));
        case LockSharedRelease:
            advance_serial(get<std::int64_t>(body + 4));
            return thread(12);
        case MemNamePayload:
            (void)names_.text(get<std::uint64_t>(body));
            return;
        case MemAlloc:
        case MemAllocNamed:
        case MemFree:
        case MemFreeNamed:
        case MemAllocCallstack:
        case MemAllocCallstackNamed:
        case MemFreeCallstack:
        case MemFreeCallstackNamed:
        case MemDiscard:
        case MemDiscardCallstack:
            advance_serial(get<std::int64_t>(body));
            return thread(8);
        case GpuZoneBegin:
        case GpuZoneBeginCallstack:
        case GpuZoneEnd:
            advance(get<std::int64_t>(body));
            return;
        case GpuZoneBeginAllocSrcLoc:
        case GpuZoneBeginAllocSrcLocCallstack:
            has_location_ = false;
            advance(get<std::int64_t>(body));
            return;
        case GpuZoneBeginSerial:
        case GpuZoneBeginCallstackSerial:
        case GpuZoneEndSerial:
            return advance_serial(get<std::int64_t>(body));
        case GpuZoneBeginAllocSrcLocSerial:
        case GpuZoneBeginAllocSrcLocCallstackSerial:
            has_location_ = false;
            return advance_serial(get<std::int64_t>(body));
        case SysTimeReport:
            (void)since_start(get<std::int64_t>(body));
            return;
        case ParamSetup:
            (void)names_.text(get<std::uint64_t>(body + 4));
            return;
        case CrashReport:
            (void)since_start(get<std::int64_t>(body));
            (void)names_.text(get<std::uint64_t>(body + 8));
            return;
        default:
            return;
    }
}

}  // namespace tracypy::protocol
