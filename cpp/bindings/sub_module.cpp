// tracypy._sub: what an interpreter imports that is not the main one. In the library of _core, with which it shares the
// recorder, but not by nanobind, whose modules belong to one interpreter.
#include "cpython/subinterpreters.hpp"

PyMODINIT_FUNC PyInit__sub();

PyMODINIT_FUNC PyInit__sub() {
    return PyModuleDef_Init(tracypy::cpython::subinterpreter_module());
}
