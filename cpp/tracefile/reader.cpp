#include "tracefile/reader.hpp"

#include <algorithm>
#include <cstring>
#include <unordered_map>
#include <utility>

#include "tracefile/file_block_reader.hpp"
#include "tracefile/names_reader.hpp"
#include "tracefile/section_skips.hpp"
#include "tracefile/zone_stream.hpp"

namespace tracypy::tracefile {
namespace {

using model::TextId;

Version read_version(FileBlockReader& in) {
    char magic[sizeof(kTraceMagic)];
    in.get_bytes(magic, sizeof(magic));
    if (std::memcmp(magic, kTraceMagic, sizeof(magic)) != 0) {
        throw FormatError("not a Tracy trace, or one from before release 0.3");
    }
    Version version{};
    version.major_ = in.get<std::uint8_t>();
    version.minor_ = in.get<std::uint8_t>();
    version.patch_ = in.get<std::uint8_t>();
    if (version < kOldestRead) {
        throw FormatError("the trace file is of release " + version.text() + ": only " + kOldestRead.text() +
                          " and later are read; Tracy's update tool converts it");
    }
    if (version > kNewestRead) {
        throw FormatError("the trace file is of release " + version.text() + ", newer than " + kNewestRead.text());
    }
    return version;
}

/// One file: each function reads one section, in the order of read().
class TraceReader {
public:
    explicit TraceReader(io::ByteSource& source)
        : in_(source), version_(read_version(in_)), layout_(version_), names_(in_, result_.trace) {
        result_.version = version_;
    }

    ReadResult read();

private:
    void header();
    void frames();
    void name_frames();
    void messages();
    void zones();
    void thread();
    void thread_messages(std::uint32_t thread);
    void plots();
    void skipped(const char* name, std::uint64_t entries) {
        if (entries != 0) result_.skipped.push_back({name, entries});
    }
    std::string text() { return in_.get_text(in_.get<std::uint64_t>()); }
    std::int64_t time(std::uint64_t& reference) {
        reference += in_.get<std::uint64_t>();
        return static_cast<std::int64_t>(reference);
    }

