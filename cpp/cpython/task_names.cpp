#include "cpython/task_names.hpp"

#include "cpython/code_table.hpp"
#include "cpython/lookup_keys.hpp"

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

/// Where the current task of a thread is asked for, and what that calls its coroutine and its name.
struct Library {
    LookupKey module;
    LookupKey coroutine;
    LookupKey name;
    bool has_methods;
};

struct TaskKeys {
    LookupKey current_task{"current_task"};
    Library asyncio{LookupKey("_asyncio"), LookupKey("get_coro"), LookupKey("get_name"), true};
    Library trio{LookupKey("trio.lowlevel"), LookupKey("coro"), LookupKey("name"), false};
};

PyObject* part(const Library& library, PyObject* task, PyObject* name) noexcept {
    if (name == nullptr) return nullptr;
    return library.has_methods ? PyObject_CallMethodNoArgs(task, name) : PyObject_GetAttr(task, name);
}

/// The frame of a coroutine lies inside the object.
bool is_run_by(PyObject* coroutine, const void* frame) noexcept {
    const auto* const begin = reinterpret_cast<const char*>(coroutine);
    const auto* const at = static_cast<const char*>(frame);
    return at > begin && at < begin + Py_TYPE(coroutine)->tp_basicsize;
}

// The name of the library's current task, if that is the one. Only where the program has imported the library.
std::string name_by(const Library& library, PyObject* current_task, const void* frame) {
    if (library.module == nullptr || current_task == nullptr) return {};
    const Object module(dict_item(PyImport_GetModuleDict(), library.module));
    if (!module) return {};
    const Object task(PyObject_CallMethodNoArgs(module.get(), current_task));
    if (!task) return {};
    const Object coroutine(part(library, task.get(), library.coroutine));
    if (!coroutine || !is_run_by(coroutine.get(), frame)) return {};
    const Object name(part(library, task.get(), library.name));
    return name && PyUnicode_Check(name.get()) ? utf8_of(name.get()) : std::string();
}

std::string known_name(const void* frame) {
    return with_keys<TaskKeys>([=](const TaskKeys& keys) {
        std::string name = name_by(keys.asyncio, keys.current_task, frame);
        return name.empty() ? name_by(keys.trio, keys.current_task, frame) : name;
    });
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
        name.own = known_name(frame);
        name.row = name.own.empty() || is_number_only(name.own) ? utf8_of(code->co_qualname) : name.own;
    } catch (...) {
        // Out of memory: a row without a name.
    }
    PyErr_Clear();
    return name;
}

}  // namespace tracypy::cpython
