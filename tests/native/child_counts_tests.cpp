// Numbers of children come back as they went in, wherever they are kept.
#include <random>
#include <string>
#include <vector>

#include "check.hpp"
#include "journal/child_counts.hpp"

namespace tracypy::native_tests {
namespace {

/// Sets every count at once but for those of `late` zones, which come last.
bool comes_back(const std::vector<std::uint32_t>& counts, const std::vector<std::size_t>& late = {}) {
    journal::ChildCounts children;
    for (std::size_t i = 0; i < counts.size(); ++i) {
        if (children.add() != i) return false;
        bool is_late = false;
        for (const std::size_t zone : late) is_late = is_late || zone == i;
        if (!is_late) children.set(i, counts[i]);
    }
    for (const std::size_t zone : late) children.set(zone, counts[zone]);
    children.finish();
    if (children.size() != counts.size()) return false;
    for (const std::uint32_t count : counts) {
        if (children.next() != count) return false;
    }
    return true;
}

}  // namespace

TEST(child_counts_of_no_and_of_one_zone) {
    CHECK(comes_back({}));
    CHECK(comes_back({0}));
    CHECK(comes_back({4'000'000'000}));
}

TEST(child_counts_of_every_length) {
    CHECK(comes_back({253, 254, 255, 256, 65'535, 65'536}));
    for (std::uint32_t count = 0; count < 70; ++count) CHECK(comes_back(std::vector<std::uint32_t>(200, count)));
}

TEST(child_counts_of_zones_that_end_late) {
    std::vector<std::uint32_t> counts(300'000, 1);
    counts[0] = 299'999;
    counts[65'535] = 7;
    counts[65'536] = 8;
    CHECK(comes_back(counts, {0}));
    CHECK(comes_back(counts, {299'999, 65'536, 65'535, 100'000, 0}));
}

TEST(child_counts_of_many_zones_take_little) {
    std::mt19937 random(3);
    std::vector<std::uint32_t> counts(1'000'000);
    for (std::uint32_t& count : counts) count = random() % 2 == 0 ? 0 : 2;  // one on average, as in any tree
    CHECK(comes_back(counts));
    journal::ChildCounts children;
    for (const std::uint32_t count : counts) children.set(children.add(), count);
    children.finish();
    CHECK(children.memory_bytes() < counts.size() * 27 / 100);
}

}  // namespace tracypy::native_tests
