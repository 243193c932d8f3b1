// All texts of the trace, and the names that go over them: of frame sets, plots and memory pools, of threads; then the
// short numbers of threads.
#include <algorithm>
#include <set>

#include "tracefile/sections/input.hpp"
#include "tracefile/sections/list.hpp"
#include "tracefile/sections/output.hpp"

namespace tracypy::tracefile::sections {
namespace {

using model::TextId;

void write_texts(Output& file) {
    const model::Strings& strings = file.trace.strings;
    file.count(strings.size() + (file.padding ? 1 : 0));
    for (std::size_t i = 1; i <= strings.size(); ++i) {
        file.put(std::uint64_t{i});
        file.text(strings.at(static_cast<TextId>(i)));
    }
    if (file.padding) {
        file.put(std::uint64_t{strings.size() + 1});
        file.text(std::string(*file.padding, ' '));
    }
}

/// What Output::pointer() is written for.
void write_pointers(Output& file) {
    std::set<TextId> named;
    for (const model::FrameSet& set : file.trace.frame_sets) named.insert(set.name);
    for (const model::Plot& plot : file.trace.plots) named.insert(plot.name);
    for (const model::MemoryPool& pool : file.trace.memory_pools) named.insert(pool.name);
    named.erase(TextId::None);
    file.count(named.size());
    for (const TextId id : named) {
        file.pointer(id);
        file.pointer(id);
    }
}

void write_threads(Output& file) {
    const std::vector<model::Thread>& threads = file.trace.threads;
    const auto has_name = [](const model::Thread& thread) { return thread.name != TextId::None; };
    file.count(static_cast<std::uint64_t>(std::count_if(threads.begin(), threads.end(), has_name)));
    for (const model::Thread& thread : threads) {
        if (!has_name(thread)) continue;
        file.put(thread.id);
        file.pointer(thread.name);
    }
    file.count(0);  // names of other processes
    file.count(threads.size() + 1);
    file.put(std::uint64_t{0});  // the first of the short thread numbers stands for no thread
    for (const model::Thread& thread : threads) file.put(thread.id);
    file.count(0);  // threads of other processes
}

void write(Output& file) {
    write_texts(file);
    write_pointers(file);
    write_threads(file);
}

void read_table(Input& file, const Names::Table& texts, Names::Table& table) {
    const std::uint64_t entries = file.count();
    for (std::uint64_t i = 0; i < entries; ++i) {
        const auto key = file.get<std::uint64_t>();
        table.emplace(key, Names::find(texts, file.get<std::uint64_t>()));
    }
}

void read(Input& file) {
    const std::uint64_t count = file.count();
    if (count > model::Strings::kMaxTexts) throw FormatError("the trace file is damaged: too many texts");
    Names::Table texts;  // by the address that the writing program had them at
    for (std::uint64_t i = 0; i < count; ++i) {
        const auto address = file.get<std::uint64_t>();
        texts.emplace(address, file.trace().strings.append(file.text()));
    }
    read_table(file, texts, file.names.pointers);
    read_table(file, texts, file.names.threads);
    file.skip_list(3 * 8);  // names of other processes
    const std::uint64_t threads = file.count();
    for (std::uint64_t i = 0; i < threads; ++i) file.names.add_short_number(file.get<std::uint64_t>());
    file.skip_list(8);  // threads of other processes
}

}  // namespace

const Section kTexts{.write = write, .read = read};

}  // namespace tracypy::tracefile::sections
