// What the examples in C++ have in common: a library that knows nothing of Python.
#pragma once

#include <functional>
#include <thread>
#include <vector>

#include <tracypy.h>

inline double step(double value) {
    TRACYPY_FUNCTION_ZONE;
    return value / 2 + 1;
}

inline double solve(int steps) {
    TRACYPY_NAMED_ZONE(zone, "solve");
    zone.text("by halves");
    double value = 0;
    for (int i = 0; i < steps; ++i) value = step(value);
    zone.value(static_cast<std::uint64_t>(steps));
    return value;
}

/// On so many threads that Python does not know.
inline void solve_on_threads(int threads, int steps) {
    std::vector<std::thread> workers;
    for (int i = 0; i < threads; ++i) {
        workers.emplace_back([steps] {
            tracypy_set_thread_name("solver");
            solve(steps);
        });
    }
    for (std::thread& worker : workers) worker.join();
}
