// Threads and fibers, each with its zones (zone_stream.hpp), the numbers of its messages, and its samples.
#include <algorithm>

#include "tracefile/sections/input.hpp"
#include "tracefile/sections/list.hpp"
#include "tracefile/sections/output.hpp"

namespace tracypy::tracefile::sections {
namespace {

/// Rows of one group stand together.
constexpr Version kGroupHint{0, 11, 1};
/// Those at context switches. Before, readers sort them.
constexpr Version kSamplesInOrder{0, 13, 6};

Version oldest_for_threads(const model::Trace& trace) {
    const auto has_hint = [](const model::Thread& thread) { return thread.group_hint != 0; };
    return std::any_of(trace.threads.begin(), trace.threads.end(), has_hint) ? kGroupHint : kOldestWritten;
}

/// By thread: their numbers, as messages.cpp gives them.
std::vector<std::vector<std::uint64_t>> messages_of_threads(const model::Trace& trace) {
    std::vector<std::vector<std::uint64_t>> numbers(trace.threads.size());
    for (std::size_t i = 0; i < trace.messages.size(); ++i) {
        const std::uint32_t thread = trace.messages[i].thread;
        if (thread < numbers.size()) numbers[thread].push_back(i + 1);
    }
    return numbers;
}

std::vector<std::int16_t> location_numbers(std::size_t locations) {
    std::vector<std::int16_t> numbers;
    for (std::size_t i = 0; i < locations; ++i) numbers.push_back(location_number(i));
    return numbers;
}

void write_samples(Output& file, const std::vector<model::Sample>& samples) {
    file.count(samples.size());
    std::int64_t reference = 0;
    for (const model::Sample& sample : samples) {
        file.time(reference, sample.time_ns);
        file.put_24_bits(sample.callstack);
    }
}

void write_threads(Output& file) {
    const std::vector<model::Thread>& threads = file.trace.threads;
    const std::vector<std::vector<std::uint64_t>> messages = messages_of_threads(file.trace);
    const std::vector<std::int16_t> locations = location_numbers(file.trace.locations.size());
    file.count(zones_of_all(file.zones, threads.size()));
    file.count(file.zones.parents());
    file.count(threads.size());
    for (std::size_t i = 0; i < threads.size(); ++i) {
        file.put(threads[i].id);
        file.count(file.zones.zones_of(i));
        file.count(threads[i].kernel_samples);
        file.flag(threads[i].is_fiber);
        if (file.since(kGroupHint)) file.put(threads[i].group_hint);
        file.zones.write(i, file.out, locations);
        file.count(messages[i].size());
        for (const std::uint64_t number : messages[i]) file.put(number);
        write_samples(file, threads[i].switch_samples);
        write_samples(file, threads[i].samples);
    }
}

void read_messages(Input& file, std::uint32_t thread) {
    const std::uint64_t count = file.count();
    for (std::uint64_t i = 0; i < count; ++i) {
        const std::uint32_t* const message = file.messages.find(file.get<std::uint64_t>());
        if (message != nullptr) file.trace().messages[*message].thread = thread;
    }
}

void read_samples(Input& file, std::vector<model::Sample>& samples) {
    const std::uint64_t count = file.count();
    std::uint64_t reference = 0;
    for (std::uint64_t i = 0; i < count; ++i) {
        const std::int64_t time = file.time(reference);
        samples.push_back({time, file.get_24_bits()});
    }
}

/// Whether there are any. `claimed`: how many the file says there are.
bool read_zones_of(Input& file, std::uint32_t index, std::uint64_t claimed) {
    const LocationNumbers locations = file.locations.numbers();
    const std::size_t extras = file.trace().zone_extras.size();
    if (file.zones != nullptr) {
        file.result.lists.offsets.push_back(file.in.position());
        file.zones->start_thread(index);
        return read_zones(file.in, locations, extras, *file.zones) != 0;
    }
    model::ZoneTable& zones = file.trace().threads[index].zones;
    // A hint only: no more than the file can plausibly hold, whatever the count says.
    zones.reserve(static_cast<std::size_t>(std::min(claimed, file.in.compressed_bytes())));
    read_zones(file.in, locations, extras, zones);
    return !zones.empty();
}

/// Returns the number of samples.
std::uint64_t read_thread_zones(Input& file) {
    std::vector<model::Thread>& threads = file.trace().threads;
    const auto index = static_cast<std::uint32_t>(threads.size());
    model::Thread& thread = threads.emplace_back();
    thread.id = file.get<std::uint64_t>();
    thread.name = Names::find(file.names.threads, thread.id);
    const std::uint64_t zones = file.count();
    thread.kernel_samples = file.count();
    thread.is_fiber = file.flag();
    if (file.since(kGroupHint)) thread.group_hint = file.get<std::int32_t>();
    if (read_zones_of(file, index, zones)) thread.short_number = file.names.short_number(thread.id);
    read_messages(file, index);
    read_samples(file, thread.switch_samples);
    read_samples(file, thread.samples);
    if (!file.since(kSamplesInOrder)) std::ranges::stable_sort(thread.switch_samples, {}, &model::Sample::time_ns);
    return thread.switch_samples.size() + thread.samples.size();
}

void read_threads(Input& file) {
    file.in.skip(2 * 8);  // zones, and how many have children
    const std::uint64_t threads = file.count();
    if (file.zones != nullptr) {
        ZoneLists& lists = file.result.lists;
        lists.static_locations = file.locations.static_ones;
        lists.first_dynamic = file.locations.first_dynamic;
        lists.dynamic_count = file.locations.dynamic_count;
        lists.extra_count = file.trace().zone_extras.size();
        file.zones->start(file.trace());
    }
    std::uint64_t samples = 0;
    for (std::uint64_t i = 0; i < threads; ++i) samples += read_thread_zones(file);
    file.kept("samples", samples);
}

}  // namespace

const Section kThreads{.oldest = oldest_for_threads, .write = write_threads, .read = read_threads};

}  // namespace tracypy::tracefile::sections