    FileBlockReader in_;
    Version version_;
    Layout layout_;
    ReadResult result_;
    NamesReader names_;
    std::vector<std::uint64_t> frame_names_;                       // their texts come later
    std::unordered_map<std::uint64_t, std::uint32_t> by_address_;  // messages
    std::uint64_t samples_ = 0;
};

void TraceReader::header() {
    model::TraceInfo& info = result_.trace.info;
    if (layout_.timer_delay) in_.skip(8);
    info.resolution_ns = in_.get<std::int64_t>();
    info.ns_per_tick = in_.get<double>();
    info.last_time_ns = in_.get<std::int64_t>();
    info.frame_offset = in_.get<std::uint64_t>();
    info.process_id = in_.get<std::uint64_t>();
    info.sampling_period_ns = in_.get<std::int64_t>();
    info.cpu_architecture = in_.get<std::uint8_t>();
    info.cpu_id = in_.get<std::uint32_t>();
    in_.get_bytes(info.cpu_manufacturer.data(), info.cpu_manufacturer.size());
    info.is_on_demand = layout_.on_demand_flag ? in_.get<std::uint8_t>() != 0 : info.frame_offset != 0;
    info.capture_name = text();
    info.program = text();
    info.capture_time_s = in_.get<std::uint64_t>();
    info.executable_time_s = in_.get<std::uint64_t>();
    info.host = text();
}

void TraceReader::frames() {
    std::vector<model::FrameSet>& sets = result_.trace.frame_sets;
    sets.clear();
    const auto count = in_.get<std::uint64_t>();
    for (std::uint64_t i = 0; i < count; ++i) {
        frame_names_.push_back(in_.get<std::uint64_t>());
        model::FrameSet& set = sets.emplace_back();
        set.is_continuous = in_.get<std::uint8_t>() != 0;
        const auto frames = in_.get<std::uint64_t>();
        std::uint64_t reference = 0;
        for (std::uint64_t frame = 0; frame < frames; ++frame) {
            const std::int64_t start = time(reference);
            set.frames.push_back({start, set.is_continuous ? model::kOpen : time(reference)});
            in_.skip(4);  // image
        }
    }
    if (sets.empty() || frame_names_[0] != 0) {
        throw FormatError("the trace file is damaged: it has no default frames");
    }
}

void TraceReader::name_frames() {
    for (std::size_t i = 1; i < frame_names_.size(); ++i) {
        result_.trace.frame_sets[i].name = names_.pointed(frame_names_[i]);
    }
}

void TraceReader::messages() {
    std::vector<model::Message>& messages = result_.trace.messages;
    const auto count = in_.get<std::uint64_t>();
    std::uint64_t reference = 0;
    for (std::uint64_t i = 0; i < count; ++i) {
        by_address_.emplace(in_.get<std::uint64_t>(), static_cast<std::uint32_t>(i));
        model::Message message{.time_ns = time(reference)};
        message.thread = model::kNoThread;
        message.text = names_.get_reference();
        const auto color = in_.get<std::uint32_t>();
        message.color = color == 0xFFFF'FFFF ? 0 : swap_red_blue(color);
        in_.skip(3);  // call stack
        if (layout_.message_severity) {
            message.source = in_.get<std::uint8_t>();
            message.severity = in_.get<std::uint8_t>();
        }
        messages.push_back(message);
    }
}

void TraceReader::zones() {
    std::vector<model::ZoneExtra>& extras = result_.trace.zone_extras;
    extras.clear();
    const auto count = in_.get<std::uint64_t>();
    for (std::uint64_t i = 0; i < count; ++i) {
        in_.skip(3);  // call stack
        model::ZoneExtra& extra = extras.emplace_back();
        extra.text = names_.get_index24();
        extra.name = names_.get_index24();
        const std::uint32_t low = in_.get<std::uint16_t>();
        extra.color = swap_red_blue(low | static_cast<std::uint32_t>(in_.get<std::uint8_t>()) << 16);
    }
    if (extras.empty()) throw FormatError("the trace file is damaged: its first extra of zones is missing");
    in_.skip(2 * 8);  // zones, and how many have children
    const auto threads = in_.get<std::uint64_t>();
    for (std::uint64_t i = 0; i < threads; ++i) thread();
}

void TraceReader::thread() {
    std::vector<model::Thread>& threads = result_.trace.threads;
    const auto index = static_cast<std::uint32_t>(threads.size());
    model::Thread& thread = threads.emplace_back();
    thread.id = in_.get<std::uint64_t>();
    thread.name = names_.thread_name(thread.id);
    const auto zones = in_.get<std::uint64_t>();
    in_.skip(8);  // samples inside the kernel
    thread.is_fiber = in_.get<std::uint8_t>() != 0;
    if (layout_.thread_group_hint) thread.group_hint = in_.get<std::int32_t>();
    // A hint only: no more than the file can plausibly hold, whatever the count says.
    thread.zones.reserve(static_cast<std::size_t>(std::min(zones, in_.compressed_bytes())));
    read_zones(in_, names_.locations(), result_.trace.zone_extras.size(), thread.zones);
    if (!thread.zones.empty()) thread.short_number = names_.short_number(thread.id);
    thread_messages(index);
    samples_ += skip_list(in_, 8 + 3);  // at context switches
    samples_ += skip_list(in_, 8 + 3);
}

void TraceReader::thread_messages(std::uint32_t thread) {
    const auto count = in_.get<std::uint64_t>();
    for (std::uint64_t i = 0; i < count; ++i) {
        const auto found = by_address_.find(in_.get<std::uint64_t>());
        if (found != by_address_.end()) result_.trace.messages[found->second].thread = thread;
    }
}

void TraceReader::plots() {
    const auto count = in_.get<std::uint64_t>();
    for (std::uint64_t i = 0; i < count; ++i) {
        model::Plot& plot = result_.trace.plots.emplace_back();
        plot.kind = in_.get<model::Plot::Kind>();
        plot.format = in_.get<model::Plot::Format>();
        plot.shows_steps = in_.get<std::uint8_t>() != 0;
        plot.is_filled = in_.get<std::uint8_t>() != 0;
        plot.color = in_.get<std::uint32_t>();
        plot.name = names_.pointed(in_.get<std::uint64_t>());
        in_.skip(3 * 8);  // least, most, sum
        const auto points = in_.get<std::uint64_t>();
        std::uint64_t reference = 0;
        for (std::uint64_t point = 0; point < points; ++point) {
            const std::int64_t at = time(reference);
            plot.points.push_back({at, in_.get<double>()});
        }
    }
}

ReadResult TraceReader::read() {
    header();
    skip_topology(in_, layout_);
    in_.skip(kCrashBytes);
    frames();
    skipped("sections", skip_sections(in_, layout_));
    names_.read_strings();
    name_frames();
    names_.read_source_locations();
    skipped("locks", skip_locks(in_));
    messages();
    zones();
    skipped("samples", samples_);
    skipped("GPU zones", skip_gpu_zones(in_, layout_));
    plots();
    skipped("memory events", skip_memory(in_));
    skipped("call stacks", skip_call_stacks(in_));
    skipped("lines of application information", skip_list(in_, kStringReferenceBytes));
    skipped("frame images", skip_frame_images(in_));
    skipped("context switches", skip_context_switches(in_, layout_));
    skipped("symbols", skip_symbols(in_));
    skipped("hardware samples", skip_hardware_samples(in_));
    skipped("source files", skip_source_files(in_));
    if (!in_.at_end()) throw FormatError("the trace file is damaged: it goes on after its last section");
    return std::move(result_);
}

}  // namespace

ReadResult read_trace(io::ByteSource& source) {
    return TraceReader(source).read();
}

}  // namespace tracypy::tracefile
