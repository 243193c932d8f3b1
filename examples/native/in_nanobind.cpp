// An extension module with nanobind.
#include <nanobind/nanobind.h>

#include "solver.hpp"

namespace nb = nanobind;

NB_MODULE(in_nanobind, module) {
    module.def("work", [](nb::callable report) {
        TRACYPY_ZONE("work in C++");
        report(solve(10));  // what Python does there lies inside this zone
        const nb::gil_scoped_release released;
        solve_on_threads(2, 10);
    });
}
