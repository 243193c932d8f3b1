// An extension module with pybind11.
#include <pybind11/pybind11.h>

#include "solver.hpp"

namespace py = pybind11;

PYBIND11_MODULE(in_pybind11, module, py::mod_gil_not_used()) {
    module.def("work", [](py::function report) {
        TRACYPY_ZONE("work in C++");
        report(solve(10));
        const py::gil_scoped_release released;
        solve_on_threads(2, 10);
    });
}
