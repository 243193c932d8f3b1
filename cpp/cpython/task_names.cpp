#include "cpython/task_names.hpp"

#include "cpython/code_table.hpp"

namespace tracypy::cpython {
namespace {

/// Owned, and null on errors, which are cleared.
class Object {
public:
    explicit Object(PyObject* object) noexcept : object_(object) {
        if (object == nullptr) PyErr_Clear();
    }
    ~Object() { Py_XDECREF(object_); }
    Object(const Object&) = delete;
    Object& operator=(const Object&) = delete;
    PyObject* get() const noexcept { return object_; }
    explicit operator bool() const noexcept { return object_ != nullptr && object_ != Py_None; }

private:
    PyObject* object_;
};

PyObject* interned(PyObject*& slot, const char* text) noexcept {
    if (slot == nullptr) slot = PyUnicode_InternFromString(text);
    return slot;
}

PyObject* call(PyObject* object, PyObject* method) noexcept {
    return object != nullptr && method != nullptr ? PyObject_CallMethodNoArgs(object, method) : nullptr;
}

/// The frame of a coroutine lies inside the object.
bool is_run_by(PyObject* coroutine, const void* frame) noexcept {
    const auto* const begin = reinterpret_cast<const char*>(coroutine);
    const auto* const at = static_cast<const char*>(frame);
    return at > begin && at < begin + Py_TYPE(coroutine)->tp_basicsize;
}

// The name of asyncio's current task, if that is the one. Only where the program has imported asyncio.
std::string asyncio_name(const void* frame) {
    static PyObject* names[5] = {};
    PyObject* const module_name = interned(names[0], "_asyncio");
    const Object module(dict_item(PyImport_GetModuleDict(), module_name));
    if (!module) return {};
    const Object loop(call(module.get(), interned(names[1], "_get_running_loop")));
    if (!loop) return {};
    const Object task(call(module.get(), interned(names[2], "current_task")));
    if (!task) return {};
    const Object coroutine(call(task.get(), interned(names[3], "get_coro")));
    if (!coroutine || !is_run_by(coroutine.get(), frame)) return {};
    const Object name(call(task.get(), interned(names[4], "get_name")));
    return name && PyUnicode_Check(name.get()) ? utf8_of(name.get()) : std::string();
}

// `Task-17`: what asyncio calls a task that the program gives no name.
bool is_number_only(const std::string& name) noexcept {
    constexpr std::string_view kPrefix = "Task-";
    return name.starts_with(kPrefix) && name.find_first_not_of("0123456789", kPrefix.size()) == std::string::npos;
}

}  // namespace

TaskName name_of_task(struct _PyInterpreterFrame* frame, PyCodeObject* code) noexcept {
    TaskName name;
    try {
        name.own = asyncio_name(frame);
        name.row = name.own.empty() || is_number_only(name.own) ? utf8_of(code->co_qualname) : name.own;
    } catch (...) {
        // Out of memory: a row without a name.
    }
    return name;
}

}  // namespace tracypy::cpython
