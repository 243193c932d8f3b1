#include "tracefile/writer.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <set>
#include <vector>

#include "tracefile/zone_stream.hpp"

namespace tracypy::tracefile {
namespace {

using model::TextId;

/// Some names (frames, plots) go over a table of pointers. Ours are the ids of the texts, which are never 0.
std::uint64_t pointer_of(TextId id) noexcept {
    return static_cast<std::uint64_t>(id);
}

/// One file: each function writes one section, in the order of write() below.
class TraceWriter {
public:
    /// `padding`: the length of a text that nothing refers to, for what comes after the texts to have its right place.
    TraceWriter(FileBlockWriter& out, const model::Trace& trace, ZoneSource& zones, std::optional<std::size_t> padding)
        : out_(out), trace_(trace), zones_(zones), padding_(padding) {
        number_locations();
        count_zones();
    }

    Written write();
    /// In place of write(), to a writer that only counts: how far the zone list of that thread is from the start.
    std::uint64_t bytes_before(std::size_t thread);

private:
    void header();
    void frames();
    void strings();
    void source_locations();
    void messages();
    void sections_before_threads();
    void zones();
    void thread_head(std::size_t thread);
    void thread_rest(std::size_t thread);
    void plots();
    void memory();
    void empty_sections();
    void number_locations();
    void count_zones();
    void count(std::uint64_t value) { out_.put(value); }
    void limited_text(const std::string& text);
    void put_24_bits(std::uint32_t value);
    void text_reference(TextId id);
    void source_location(const model::SourceLocation& location);
    void time(std::int64_t& reference, std::int64_t value) {
        out_.put(value - reference);
        reference = value;
    }

