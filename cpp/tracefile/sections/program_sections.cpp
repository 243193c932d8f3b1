// Parts of the program's run that it gave a name, such as "loading". Not kept.
#include "tracefile/sections/input.hpp"
#include "tracefile/sections/list.hpp"
#include "tracefile/sections/output.hpp"

namespace tracypy::tracefile::sections {
namespace {

constexpr Version kOneList{0, 13, 4};
constexpr Version kByCategory{0, 13, 5};  // and the names of the categories

constexpr std::size_t kItemBytes = 15;

void write(Output& file) {
    if (file.since(kOneList)) file.count(0);
    if (file.since(kByCategory)) file.count(0);
}

void read(Input& file) {
    std::uint64_t entries = 0;
    if (file.since(kByCategory)) {
        const std::uint64_t categories = file.count();
        for (std::uint64_t i = 0; i < categories; ++i) {
            file.in.skip(2);
            entries += file.skip_list(kItemBytes);
        }
        file.skip_list(2 + kIndex24Bytes);
    } else if (file.since(kOneList)) {
        entries = file.skip_list(kItemBytes);
    }
    file.skipped("sections", entries);
}

}  // namespace

const Section kProgramSections{.write = write, .read = read};

}  // namespace tracypy::tracefile::sections
