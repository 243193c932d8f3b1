#include <nanobind/stl/string.h>

#include <string_view>
#include <variant>

#include "base/error.hpp"
#include "bindings/bind.hpp"
#include "bindings/decoded.hpp"
#include "drivers/capture.hpp"

namespace nb = nanobind;
using namespace nb::literals;

namespace tracypy::bindings {
namespace {

nb::dict facts_of(const base::Problem& problem) {
    nb::dict facts;
    problem.each_fact([&](std::string_view name, const base::Fact& fact) {
        const auto* const text = std::get_if<std::string>(&fact.value);
        facts[decoded(name)] =
            text != nullptr ? nb::object(decoded(*text)) : nb::cast(std::get<std::int64_t>(fact.value));
    });
    return facts;
}

// By code. Python's words are only read: to run any Python here could be the end of a daemon thread, at exit, with what
// it holds.
PyObject* g_words = nullptr;  // a dict, never released

nb::object worded(const base::Error& error, const nb::str& code) {
    PyObject* const words = g_words != nullptr ? PyDict_GetItem(g_words, code.ptr()) : nullptr;  // borrowed
    if (words == nullptr) return decoded(error.what());
    return decoded(error.problem().worded(nb::cast<std::string>(nb::handle(words))));
}

void set_words(const nb::dict& words) {
    Py_XSETREF(g_words, Py_NewRef(words.ptr()));
}

template <typename... Arguments>
void raise(PyObject* type, const base::Error& error, const Arguments&... arguments) {
    const nb::str code(base::name_of(error.problem().code).c_str());
    const nb::dict facts = facts_of(error.problem());
    const nb::object raised = nb::handle(type)(arguments..., worded(error, code));
    raised.attr("code") = code;
    raised.attr("facts") = facts;
    PyErr_SetObject(raised.type().ptr(), raised.ptr());
}

void translate(const std::exception_ptr& pointer) {
    try {
        std::rethrow_exception(pointer);
    } catch (const base::SystemError& error) {
        raise(PyExc_OSError, error, error.code());  // it picks the subclass, such as PermissionError, by itself
    } catch (const base::ValueError& error) {
        raise(PyExc_ValueError, error);
    } catch (const drivers::CaptureError& error) {
        raise(PyExc_ConnectionError, error);
    } catch (const base::Error& error) {
        raise(PyExc_RuntimeError, error);
    }
}

/// For the check that everything has its words: each code with the names of its facts, and whether Python words it.
nb::dict error_codes() {
    nb::dict codes;
    for (std::size_t i = 0; i < std::size(base::kErrorKinds); ++i) {
        const base::ErrorKind& kind = base::kErrorKinds[i];
        codes[base::name_of(static_cast<base::ErrorCode>(i)).c_str()] =
            nb::make_tuple(decoded(kind.facts), kind.words == base::kWordedInPython);
    }
    return codes;
}

}  // namespace

// The one place where native errors become Python's. Their facts may be names of files, which need not be UTF-8.
void bind_errors(nb::module_& module) {
    nb::register_exception_translator([](const std::exception_ptr& pointer, void*) {
        try {
            translate(pointer);
        } catch (nb::python_error& failure) {
            failure.restore();
        }
    });
    module.def("set_words", &set_words, "words"_a, nb::sig("def set_words(words: dict[str, str]) -> None"),
               "Say by code what errors read; names in braces stand for their facts.");
    module.def("error_codes", &error_codes, nb::sig("def error_codes() -> dict[str, tuple[str, bool]]"),
               "Return what can go wrong: each code, the names of its facts, and whether Python has the words.");
}

}  // namespace tracypy::bindings
