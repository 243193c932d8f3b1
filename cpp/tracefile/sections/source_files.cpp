// The texts of source files: a name and a text each.
#include "tracefile/sections/input.hpp"
#include "tracefile/sections/list.hpp"
#include "tracefile/sections/output.hpp"

namespace tracypy::tracefile::sections {
namespace {

void write_source_files(Output& file) {
    const auto put = [&file](const std::string& text) {
        file.put(static_cast<std::uint32_t>(text.size()));
        file.out.put_bytes(text);
    };
    file.count(file.trace.source_files.size());
    for (const model::SourceFile& source : file.trace.source_files) {
        put(source.name);
        put(source.text);
    }
}

void read_source_files(Input& file) {
    const std::uint64_t files = file.count();
    for (std::uint64_t i = 0; i < files; ++i) {
        std::string name = file.in.get_text(file.get<std::uint32_t>());
        file.trace().source_files.push_back({std::move(name), file.in.get_text(file.get<std::uint32_t>())});
    }
}

}  // namespace

const Section kSourceFiles{.write = write_source_files, .read = read_source_files};

}  // namespace tracypy::tracefile::sections
