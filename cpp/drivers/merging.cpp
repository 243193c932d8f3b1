#include "drivers/merging.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <system_error>
#include <utility>

#include "base/error.hpp"
#include "io/file_errors.hpp"
#include "io/file_stream.hpp"
#include "io/part_file.hpp"
#include "model/merger.hpp"
#include "tracefile/reader.hpp"
#include "tracefile/writer.hpp"

namespace tracypy::drivers {
namespace {

constexpr double kNsPerSecond = 1e9;

[[noreturn]] void fail(std::string problem) {
    throw base::ValueError(base::problem<base::ErrorCode::NotMergeable>(std::move(problem)));
}

using By = MergePlace::By;

/// What is known of one file's time, without the rest of it.
struct Axis {
    std::optional<model::TraceClock> clock;
    double ns_per_tick = 1.0;
    std::int64_t last_ns = 0;
    std::uint64_t seconds = 0;  // since 1970

    bool counts_like(const Axis& other) const {
        return clock && other.clock && !clock->machine.empty() && clock->machine == other.clock->machine;
    }
    double begin_tick() const { return static_cast<double>(clock->start); }
    double end_tick() const { return begin_tick() + static_cast<double>(last_ns) / ns_per_tick; }
};

struct Placed {
    std::int64_t ns;  // of time 0, from that of the other trace on
    By by;
    std::int64_t error_ns;
};

// Both say how long a tick is, and never quite the same: they agree in the middle of what they have in common, and at
// its ends lie apart by what this amounts to. Of what lies between them, `best` tells how long it is, as far as the
// three agree, and only as well as it could measure that while it lasted.
Placed by_counter(const Axis& other, const Axis& axis, const Axis& best) {
    constexpr double kReadingNs = 100;
    const double ns_per_tick = best.ns_per_tick;
    const double from = std::max(other.begin_tick(), axis.begin_tick());
    const double to = std::min(other.end_tick(), axis.end_tick());
    const double middle = (from + to) / 2;
    double ns = (middle - other.begin_tick()) * other.ns_per_tick - (middle - axis.begin_tick()) * axis.ns_per_tick;
    double error = (to - from) / 2 * std::abs(other.ns_per_tick - axis.ns_per_tick);
    if (from > to) {
        const auto [least, most] = std::minmax({other.ns_per_tick, axis.ns_per_tick, ns_per_tick});
        const double measured_ns = static_cast<double>(std::max<std::int64_t>(best.last_ns, 1));
        error = (from - to) * (most - least + ns_per_tick * kReadingNs / measured_ns);
    }
    if (axis.begin_tick() > other.end_tick()) {
        ns = static_cast<double>(other.last_ns) + (axis.begin_tick() - other.end_tick()) * ns_per_tick;
    } else if (other.begin_tick() > axis.end_tick()) {
        ns = -static_cast<double>(axis.last_ns) - (other.begin_tick() - axis.end_tick()) * ns_per_tick;
    }
    return {std::llround(ns), By::Counter, std::llround(std::ceil(error)) + 1};
}

// Quartz is not exact: readings that lie apart differ by how much the counters have come away from each other. In the
// middle of what they say, each time of the recording is off by half of that at most.
std::optional<Placed> by_readings(const Axis& other, const Axis& axis, const std::vector<ClockReading>& readings) {
    if (!other.clock || !axis.clock || readings.empty()) return std::nullopt;
    double least = INFINITY, most = -INFINITY;
    std::int64_t error = 0;
    for (const ClockReading& reading : readings) {
        const double ns = static_cast<double>(reading.other - other.clock->start) * other.ns_per_tick -
                          static_cast<double>(reading.own - axis.clock->start) * axis.ns_per_tick;
        least = std::min(least, ns);
        most = std::max(most, ns);
        error = std::max(error, reading.error_ns);
    }
    return Placed{std::llround((least + most) / 2), By::Readings, error + std::llround((most - least) / 2) + 1};
}

std::optional<Placed> by_clock(const Axis& other, const Axis& axis) {
    const auto knows_ns = [](const Axis& one) { return one.clock && one.clock->unix_ns != 0; };
    if (knows_ns(other) && knows_ns(axis)) return Placed{axis.clock->unix_ns - other.clock->unix_ns, By::Clock, 0};
    if (other.seconds == 0 || axis.seconds == 0) return std::nullopt;
    constexpr auto kSecond = static_cast<std::int64_t>(kNsPerSecond);
    const auto seconds = static_cast<std::int64_t>(axis.seconds) - static_cast<std::int64_t>(other.seconds);
    constexpr std::int64_t kMostSeconds = 1'000'000'000;
    if (std::abs(seconds) > kMostSeconds) return std::nullopt;
    return Placed{seconds * kSecond, By::ClockOnly, kSecond};
}

class Merging {
public:
    Merging(const std::vector<MergeInput>& inputs, const std::filesystem::path& output, bool overwrite,
            const std::function<bool()>& go_on)
        : inputs_(inputs), output_(output), overwrite_(overwrite), go_on_(go_on) {}

