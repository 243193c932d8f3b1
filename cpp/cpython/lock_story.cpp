#include "cpython/lock_story.hpp"

#include "cpython/arguments.hpp"
#include "cpython/thread_state.hpp"
#include "cpython/told_lock.hpp"

namespace tracypy::cpython {
namespace {

struct StoryObject {
    PyObject_HEAD
    ToldLock told;
};

PyTypeObject* g_type = nullptr;

ToldLock& told(PyObject* object) noexcept {
    return reinterpret_cast<StoryObject*>(object)->told;
}

PyObject* story_new(PyTypeObject* type, PyObject* arguments, PyObject* keywords) noexcept {
    static const char* const kNames[] = {"word", "name", "shared", nullptr};
    const char* word = nullptr;
    PyObject* name = nullptr;
    int is_shared = 0;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "sOp", const_cast<char**>(kNames), &word, &name,
                                     &is_shared)) {
        return nullptr;
    }
    if (name != Py_None && !require_str(word, "name", name)) return nullptr;
    PyObject* const kept_word = PyUnicode_InternFromString(word);  // there are a handful of them
    if (kept_word == nullptr) return nullptr;
    PyObject* const object = type->tp_alloc(type, 0);
    if (object == nullptr) return nullptr;
    told(object).start(PyUnicode_AsUTF8(kept_word), name == Py_None ? nullptr : name, is_shared != 0);
    return object;
}

void story_dealloc(PyObject* object) noexcept {
    PyTypeObject* const type = Py_TYPE(object);
    told(object).stop();
    type->tp_free(object);
    Py_DECREF(type);
}

template <void (ToldLock::*kTell)(recorder::ThreadBuffer*) noexcept>
PyObject* tell(PyObject* object, PyObject*) noexcept {
    if (process_recorder().epoch() == 0) Py_RETURN_NONE;
    const ObjectLock lock(object);
    (told(object).*kTell)(ready_buffer());
    Py_RETURN_NONE;
}

PyMethodDef g_methods[] = {
    {"wait", tell<&ToldLock::wait>, METH_NOARGS, "wait($self)\n--\n\nThe caller cannot have it at once, and waits."},
    {"obtain", tell<&ToldLock::obtain>, METH_NOARGS, "obtain($self)\n--\n\nThe caller has it."},
    {"release", tell<&ToldLock::release>, METH_NOARGS, "release($self)\n--\n\nThe caller is about to let go of it."},
    {"give_up", tell<&ToldLock::give_up>, METH_NOARGS, "give_up($self)\n--\n\nThe caller has waited, in vain."},
    {nullptr, nullptr, 0, nullptr},
};

PyType_Slot g_slots[] = {
    {Py_tp_new, reinterpret_cast<void*>(story_new)},
    {Py_tp_dealloc, reinterpret_cast<void*>(story_dealloc)},
    {Py_tp_methods, g_methods},
    {Py_tp_doc, const_cast<char*>("LockStory(word, name, shared)\n--\n\n"
                                  "What traces are told of a lock that is made of Python code.")},
    {0, nullptr},
};

PyType_Spec g_spec = {"tracypy._core.LockStory", sizeof(StoryObject), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
                      g_slots};

}  // namespace

bool add_lock_story_to(PyObject* module) noexcept {
    if (g_type == nullptr) g_type = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&g_spec));
    return g_type != nullptr && PyModule_AddObjectRef(module, "LockStory", reinterpret_cast<PyObject*>(g_type)) == 0;
}

}  // namespace tracypy::cpython
