// The ids of the names that the program writes as literals, so that each is looked up once.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/ids.hpp"
#include "base/names.hpp"
#include "cpython/code_table.hpp"
#include "cpython/compat.hpp"

namespace tracypy::cpython {

/// Of one kind of thing. Guarded by the GIL; builds without it look up each time.
class NameCache {
public:
    explicit NameCache(base::LimitedNames& names) noexcept : names_(names) {}

    /// The id of `name`, a str. Throws std::bad_alloc.
    base::StringId find(PyObject* name) {
        if (kFreeThreaded || !PyUnicode_CHECK_INTERNED(name)) return names_.intern(utf8_of(name));
        Entry& entry = entries_[(reinterpret_cast<std::uintptr_t>(name) >> 4) % entries_.size()];
        if (entry.name != name) {
            entry.id = names_.intern(utf8_of(name));
            Py_XSETREF(entry.name, Py_NewRef(name));  // so that its address is no other name's
        }
        return entry.id;
    }

private:
    struct Entry {
        PyObject* name = nullptr;
        base::StringId id = base::StringId::None;
    };
    base::LimitedNames& names_;
    std::array<Entry, 256> entries_{};
};

}  // namespace tracypy::cpython
