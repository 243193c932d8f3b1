// What @profiled has said about code objects, beside their slots: another tool that sets a slot of its own makes the
// interpreter forget ours (write_code_extra), and this mark cannot be worked out again.
#pragma once

#include <cstdint>
#include <unordered_map>

#include "cpython/compat.hpp"

namespace tracypy::cpython {

/// Guarded by the GIL; builds without it do not need it.
class ProfiledMarks {
public:
    /// Throws std::bad_alloc.
    void add(PyObject* code, std::uintptr_t mark);
    /// 0 when there is none.
    std::uintptr_t find(PyObject* code) noexcept;

private:
    struct Entry {
        PyObject* reference = nullptr;  // owned, weak: an address may have become another code object's
        std::uintptr_t mark = 0;
    };

    void remove_dead() noexcept;

    std::unordered_map<PyObject*, Entry> entries_;
    std::size_t tidy_at_ = 64;
};

}  // namespace tracypy::cpython