    MergeResult run() {
        check_names();
        io::require_free(output_, overwrite_);
        for (const MergeInput& input : inputs_) read(input);
        place();
        name();
        write();
        return std::move(result_);
    }

private:
    void check_names() const;
    void read(const MergeInput& input);
    void place();
    Placed place_of(std::size_t index) const;
    const Axis& best_scale(const Axis& axis) const;
    void name();
    void write();
    void tell_of_clocks(model::Trace& trace) const;
    model::TraceClock clock_of_all() const;
    std::string name_of(std::size_t index) const { return io::text_of(inputs_[index].path); }
    void ask() const {
        if (!go_on_()) throw base::Error(base::problem<base::ErrorCode::MakingCancelled>());
    }

    const std::vector<MergeInput>& inputs_;
    const std::filesystem::path& output_;
    bool overwrite_;
    const std::function<bool()>& go_on_;
    std::vector<model::MergePart> parts_;
    std::vector<Axis> axes_;
    std::vector<std::string> notes_, labels_;
    MergeResult result_;
};

void Merging::check_names() const {
    if (inputs_.empty()) fail("name a trace at least");
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
        for (std::size_t before = 0; before < i; ++before) {
            std::error_code error;
            if (std::filesystem::equivalent(inputs_[before].path, inputs_[i].path, error)) {
                fail(name_of(i) + " is named twice: a trace is merged with others, not with itself");
            }
        }
    }
}

void Merging::read(const MergeInput& input) {
    ask();
    io::FileSource source(input.path);
    tracefile::ReadResult file;
    try {
        file = tracefile::read_trace(source);
    } catch (const tracefile::FormatError& error) {
        fail(io::text_of(input.path) + ": " + error.what());
    }
    for (const tracefile::SkippedSection& section : file.skipped) {
        if (section.is_kept) continue;
        notes_.push_back(std::to_string(section.entries) + " " + section.name + " of " + io::text_of(input.path) +
                         " were left out");
    }
    const model::TraceInfo& info = file.trace.info;
    for (std::size_t i = 0; i < axes_.size(); ++i) {
        const std::optional<model::TraceClock>& clock = axes_[i].clock;
        if (clock && info.clock && *clock == *info.clock && parts_[i].trace.info.program == info.program) {
            fail(io::text_of(input.path) + " is the same recording as " + name_of(i));
        }
    }
    axes_.push_back({info.clock, info.ns_per_tick, info.last_time_ns, info.capture_time_s});
    const std::string machine = info.clock && !info.clock->machine.empty() ? info.clock->machine : info.program.host;
    MergePlace& place = result_.places.emplace_back();
    place.program = info.program.name;
    place.process_id = info.program.process_id;
    place.zones = file.trace.zone_count();
    parts_.push_back({std::move(file.trace), {}, machine, 0});
}

/// Who has counted longest knows best how long a tick is.
const Axis& Merging::best_scale(const Axis& axis) const {
    const Axis* best = &axis;
    for (const Axis& other : axes_) {
        if (other.counts_like(axis) && other.last_ns > best->last_ns) best = &other;
    }
    return *best;
}

Placed Merging::place_of(std::size_t index) const {
    if (const std::optional<double> offset = inputs_[index].offset_s) {
        return {std::llround(*offset * kNsPerSecond), By::Nothing, 0};
    }
    if (index == 0) return {0, By::Nothing, 0};
    const auto behind = [this](Placed placed, std::size_t other) {
        const MergePlace& known = result_.places[other];
        placed.ns += known.begin_ns;
        placed.error_ns += known.error_ns;
        if (placed.by == By::Counter && known.by != By::Nothing) placed.by = known.by;  // it is as right as that one
        return placed;
    };
    for (std::size_t before = 0; before < index; ++before) {
        if (!axes_[index].counts_like(axes_[before])) continue;
        return behind(by_counter(axes_[before], axes_[index], best_scale(axes_[index])), before);
    }
    const MergeInput& input = inputs_[index];
    if (input.other < index) {
        const auto placed = by_readings(axes_[input.other], axes_[index], input.readings);
        if (placed) return behind(*placed, input.other);
    }
    const std::optional<Placed> placed = by_clock(axes_[0], axes_[index]);
    if (!placed) throw base::ValueError(base::problem<base::ErrorCode::MergeOffsetMissing>(name_of(index)));
    return behind(*placed, 0);
}

void Merging::place() {
    for (std::size_t i = 0; i < parts_.size(); ++i) {
        const Placed placed = place_of(i);
        MergePlace& place = result_.places[i];
        place.begin_ns = placed.ns;
        place.by = placed.by;
        place.error_ns = placed.error_ns;
    }
    const std::int64_t first = std::ranges::min_element(result_.places, {}, &MergePlace::begin_ns)->begin_ns;
    for (std::size_t i = 0; i < parts_.size(); ++i) {
        result_.places[i].begin_ns -= first;
        parts_[i].shift_ns = result_.places[i].begin_ns;
    }
}

// The rows of a trace that was merged already are named after their programs.
void Merging::name() {
    std::map<std::string, unsigned> counts;
    for (model::MergePart& part : parts_) {
        const base::ProgramFacts& program = part.trace.info.program;
        labels_.push_back(program.name);
        if (program.process_id == 0 && program.name.find(", ") != std::string::npos) continue;
        part.label = program.name;
        if (program.process_id != 0) part.label += " (" + std::to_string(program.process_id) + ")";
        if (const unsigned count = ++counts[part.label]; count > 1) part.label += " #" + std::to_string(count);
        labels_.back() = part.label;
    }
}

/// What is as right as other clocks is said in the file itself.
void Merging::tell_of_clocks(model::Trace& trace) const {
    for (std::size_t i = 0; i < labels_.size(); ++i) {
        const MergePlace& place = result_.places[i];
        const std::string head = "The clock of " + labels_[i];
        std::string line;
        if (place.by == By::Readings) {
            line =
                head + " is aligned to within " + std::to_string((place.error_ns + 999) / 1000) + " us, by round trips";
        } else if (place.by == By::Clock || place.by == By::ClockOnly) {
            line = head + " is as right as the clocks of the systems agree";
        } else {
            continue;
        }
        trace.app_info.push_back(trace.strings.intern(line));
    }
}

/// That of the first trace that has one, for merging what comes out.
model::TraceClock Merging::clock_of_all() const {
    if (!axes_[0].clock) return {};
    model::TraceClock clock = *axes_[0].clock;
    clock.start -= std::llround(static_cast<double>(result_.places[0].begin_ns) / axes_[0].ns_per_tick);
    if (clock.unix_ns != 0) clock.unix_ns -= result_.places[0].begin_ns;
    return clock;
}

void Merging::write() {
    ask();
    io::PartFile file(output_);
    model::Merged merged = model::merge(std::move(parts_));
    merged.trace.info.clock = clock_of_all();
    tell_of_clocks(merged.trace);
    ask();
    const tracefile::Written written = tracefile::write_trace(file.sink(), merged.trace);
    if (const std::error_code error = file.give_name(overwrite_)) {
        if (error == std::errc::file_exists) io::refuse_existing(output_);
        io::fail(error, base::ErrorCode::CannotWrite, {io::text_of(output_)});
    }
    result_.notes = std::move(notes_);
    result_.notes.insert(result_.notes.end(), merged.notes.begin(), merged.notes.end());
    result_.threads = merged.trace.threads.size();
    result_.zones = written.zones;
    result_.zones_elsewhere = written.zones_elsewhere;
    result_.layout = written.layout;
    result_.file_bytes = file.bytes();
}

}  // namespace

MergeResult merge_traces(const std::vector<MergeInput>& inputs, const std::filesystem::path& output, bool overwrite,
                         const std::function<bool()>& go_on) {
    return Merging(inputs, output, overwrite, go_on).run();
}

}  // namespace tracypy::drivers
