#include "cpython/sections.hpp"

#include <array>
#include <utility>

#include "cpython/arguments.hpp"
#include "cpython/code_table.hpp"
#include "cpython/first_use.hpp"
#include "cpython/thread_state.hpp"

namespace tracypy::cpython {
namespace {

struct SectionObject {
    PyObject_HEAD
    PyObject* name;       // a str
    base::StringId text;  // the same
    std::uint16_t category;
    std::uint32_t number;  // while it lasts; else 0
};

PyTypeObject* g_type = nullptr;

SectionObject& as_section(PyObject* object) noexcept {
    return *reinterpret_cast<SectionObject*>(object);
}

bool begin_section(PyObject* object) noexcept {
    const ObjectLock lock(object);
    SectionObject& section = as_section(object);
    if (section.number != 0) {
        PyErr_Format(PyExc_RuntimeError, "section %R is open already: end it first, or make another one", section.name);
        return false;
    }
    try {
        section.number = process_recorder().sections().begin(ready_buffer(), section.category, section.text);
    } catch (...) {
        PyErr_NoMemory();
        return false;
    }
    return true;
}

/// False: it does not last.
bool end_section(SectionObject& section) noexcept {
    const std::uint32_t number = std::exchange(section.number, 0);
    if (number == 0) return false;
    process_recorder().sections().end(process_recorder().epoch() == 0 ? nullptr : ready_buffer(), number);
    return true;
}

PyObject* section_begin(PyObject* object, PyObject*) noexcept {
    note_use();
    if (!begin_section(object)) return nullptr;
    Py_RETURN_NONE;
}

PyObject* section_end(PyObject* object, PyObject*) noexcept {
    const ObjectLock lock(object);
    if (end_section(as_section(object))) Py_RETURN_NONE;
    return PyErr_Format(PyExc_RuntimeError, "section %R has not begun, or has ended: there is nothing to end",
                        as_section(object).name);
}

PyObject* section_enter(PyObject* object, PyObject*) noexcept {
    note_use();
    return begin_section(object) ? Py_NewRef(object) : nullptr;
}

// The program may have ended it by hand.
PyObject* section_exit(PyObject* object, PyObject*) noexcept {
    const ObjectLock lock(object);
    (void)end_section(as_section(object));
    Py_RETURN_NONE;
}

PyObject* section_repr(PyObject* object) noexcept {
    const SectionObject& section = as_section(object);
    return PyUnicode_FromFormat("<tracypy.Section %R%s>", section.name, section.number != 0 ? ", begun" : "");
}

void section_dealloc(PyObject* object) noexcept {
    PyTypeObject* const type = Py_TYPE(object);
    (void)end_section(as_section(object));
    Py_XDECREF(as_section(object).name);
    type->tp_free(object);
    Py_DECREF(type);
}

PyMethodDef g_methods[] = {
    {"begin", section_begin, METH_NOARGS,
     "begin($self)\n--\n\nBegin it.\n\nRaises:\n    RuntimeError: It has begun, and not ended."},
    {"end", section_end, METH_NOARGS,
     "end($self)\n--\n\nEnd it, on any thread. It can begin again.\n\n"
     "Raises:\n    RuntimeError: It has not begun, or has ended."},
    {"__enter__", section_enter, METH_NOARGS, "__enter__($self)\n--\n\nBegin it."},
    {"__exit__", section_exit, METH_VARARGS, "__exit__($self, *exc_info)\n--\n\nEnd it, unless end() has."},
    {nullptr, nullptr, 0, nullptr},
};

PyType_Slot g_section_slots[] = {
    {Py_tp_dealloc, reinterpret_cast<void*>(section_dealloc)},
    {Py_tp_repr, reinterpret_cast<void*>(section_repr)},
    {Py_tp_methods, g_methods},
    {Py_tp_doc, const_cast<char*>("A part of the program's run, as section() makes it: begin() and end() it, or `with` "
                                  "it.\n\nIt ends when nothing refers to it any more.")},
    {0, nullptr},
};

PyType_Spec g_section_spec = {"tracypy._core.Section", sizeof(SectionObject), 0,
                              Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION,
                              g_section_slots};

PyObject* make_section(PyObject* name, PyObject* category) {
    base::LimitedNames& names = base::names().sections;
    const base::StringId text = names.intern(utf8_of(name));
    std::uint16_t number = 0;
    if (category != nullptr) number = process_recorder().sections().category(names.intern(utf8_of(category)));
    PyObject* const object = g_type->tp_alloc(g_type, 0);
    if (object == nullptr) return nullptr;
    SectionObject& section = as_section(object);
    section.name = Py_NewRef(name);
    section.text = text;
    section.category = number;
    return object;
}

PyObject* function_section(PyObject*, PyObject* const* arguments, Py_ssize_t count, PyObject* keywords) noexcept {
    static constexpr std::array kNames{"name", "category"};
    std::array<PyObject*, kNames.size()> values;
    if (!sort_arguments({"section", kNames}, arguments, count, keywords, values)) return nullptr;
    auto [name, category] = values;
    if (!require_str("section()", "name", name)) return nullptr;
    if (category == Py_None) category = nullptr;
    if (category != nullptr && !require_str("section()", "category", category)) return nullptr;
    try {
        return make_section(name, category);
    } catch (...) {
        return PyErr_NoMemory();
    }
}

PyMethodDef g_section_functions[] = {
    {"section", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(function_section)),
     METH_FASTCALL | METH_KEYWORDS,
     "section($module, name, *, category=None)\n--\n\n"
     "Return a part of the whole program's run, to be begun and ended: `with tracypy.section(\"loading\"):`.\n\n"
     "Sections may overlap in any way, on any threads. One that is open when a viewer connects begins there for it.\n"
     "Viewers before 0.14 have no sections: they get a message at each end.\n\n"
     "Args:\n"
     "    name: What the program does. The 4,097th name and all after it are one, \"other sections\".\n"
     "    category: Sections of one category can be shown and hidden together; None for those without one.\n\n"
     "Raises:\n"
     "    TypeError: The name or the category is not a str."},
    {nullptr, nullptr, 0, nullptr},
};

}  // namespace

bool add_sections_to(PyObject* module) noexcept {
    if (g_type == nullptr) g_type = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&g_section_spec));
    return g_type != nullptr && PyModule_AddObjectRef(module, "Section", reinterpret_cast<PyObject*>(g_type)) == 0 &&
           PyModule_AddFunctions(module, g_section_functions) == 0;
}

}  // namespace tracypy::cpython
