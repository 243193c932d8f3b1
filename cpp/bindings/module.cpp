// tracypy._core: the native side of tracypy, as its Python layer sees it.
#include "bindings/bind.hpp"
#include "cpython/native/publish.hpp"
#include "cpython/subinterpreters.hpp"

namespace nb = nanobind;

namespace {

// What the first import made. The process has one recorder, and nanobind knows each C++ type once.
PyObject* g_contents = nullptr;  // never released

/// True when `module` is one more import in this process, after somebody has emptied `sys.modules`, and is complete.
bool is_another_import(nb::module_& module) {
    if (g_contents == nullptr) return false;
    if (PyDict_Merge(PyModule_GetDict(module.ptr()), g_contents, 0) != 0) throw nb::python_error();
    return true;
}

void remember(nb::module_& module) {
    g_contents = PyDict_Copy(PyModule_GetDict(module.ptr()));
    if (g_contents == nullptr) throw nb::python_error();
}

}  // namespace

NB_MODULE(_core, module) {
    using namespace tracypy::bindings;
    using namespace tracypy;
    module.doc() = "The native side of tracypy: zones, frame marks, monitoring handlers and the server for viewers.";
    // A daemon thread that is in here at exit stays so, with all it refers to. That is no mistake of the program's, and
    // nothing that belongs on its stderr.
    nb::set_leak_warnings(false);
    if (is_another_import(module)) return;
    bind_errors(module);
    bind_stderr(module);
    bind_server(module);
    bind_monitor(module);
    bind_markup(module);
    bind_recording(module);
    bind_saving(module);
    bind_fork(module);
    bind_family(module);
    bind_gather(module);
    bind_start(module);
    bind_trace(module);
    bind_capture(module);
    bind_merge(module);
    bind_analysis(module);
    cpython::set_library_path(nb::object(module.attr("__file__")).ptr());
    if (!cpython::publish_native_api(module.ptr())) throw nb::python_error();
    remember(module);
}
