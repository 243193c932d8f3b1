// Whose fibers are over without a word: of a coroutine that is dropped while it waits, or that ends in another thread.
#pragma once

#include "cpython/compat.hpp"
#include "recorder/thread_buffer.hpp"

namespace tracypy::cpython {

/// The coroutine that runs in `frame`, on the calling thread, has begun the fiber. Now and then, so that all together
/// takes a constant time for each, fibers whose coroutines are gone are ended. Never leaves a Python error set.
void watch_owner(recorder::ThreadBuffer& buffer, const recorder::Fiber& fiber,
                 struct _PyInterpreterFrame* frame) noexcept;

}  // namespace tracypy::cpython
