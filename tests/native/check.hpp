// The least of a test framework: CHECK counts and reports, TEST registers.
#pragma once

#include <cstdio>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace tracypy::native_tests {

struct Test {
    const char* name;
    std::function<void()> run;
};

inline std::vector<Test>& tests() {
    static std::vector<Test> list;
    return list;
}

inline int& failures() {
    static int count = 0;
    return count;
}

inline bool register_test(const char* name, std::function<void()> run) {
    tests().push_back({name, std::move(run)});
    return true;
}

inline void report(const char* file, int line, const char* what) {
    ++failures();
    std::fprintf(stderr, "%s:%d: failed: %s\n", file, line, what);
}

}  // namespace tracypy::native_tests

#define TEST(name)                                                                                                     \
    static void test_##name();                                                                                         \
    [[maybe_unused]] static const bool registered_##name = ::tracypy::native_tests::register_test(#name, test_##name); \
    static void test_##name()

#define CHECK(condition)                                                                   \
    do {                                                                                   \
        if (!(condition)) ::tracypy::native_tests::report(__FILE__, __LINE__, #condition); \
    } while (false)

#define REQUIRE(condition)                                                   \
    do {                                                                     \
        if (!(condition)) {                                                  \
            ::tracypy::native_tests::report(__FILE__, __LINE__, #condition); \
            return;                                                          \
        }                                                                    \
    } while (false)
