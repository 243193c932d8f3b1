#include "base/error.hpp"
#include "bindings/bind.hpp"
#include "bindings/decoded.hpp"
#include "drivers/capture.hpp"

namespace nb = nanobind;

namespace tracypy::bindings {

// The one place where native errors become Python's. Their texts may hold names of files, which need not be UTF-8.
void bind_errors(nb::module_&) {
    nb::register_exception_translator([](const std::exception_ptr& pointer, void*) {
        try {
            std::rethrow_exception(pointer);
        } catch (const base::SystemError& error) {
            // OSError(errno, text) picks the subclass, such as PermissionError, by itself.
            PyErr_SetObject(PyExc_OSError, nb::make_tuple(error.code(), decoded(error.what())).ptr());
        } catch (const base::ValueError& error) {
            PyErr_SetObject(PyExc_ValueError, decoded(error.what()).ptr());
        } catch (const drivers::CaptureError& error) {
            PyErr_SetObject(PyExc_ConnectionError, decoded(error.what()).ptr());
        } catch (const base::Error& error) {
            PyErr_SetObject(PyExc_RuntimeError, decoded(error.what()).ptr());
        }
    });
}

}  // namespace tracypy::bindings
