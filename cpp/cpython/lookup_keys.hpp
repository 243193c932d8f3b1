// Strings by which something is looked up often: made once, and kept for good. They are objects of the main
// interpreter; in another one, whose objects they would not be, they are made for each look.
#pragma once

#include <atomic>

#include "cpython/compat.hpp"

namespace tracypy::cpython {

/// One of them. Null if there was no memory for it.
class LookupKey {
public:
    explicit LookupKey(const char* letters) noexcept : object_(PyUnicode_InternFromString(letters)) {}
    ~LookupKey() { Py_XDECREF(object_); }
    LookupKey(const LookupKey&) = delete;
    LookupKey& operator=(const LookupKey&) = delete;
    operator PyObject*() const noexcept { return object_; }

private:
    PyObject* object_;
};

/// What `kept` has, or make() at the first use; drop(made) if another thread was faster. Null if make() gives that.
///
/// No static variable with a guard keeps it: a thread that waits at a guard still has its thread state. If all threads
/// are to stop meanwhile, without the GIL, they would wait for it, and it for the thread that makes what is kept.
template <typename Kept, typename Make, typename Drop>
Kept* made_once(std::atomic<Kept*>& kept, const Make& make, const Drop& drop) {
    Kept* there = kept.load(std::memory_order_acquire);
    if (there != nullptr) return there;
    Kept* const made = make();
    if (kept.compare_exchange_strong(there, made, std::memory_order_acq_rel, std::memory_order_acquire)) return made;
    drop(made);
    return there;
}

/// `look(keys)`, of a struct of keys. With the interpreter.
template <typename Keys, typename Look>
auto with_keys(const Look& look) {
    if (!holds_main_interpreter()) return look(Keys());
    static constinit std::atomic<const Keys*> kept{nullptr};
    return look(*made_once(kept, [] { return new Keys; }, [](const Keys* keys) { delete keys; }));
}

}  // namespace tracypy::cpython
