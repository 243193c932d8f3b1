// tracypy._core: the native side of tracypy, as its Python layer sees it.
#include <string>
#include <string_view>

#include "bindings/bind.hpp"
#include "cpython/native/publish.hpp"
#include "cpython/subinterpreters.hpp"

namespace nb = nanobind;

namespace tracypy::bindings {

namespace {

// What the first import made. The process has one recorder, and nanobind knows each C++ type once.
PyObject* g_contents = nullptr;  // never released
PyObject* g_module = nullptr;    // the first one; never released
bool g_has_finalized = false;    // Python has, so that both are gone

/// Throws in a Python that a program has initialized once more.
void refuse_second_python() {
    if (!g_has_finalized) return;
    throw nb::import_error("tracypy cannot be imported again: Python has been finalized in this process");
}

/// True when `module` is one more import in this process, after somebody has emptied `sys.modules`, and is complete.
bool is_another_import(nb::module_& module) {
    if (g_contents == nullptr) return false;
    if (PyDict_Merge(PyModule_GetDict(module.ptr()), g_contents, 0) != 0) throw nb::python_error();
    return true;
}

void remember(nb::module_& module) {
    (void)Py_AtExit([]() noexcept { g_has_finalized = true; });
    g_module = Py_NewRef(module.ptr());
    g_contents = PyDict_Copy(PyModule_GetDict(module.ptr()));
    if (g_contents == nullptr) throw nb::python_error();
}

/// No collection runs, so no code of the program either, and no other thread comes in between.
class NoCollections {
public:
    NoCollections() : was_on_(PyGC_Disable() != 0) {}
    ~NoCollections() {
        if (was_on_) PyGC_Enable();
    }
    NoCollections(const NoCollections&) = delete;
    NoCollections& operator=(const NoCollections&) = delete;

private:
    const bool was_on_;
};

// Nearly all types are for reading what was recorded. Making them would take half of the time of the import, for
// programs that only record.
void bind_the_rest() {
    static nb::ft_mutex mutex;
    static bool is_bound = false;
    static thread_local bool is_at_it = false;
    if (is_at_it) return;  // nanobind asks whether the name that it is about to define is there
    const nb::ft_lock_guard lock(mutex);
    if (is_bound) return;
    const NoCollections nothing_else_runs;
    auto module = nb::borrow<nb::module_>(g_module);
    is_bound = true;
    is_at_it = true;
    bind_trace(module);
    bind_capture(module);
    bind_live(module);
    bind_merge(module);
    bind_analysis(module);
    bind_zones(module);
    bind_exporting(module);
    bind_timeline(module);
    is_at_it = false;
    if (PyDict_Merge(g_contents, PyModule_GetDict(g_module), 1) != 0) throw nb::python_error();
}

/// What Python asks for a name that the module has not (PEP 562).
nb::object late(nb::str name) {
    const std::string_view asked = name.c_str();
    // Names of the language's own are asked for at every import.
    if (!asked.starts_with("__")) {
        bind_the_rest();
        if (PyObject* found = PyDict_GetItemWithError(g_contents, name.ptr())) return nb::borrow(found);
        if (PyErr_Occurred() != nullptr) throw nb::python_error();
    }
    throw nb::attribute_error(("module 'tracypy._core' has no attribute '" + std::string(asked) + "'").c_str());
}

}  // namespace

}  // namespace tracypy::bindings

NB_MODULE(_core, module) {
    using namespace tracypy::bindings;
    using namespace tracypy;
    module.doc() = "The native side of tracypy: zones, frame marks, monitoring handlers and the server for viewers.";
    // A daemon thread that is in here at exit stays so, with all it refers to. That is no mistake of the program's, and
    // nothing that belongs on its stderr.
    nb::set_leak_warnings(false);
    refuse_second_python();
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
    module.def("__getattr__", &late, nb::arg("name"));
    cpython::set_library_path(nb::object(module.attr("__file__")).ptr());
    if (!cpython::publish_native_api(module.ptr())) throw nb::python_error();
    remember(module);
}
