#include "cpython/task_owners.hpp"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <memory>
#include <vector>

#include "cpython/lookup_keys.hpp"

namespace tracypy::cpython {
namespace {

using recorder::Fiber;
using recorder::FiberKey;
using recorder::ThreadBuffer;

constexpr std::size_t kLeast = 32;

struct OwnerKeys {
    LookupKey owners{"tracypy.tasks"};
};

/// Of one thread: who runs on each of its fibers, or did so last.
class Owners {
public:
    Owners() = default;
    ~Owners() {
        for (const Owner& one : all_) Py_XDECREF(one.reference);
    }
    Owners(const Owners&) = delete;
    Owners& operator=(const Owners&) = delete;

    /// In place of who was there: a weak reference, or null.
    PyObject*& reference_for(const Fiber& fiber) {
        if (fiber.index >= all_.size()) all_.resize(fiber.index + 1);
        Owner& owner = all_[fiber.index];
        owner.key = fiber.key;
        Py_CLEAR(owner.reference);
        return owner.reference;
    }
    bool is_time_to_look() noexcept { return ++begun_ >= next_look_; }
    void end_those_without(ThreadBuffer& buffer) {
        std::size_t alive = 0;
        std::vector<FiberKey> gone;
        for (const Fiber& fiber : buffer.fibers()->all()) {
            if (fiber.key == 0) continue;
            const bool is_over = is_gone(fiber);
            if (is_over) gone.push_back(fiber.key);
            alive += is_over ? 0 : 1;
        }
        begun_ = 0;
        next_look_ = std::max(kLeast, alive);
        for (const FiberKey key : gone) buffer.end_fiber_of(key);
    }

private:
    struct Owner {
        FiberKey key = 0;
        PyObject* reference = nullptr;
    };

    // The fiber may be another one's by now, who is not watched.
    bool is_gone(const Fiber& fiber) const noexcept {
        if (fiber.index >= all_.size()) return false;
        const Owner& owner = all_[fiber.index];
        return owner.key == fiber.key && owner.reference != nullptr && is_dead(owner.reference);
    }

    std::vector<Owner> all_;  // by the numbers of the fibers
    std::size_t begun_ = 0;   // since the last look
    std::size_t next_look_ = kLeast;
};

PyObject* new_owners() {
    auto made = std::make_unique<Owners>();
    PyObject* const capsule = PyCapsule_New(made.get(), nullptr, [](PyObject* object) {
        delete static_cast<Owners*>(PyCapsule_GetPointer(object, nullptr));
    });
    if (capsule != nullptr) (void)made.release();
    return capsule;
}

PyObject* capsule_by(PyObject* name) {
    PyObject* const all = PyThreadState_GetDict();
    if (all == nullptr || name == nullptr) return nullptr;
    PyObject* found = PyDict_GetItemWithError(all, name);
    if (found != nullptr || PyErr_Occurred() != nullptr) return found;
    PyObject* const made = new_owners();
    if (made == nullptr) return nullptr;
    const bool is_kept = PyDict_SetItem(all, name, made) == 0;
    Py_DECREF(made);
    return is_kept ? made : nullptr;
}

// They go away with the thread, as any other of its objects. Null: no memory.
Owners* owners() {
    PyObject* const capsule = with_keys<OwnerKeys>([](const OwnerKeys& keys) { return capsule_by(keys.owners); });
    return capsule != nullptr ? static_cast<Owners*>(PyCapsule_GetPointer(capsule, nullptr)) : nullptr;
}

// New reference, or null.
PyObject* running_coroutine() noexcept {
    PyFrameObject* const frame = PyEval_GetFrame();
    return frame != nullptr ? PyFrame_GetGenerator(frame) : nullptr;
}

// New reference, or null. The first one tells where its frame lies: to ask for each makes an object of its frame.
PyObject* coroutine_of(struct _PyInterpreterFrame* frame) noexcept {
    static std::atomic<std::ptrdiff_t> place{0};
    auto* const at = reinterpret_cast<char*>(frame);
    if (const std::ptrdiff_t known = place.load(std::memory_order_relaxed); known != 0) {
        auto* const object = reinterpret_cast<PyObject*>(at - known);
        if (Py_IS_TYPE(object, &PyCoro_Type)) return Py_NewRef(object);
    }
    PyObject* const coroutine = running_coroutine();
    if (coroutine != nullptr && Py_IS_TYPE(coroutine, &PyCoro_Type) && is_run_by(coroutine, frame)) {
        place.store(at - reinterpret_cast<char*>(coroutine), std::memory_order_relaxed);
    }
    return coroutine;
}

// New reference, or null.
PyObject* reference_to_coroutine_of(struct _PyInterpreterFrame* frame) noexcept {
    PyObject* const coroutine = coroutine_of(frame);
    if (coroutine == nullptr) return nullptr;
    PyObject* const reference = PyWeakref_NewRef(coroutine, nullptr);
    Py_DECREF(coroutine);
    return reference;
}

}  // namespace

void watch_owner(ThreadBuffer& buffer, const Fiber& fiber, struct _PyInterpreterFrame* frame) noexcept {
    try {
        if (Owners* const all = owners()) {
            all->reference_for(fiber) = reference_to_coroutine_of(frame);
            if (all->is_time_to_look()) all->end_those_without(buffer);
        }
    } catch (...) {
        // Out of memory: the next one looks.
    }
    PyErr_Clear();
}

}  // namespace tracypy::cpython
