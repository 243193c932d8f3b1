#include "cpython/task_names.hpp"

#include <optional>
#include <string_view>
#include <utility>

#include "cpython/code_table.hpp"
#include "cpython/lookup_keys.hpp"

namespace tracypy::cpython {
namespace {

/// What asyncio calls a task that the program gives no name is this and a number.
constexpr std::string_view kNumbered = "Task-";

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
    bool is_asyncio;
};

struct TaskKeys {
    LookupKey current_task{"current_task"};
    Library asyncio{LookupKey("_asyncio"), LookupKey("get_coro"), LookupKey("get_name"), true};
    Library trio{LookupKey("trio.lowlevel"), LookupKey("coro"), LookupKey("name"), false};
};

PyObject* part(const Library& library, PyObject* task, PyObject* name) noexcept {
    if (name == nullptr) return nullptr;
    return library.is_asyncio ? PyObject_CallMethodNoArgs(task, name) : PyObject_GetAttr(task, name);
}

/// What is looked for among the objects that a task refers to.
struct Look {
    const void* frame;
    bool is_at_coroutine = false;
    PyObject* name = nullptr;  // borrowed
};

int look_at(PyObject* object, void* argument) noexcept {
    Look& look = *static_cast<Look*>(argument);
    if (look.is_at_coroutine) {
        look.name = object;
        return 1;
    }
    look.is_at_coroutine = is_run_by(object, look.frame);
    return 0;
}

/// The name of a task of asyncio's native type that runs in `frame`. A task that the program gives no name has a number
/// until somebody asks for the name: to make that for each would cost more than all else. So this looks at what the
/// task refers to: its coroutine, then its name or number. Nothing: it is not such a task, or has something else there.
std::optional<std::string> name_without_asking(PyObject* task, const void* frame) {
    PyTypeObject* const type = Py_TYPE(task);
    if (!PyType_HasFeature(type, Py_TPFLAGS_IMMUTABLETYPE) || std::string_view(type->tp_name) != "_asyncio.Task") {
        return std::nullopt;
    }
    const ObjectLock lock(task);
    Look look{frame};
    type->tp_traverse(task, look_at, &look);
    if (!look.is_at_coroutine) return std::string();
    if (look.name == nullptr) return std::nullopt;
    if (PyUnicode_CheckExact(look.name)) return utf8_of(look.name);
    if (!PyLong_CheckExact(look.name)) return std::nullopt;
    return std::string(kNumbered) + std::to_string(PyLong_AsUnsignedLongLong(look.name));
}

// The name of the library's current task, if that is the one. Only where the program has imported the library.
std::string name_by(const Library& library, PyObject* current_task, const void* frame) {
    if (library.module == nullptr || current_task == nullptr) return {};
    const Object contents(dict_of_imported(library.module));
    const Object function(dict_item(contents.get(), current_task));
    if (!function) return {};
    const Object task(PyObject_CallNoArgs(function.get()));
    if (!task) return {};
    if (std::optional<std::string> name = name_without_asking(task.get(), frame)) return *std::move(name);
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

bool is_number_only(const std::string& name) noexcept {
    return name.starts_with(kNumbered) && name.find_first_not_of("0123456789", kNumbered.size()) == std::string::npos;
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
