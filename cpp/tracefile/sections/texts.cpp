// All texts of the trace, and the names that go over them: of frame sets, plots and memory pools, of threads; then the
// short numbers of threads.
#include <algorithm>
#include <charconv>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "tracefile/sections/input.hpp"
#include "tracefile/sections/list.hpp"
#include "tracefile/sections/output.hpp"

namespace tracypy::tracefile::sections {
namespace {

using model::TextId;

// What viewers have no place for is a text that nothing refers to: they keep it, and show it nowhere.

/// What the text about the clock begins with; then the machine, the counter at time 0, and nanoseconds since 1970.
constexpr std::string_view kClock = "\x01tracypy clock: ";

std::string text_of(const model::TraceClock& clock) {
    return std::string(kClock) + clock.machine + ' ' + std::to_string(clock.start) + ' ' +
           std::to_string(clock.unix_ns);
}

std::optional<model::TraceClock> clock_of(const std::string& text) {
    if (!text.starts_with(kClock)) return std::nullopt;
    const std::string_view words = std::string_view(text).substr(kClock.size());
    const std::size_t space = words.find(' ');
    if (space == 0 || space == words.npos) return std::nullopt;
    model::TraceClock clock;
    clock.machine = words.substr(0, space);
    const char* const end = words.data() + words.size();
    const auto [middle, error] = std::from_chars(words.data() + space + 1, end, clock.start);
    if (error != std::errc() || middle == end || *middle != ' ') return std::nullopt;
    return std::from_chars(middle + 1, end, clock.unix_ns).ec == std::errc() ? std::optional(clock) : std::nullopt;
}

void write_strings(Output& file) {
    const model::Strings& strings = file.trace.strings;
    const std::optional<model::TraceClock>& clock = file.trace.info.clock;
    const bool has_clock = clock && !clock->machine.empty();
    std::uint64_t number = strings.size();
    file.count(number + (has_clock ? 1 : 0) + (file.padding ? 1 : 0));
    for (std::size_t i = 1; i <= strings.size(); ++i) {
        file.put(std::uint64_t{i});
        file.text(strings.at(static_cast<TextId>(i)));
    }
    if (has_clock) {
        file.put(++number);
        file.text(text_of(*clock));
    }
    if (file.padding) {
        file.put(++number);
        file.text(std::string(*file.padding, ' '));
    }
}

/// What Output::pointer() is written for.
void write_pointers(Output& file) {
    std::set<TextId> named;
    for (const model::FrameSet& set : file.trace.frame_sets) named.insert(set.name);
    for (const model::Plot& plot : file.trace.plots) named.insert(plot.name);
    for (const model::MemoryPool& pool : file.trace.memory_pools) named.insert(pool.name);
    named.insert(file.trace.crash.message);
    named.erase(TextId::None);
    file.count(named.size());
    for (const TextId id : named) {
        file.pointer(id);
        file.pointer(id);
    }
}

void write_foreign_names(Output& file) {
    const std::vector<model::ForeignThread>& threads = file.trace.switches.foreign_threads;
    const auto has_names = [](const model::ForeignThread& thread) {
        return thread.program != TextId::None && thread.name != TextId::None;
    };
    file.count(static_cast<std::uint64_t>(std::ranges::count_if(threads, has_names)));
    for (const model::ForeignThread& thread : threads) {
        if (!has_names(thread)) continue;
        file.put(thread.thread);
        file.pointer(thread.program);
        file.pointer(thread.name);
    }
}

/// Whatever ran on a processor, numbered as it comes.
void write_foreign_threads(Output& file) {
    std::vector<std::uint64_t> threads;
    for (const std::vector<model::ProcessorRun>& runs : file.trace.switches.processors) {
        for (const model::ProcessorRun& run : runs) {
            const auto number = static_cast<std::uint16_t>(threads.size());
            if (file.foreign_threads.try_emplace(run.thread, number).second) threads.push_back(run.thread);
        }
    }
    file.count(threads.size());
    for (const std::uint64_t thread : threads) file.put(thread);
}

void write_thread_names(Output& file) {
    const std::vector<model::Thread>& threads = file.trace.threads;
    const auto has_name = [](const model::Thread& thread) { return thread.name != TextId::None; };
    file.count(static_cast<std::uint64_t>(std::count_if(threads.begin(), threads.end(), has_name)));
    for (const model::Thread& thread : threads) {
        if (!has_name(thread)) continue;
        file.put(thread.id);
        file.pointer(thread.name);
    }
    write_foreign_names(file);
    file.count(threads.size() + 1);
    file.put(std::uint64_t{0});  // the first of the short thread numbers stands for no thread
    for (const model::Thread& thread : threads) file.put(thread.id);
    write_foreign_threads(file);
}

void write_texts(Output& file) {
    write_strings(file);
    write_pointers(file);
    write_thread_names(file);
}

using Texts = Numbered<model::TextId>;

model::TextId text_of(const Texts& texts, std::uint64_t address) {
    const model::TextId* const text = texts.find(address);
    return text == nullptr ? model::TextId::None : *text;
}

void read_table(Input& file, const Texts& texts, Names::Table& table) {
    const std::uint64_t entries = file.count();
    for (std::uint64_t i = 0; i < entries; ++i) {
        const auto key = file.get<std::uint64_t>();
        table.emplace(key, text_of(texts, file.get<std::uint64_t>()));
    }
}

void read_foreign_names(Input& file, const Texts& texts) {
    const std::uint64_t threads = file.count();
    for (std::uint64_t i = 0; i < threads; ++i) {
        model::ForeignThread& thread = file.trace().switches.foreign_threads.emplace_back();
        thread.thread = file.get<std::uint64_t>();
        thread.program = text_of(texts, file.get<std::uint64_t>());
        thread.name = text_of(texts, file.get<std::uint64_t>());
    }
}

void read_texts(Input& file) {
    const std::uint64_t count = file.count();
    if (count > model::Strings::kMaxTexts) throw FormatError("the trace file is damaged: too many texts");
    Texts texts;           // by the address that the writing program had them at
    bool has_gap = false;  // others are numbered on behind what is not kept
    for (std::uint64_t i = 0; i < count; ++i) {
        const auto address = file.get<std::uint64_t>();
        const std::string text = file.text();
        if (auto clock = clock_of(text)) {
            file.trace().info.clock = std::move(clock);
            has_gap = true;
            continue;
        }
        if (std::exchange(has_gap, false)) file.trace().strings.append({});
        texts.add(address, file.trace().strings.append(text));
    }
    texts.finish();
    read_table(file, texts, file.names.pointers);
    read_table(file, texts, file.names.threads);
    read_foreign_names(file, texts);
    const std::uint64_t threads = file.count();
    for (std::uint64_t i = 0; i < threads; ++i) file.names.add_short_number(file.get<std::uint64_t>());
    const std::uint64_t foreign_threads = file.count();
    for (std::uint64_t i = 0; i < foreign_threads; ++i) {
        file.names.foreign_threads.push_back(file.get<std::uint64_t>());
    }
}

}  // namespace

const Section kTexts{.write = write_texts, .read = read_texts};

}  // namespace tracypy::tracefile::sections
