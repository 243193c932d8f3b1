// The tables of names are bounded: behind the bounds a name costs nothing, and what has one is something else's.
#include "base/names.hpp"

#include <string>

#include "check.hpp"

namespace tracypy::native_tests {
namespace {

using base::Names;
using base::SourceLocationId;
using base::StringId;

constexpr auto kOther = SourceLocationId::Other;

}  // namespace

TEST(behind_the_number_of_locations_nothing_is_kept_but_what_is_known_is_found) {
    Names names;
    const SourceLocationId first = names.locate({"f", "a.py", 1});
    const std::string_view own = "own";
    const SourceLocationId named = names.locate({"f", "a.py", 1, 0xFF0000, &own});
    CHECK(first != kOther && named != kOther && named != first);
    for (std::uint32_t line = 2; names.locations.has_room(); ++line) CHECK(names.locate({"f", "a.py", line}) != kOther);
    CHECK(names.locations.size() == base::SourceLocationTable::kMaxLocations);
    for (const std::string text : {"<generated 1>", "<generated 2>"}) {
        const std::string_view name = text;
        CHECK(names.locate({"g", text, 1}) == kOther && names.locate({text, "a.py", 1}) == kOther);
        CHECK(names.locate({"f", "a.py", 1, 0, &name}) == kOther);
        CHECK(names.strings.known(text) == StringId::None);
    }
    CHECK(names.locate({"f", "a.py", 1}) == first && names.locate({"f", "a.py", 1, 0xFF0000, &own}) == named);
}

TEST(behind_the_size_of_all_texts_nothing_is_kept) {
    Names names;
    names.strings.set_limit_bytes(1 << 20);
    std::uint32_t kept = 0;
    while (names.locate({std::string(1'000, 'x') + std::to_string(kept), "a.py", 1}) != kOther) ++kept;
    CHECK(kept > 900 && kept < 1'049);
    CHECK(names.locate({std::string(1'000, 'x') + "0", "a.py", 1}) != kOther);
    CHECK(names.strings.known(std::string(1'000, 'x') + std::to_string(kept)) == StringId::None);
    CHECK(names.strings.intern_if_room("new") == StringId::None && names.strings.known("new") == StringId::None);
    CHECK(names.strings.intern_if_room("a.py") == names.strings.known("a.py"));
    CHECK(names.strings.known("a.py") != StringId::None);
}

TEST(behind_the_number_of_frame_sets_all_are_one) {
    Names names;
    const StringId first = names.frames.intern("set 0");
    for (std::size_t i = 1; i < base::LimitedNames::kMost; ++i) names.frames.intern("set " + std::to_string(i));
    const StringId other = names.frames.intern("one more");
    CHECK(names.strings.find(other).text == "other frames" && names.frames.intern("and another") == other);
    CHECK(names.strings.known("and another") == StringId::None);
    CHECK(names.frames.intern("set 0") == first && names.strings.find(first).text == "set 0");
}

TEST(names_of_threads_that_are_gone_go_with_the_next_session) {
    base::ThreadNames threads;
    threads.set(base::ThreadId{1}, "stays");
    threads.set(base::ThreadId{2}, "goes");
    threads.keep_only({base::ThreadId{1}});
    CHECK(threads.find(base::ThreadId{1}) == "stays" && threads.find(base::ThreadId{2}) == "thread 2");
}

}  // namespace tracypy::native_tests
