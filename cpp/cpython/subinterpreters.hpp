// The calls of other interpreters of this process (CPython 3.13 and later): each is a zone on its thread's row, as
// those of the main interpreter are. There is one recorder, and one control lock; what an interpreter has of its own is
// its tool in sys.monitoring, its handlers, and the slot on its code objects. No object of one is kept by another.
//
// Their threads are for the recorder what native threads are: the main interpreter's GIL does not hold them up, so they
// write inside the gate (recorder/writer_gate.hpp).
#pragma once

#include "cpython/compat.hpp"

namespace tracypy::cpython {

/// Of `tracypy._sub`, a second module in our library. What is imported in an interpreter makes its calls zones whenever
/// those of the main one are.
PyModuleDef* subinterpreter_module() noexcept;

/// From now on calls are recorded in all that have imported the module, with tool id `tool`, if that is free there; or
/// not, for -1. Holds the control lock and the main interpreter, which it lets go of meanwhile.
void record_subinterpreters(int tool) noexcept;

/// Where our library lies, for interpreters that are made while tracypy is enabled: a str.
void set_library_path(PyObject* path) noexcept;
/// They import the module as soon as they are made, if `on`. Holds the control lock and the main interpreter.
void follow_new_interpreters(bool on) noexcept;

/// In a forked child, which has the main interpreter only.
void forget_subinterpreters() noexcept;

}  // namespace tracypy::cpython