    FileBlockWriter& out_;
    const model::Trace& trace_;
    ZoneSource& zones_;
    std::optional<std::size_t> padding_;
    std::vector<std::vector<std::uint64_t>> thread_messages_;  // by thread: their numbers
    std::vector<std::int16_t> numbers_;                        // by LocationIndex
    std::size_t dynamic_locations_ = 0;                        // the first ones
    std::size_t static_locations_ = 0;                         // those after them; what is left shares the first
    std::vector<std::uint64_t> zone_counts_;                   // by LocationIndex
    Written written_;
};

void TraceWriter::number_locations() {
    const std::size_t size = trace_.locations.size();
    dynamic_locations_ = std::min(size, kMaxDynamicLocations);
    static_locations_ = std::min(size - dynamic_locations_, kMaxStaticLocations - 1);
    for (std::size_t i = 0; i < size; ++i) numbers_.push_back(location_number(i));
}

void TraceWriter::count_zones() {
    const std::size_t numbered = dynamic_locations_ + static_locations_;
    for (std::size_t i = 0; i < trace_.threads.size(); ++i) written_.zones += zones_.zones_of(i);
    for (std::size_t i = 0; i < trace_.locations.size(); ++i) {
        const std::uint64_t zones = zones_.zones_at(static_cast<model::LocationIndex>(i));
        if (i < numbered) {
            zone_counts_.push_back(zones);
        } else {
            zone_counts_[0] += zones;
            written_.zones_elsewhere += zones;
        }
    }
}

void TraceWriter::limited_text(const std::string& text) {
    const std::string_view cut = std::string_view(text).substr(0, kMaxHeaderText);
    count(cut.size());
    out_.put_bytes(cut);
}

void TraceWriter::put_24_bits(std::uint32_t value) {
    out_.put(static_cast<std::uint16_t>(value));
    out_.put(static_cast<std::uint8_t>(value >> 16));
}

void TraceWriter::text_reference(TextId id) {
    const bool is_there = id != TextId::None;
    out_.put(is_there ? static_cast<std::uint64_t>(id) - 1 : 0);
    out_.put(static_cast<std::uint8_t>(is_there ? kIsIndex | kIsActive : 0));
}

void TraceWriter::source_location(const model::SourceLocation& location) {
    text_reference(location.name);
    text_reference(location.function);
    text_reference(location.file);
    out_.put(location.line);
    out_.put(swap_red_blue(location.color));
}

void TraceWriter::header() {
    const model::TraceInfo& info = trace_.info;
    out_.put_bytes({kTraceMagic, sizeof(kTraceMagic)});
    out_.put(kWritten.major_);
    out_.put(kWritten.minor_);
    out_.put(kWritten.patch_);
    out_.put(std::int64_t{0});  // what one event costs the program: unknown
    out_.put(info.resolution_ns);
    out_.put(info.ns_per_tick);
    out_.put(info.last_time_ns);
    out_.put(info.frame_offset);
    out_.put(info.process_id);
    out_.put(info.sampling_period_ns);
    out_.put(info.cpu_architecture);
    out_.put(info.cpu_id);
    out_.put_bytes({info.cpu_manufacturer.data(), info.cpu_manufacturer.size()});
    out_.put(static_cast<std::uint8_t>(info.is_on_demand));
    limited_text(info.capture_name);
    limited_text(info.program);
    out_.put(info.capture_time_s);
    out_.put(info.executable_time_s);
    limited_text(info.host);
    count(0);  // processor topology
    out_.put_bytes(std::string(kCrashBytes, '\0'));
}

void TraceWriter::frames() {
    count(trace_.frame_sets.size());
    for (const model::FrameSet& set : trace_.frame_sets) {
        out_.put(pointer_of(set.name));
        out_.put(static_cast<std::uint8_t>(set.is_continuous));
        count(set.frames.size());
        std::int64_t reference = 0;
        for (const model::Frame& frame : set.frames) {
            time(reference, frame.start_ns);
            if (!set.is_continuous) time(reference, frame.end_ns);
            out_.put(std::int32_t{-1});  // no image
        }
    }
}

void TraceWriter::strings() {
    count(trace_.strings.size() + (padding_ ? 1 : 0));
    for (std::size_t i = 1; i <= trace_.strings.size(); ++i) {
        const std::string_view text = trace_.strings.at(static_cast<TextId>(i));
        out_.put(std::uint64_t{i});
        count(text.size());
        out_.put_bytes(text);
    }
    if (padding_) {
        out_.put(std::uint64_t{trace_.strings.size() + 1});
        count(*padding_);
        out_.put_bytes(std::string(*padding_, ' '));
    }
    std::set<TextId> named;
    for (const model::FrameSet& set : trace_.frame_sets) named.insert(set.name);
    for (const model::Plot& plot : trace_.plots) named.insert(plot.name);
    named.erase(TextId::None);
    count(named.size());
    for (const TextId id : named) {
        out_.put(pointer_of(id));
        out_.put(pointer_of(id));
    }
    const auto has_name = [](const model::Thread& thread) { return thread.name != TextId::None; };
    count(static_cast<std::uint64_t>(std::count_if(trace_.threads.begin(), trace_.threads.end(), has_name)));
    for (const model::Thread& thread : trace_.threads) {
        if (!has_name(thread)) continue;
        out_.put(thread.id);
        out_.put(pointer_of(thread.name));
    }
    count(0);  // names of other processes
    count(trace_.threads.size() + 1);
    out_.put(std::uint64_t{0});  // the first of the short thread numbers stands for no thread
    for (const model::Thread& thread : trace_.threads) out_.put(thread.id);
    count(0);  // threads of other processes
}

void TraceWriter::source_locations() {
    count(static_locations_);
    for (std::size_t i = 0; i < static_locations_; ++i) {
        out_.put(std::uint64_t{i + 1});
        source_location(trace_.locations[dynamic_locations_ + i]);
    }
    count(static_locations_ + 1);
    for (std::size_t i = 0; i <= static_locations_; ++i) out_.put(std::uint64_t{i});
    count(dynamic_locations_);
    for (std::size_t i = 0; i < dynamic_locations_; ++i) source_location(trace_.locations[i]);
    const auto used =
        zone_counts_.size() - static_cast<std::size_t>(std::count(zone_counts_.begin(), zone_counts_.end(), 0));
    count(used);
    for (std::size_t i = 0; i < zone_counts_.size(); ++i) {
        if (zone_counts_[i] == 0) continue;
        out_.put(numbers_[i]);
        out_.put(zone_counts_[i]);
    }
    count(0);  // the same of GPU zones
    count(0);  // locks
}

void TraceWriter::messages() {
    count(trace_.messages.size());
    std::int64_t reference = 0;
    std::uint64_t number = 0;
    for (const model::Message& message : trace_.messages) {
        out_.put(++number);
        time(reference, message.time_ns);
        text_reference(message.text);
        out_.put(message.color == 0 ? 0xFFFF'FFFF : 0xFF00'0000 | swap_red_blue(message.color));
        put_24_bits(0);  // call stack
    }
}

void TraceWriter::sections_before_threads() {
    header();
    frames();
    strings();
    source_locations();
    messages();
    count(trace_.zone_extras.size());
    for (const model::ZoneExtra& extra : trace_.zone_extras) {
        put_24_bits(0);  // call stack
        put_24_bits(static_cast<std::uint32_t>(extra.text));
        put_24_bits(static_cast<std::uint32_t>(extra.name));
        put_24_bits(swap_red_blue(extra.color));
    }
    thread_messages_.assign(trace_.threads.size(), {});
    for (std::size_t i = 0; i < trace_.messages.size(); ++i) {
        const std::uint32_t thread = trace_.messages[i].thread;
        if (thread < thread_messages_.size()) thread_messages_[thread].push_back(i + 1);
    }
    count(written_.zones);
    count(zones_.parents());
    count(trace_.threads.size());
}

void TraceWriter::thread_head(std::size_t thread) {
    out_.put(trace_.threads[thread].id);
    count(zones_.zones_of(thread));
    count(0);  // samples inside the kernel
    out_.put(static_cast<std::uint8_t>(trace_.threads[thread].is_fiber));
}

void TraceWriter::thread_rest(std::size_t thread) {
    count(thread_messages_[thread].size());
    for (const std::uint64_t number : thread_messages_[thread]) out_.put(number);
    count(0);  // samples at context switches
    count(0);  // samples
}

void TraceWriter::zones() {
    for (std::size_t i = 0; i < trace_.threads.size(); ++i) {
        thread_head(i);
        zones_.write(i, out_, numbers_);
        thread_rest(i);
    }
    count(0);  // GPU zones, their parents, and contexts
    count(0);
    count(0);
}

std::uint64_t TraceWriter::bytes_before(std::size_t thread) {
    sections_before_threads();
    for (std::size_t i = 0; i < thread; ++i) {
        thread_head(i);
        out_.skip(zones_.bytes_of(i));
        thread_rest(i);
    }
    thread_head(thread);
    return out_.bytes_in();
}

void TraceWriter::plots() {
    count(trace_.plots.size());
    for (const model::Plot& plot : trace_.plots) {
        double least = std::numeric_limits<double>::max();
        double most = std::numeric_limits<double>::lowest();
        double sum = 0;
        for (const model::PlotPoint& point : plot.points) {
            least = std::min(least, point.value);
            most = std::max(most, point.value);
            sum += point.value;
        }
        out_.put(plot.kind);
        out_.put(plot.format);
        out_.put(static_cast<std::uint8_t>(plot.shows_steps));
        out_.put(static_cast<std::uint8_t>(plot.is_filled));
        out_.put(plot.color);
        out_.put(pointer_of(plot.name));
        out_.put(least);
        out_.put(most);
        out_.put(sum);
        count(plot.points.size());
        std::int64_t reference = 0;
        for (const model::PlotPoint& point : plot.points) {
            time(reference, point.time_ns);
            out_.put(point.value);
        }
    }
}

// A viewer takes the default memory pool for granted: it must be there, if empty.
void TraceWriter::memory() {
    count(1);                    // pools
    count(0);                    // events of all pools
    out_.put(std::uint64_t{0});  // the default pool
    count(0);                    // events, active ones, frees
    count(0);
    count(0);
    out_.put(std::uint64_t{0});                           // highest address
    out_.put(std::numeric_limits<std::uint64_t>::max());  // lowest
    out_.put(std::uint64_t{0});                           // bytes in use
    out_.put(std::uint64_t{0});                           // name
}

void TraceWriter::empty_sections() {
    count(0);                    // call stacks
    count(0);                    // frames of call stacks
    count(0);                    // lines of application information
    out_.put(std::uint32_t{0});  // image dictionary
    count(0);                    // frame images
    count(0);                    // context switches by thread
    count(0);                    // and by processor: a total, then 256 lists
    for (int processor = 0; processor < 256; ++processor) count(0);
    count(0);  // process of each thread
    count(0);  // processor time of each thread
    count(0);  // symbols: addresses, inlined ones, all
    count(0);
    count(0);
    count(0);  // machine code
    count(0);  // symbol of each code address
    count(0);  // hardware samples
    count(0);  // source files
}

Written TraceWriter::write() {
    sections_before_threads();
    zones();
    plots();
    memory();
    empty_sections();
    out_.finish();
    written_.bytes_uncompressed = out_.bytes_in();
    return written_;
}

/// How long a text has to be for that thread's zone list to start at the start of a block.
std::size_t padding_for(std::size_t thread, const model::Trace& trace, ZoneSource& zones) {
    FileBlockWriter counting;
    const std::uint64_t bytes = TraceWriter(counting, trace, zones, 0).bytes_before(thread);
    return static_cast<std::size_t>((kBlockBytes - bytes % kBlockBytes) % kBlockBytes);
}

}  // namespace

Written write_trace(io::ByteSink& sink, const model::Trace& trace, ZoneSource& zones, const Compression& compression) {
    std::optional<std::size_t> padding;
    if (const auto thread = zones.aligned_thread()) padding = padding_for(*thread, trace, zones);
    FileBlockWriter out(sink, compression);
    return TraceWriter(out, trace, zones, padding).write();
}

Written write_trace(io::ByteSink& sink, const model::Trace& trace, const Compression& compression) {
    TableZones zones(trace);
    return write_trace(sink, trace, zones, compression);
}

}  // namespace tracypy::tracefile
