#include "base/error.hpp"
#include "bindings/bind.hpp"
#include "drivers/capture.hpp"

namespace nb = nanobind;

namespace tracypy::bindings {

// The one place where native errors become Python's.
void bind_errors(nb::module_&) {
    nb::register_exception_translator([](const std::exception_ptr& pointer, void*) {
        try {
            std::rethrow_exception(pointer);
        } catch (const base::SystemError& error) {
            // OSError(errno, text) picks the subclass, such as PermissionError, by itself.
            if (PyObject* const arguments = Py_BuildValue("(is)", error.code(), error.what())) {
                PyErr_SetObject(PyExc_OSError, arguments);
                Py_DECREF(arguments);
            }
        } catch (const base::ValueError& error) {
            PyErr_SetString(PyExc_ValueError, error.what());
        } catch (const drivers::CaptureError& error) {
            PyErr_SetString(PyExc_ConnectionError, error.what());
        } catch (const base::Error& error) {
            PyErr_SetString(PyExc_RuntimeError, error.what());
        }
    });
}

}  // namespace tracypy::bindings
