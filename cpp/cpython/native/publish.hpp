// The interface for native code, as the rest of tracypy sees it.
#pragma once

#include "cpython/compat.hpp"

namespace tracypy::cpython {

/// Puts the capsule `_C_API` into `module`, and tells all libraries that are there already. False with an error set.
bool publish_native_api(PyObject* module) noexcept;

namespace native {

/// Around a fork: what belongs to no other part.
void lock_for_fork() noexcept;
void unlock_after_fork() noexcept;

}  // namespace native
}  // namespace tracypy::cpython
