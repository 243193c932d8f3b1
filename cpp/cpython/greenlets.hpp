// Greenlets as fibers, and so gevent's and eventlet's: each but the one that is the thread itself has a row of its own.
//
// greenlet calls a function at each switch (greenlet.settrace), one for each thread. Ours is put before the one that is
// there, and calls it first. It takes itself away at the first switch after the session has ended: no other thread can.
#pragma once

#include "cpython/compat.hpp"
#include "recorder/thread_buffer.hpp"

namespace tracypy::cpython {

/// Follows the calling thread's greenlets from now on, if the program has imported greenlet; `buffer` is the thread's.
/// Cheap where it is done already, or not needed. Never leaves a Python error set.
void watch_greenlets(recorder::ThreadBuffer& buffer) noexcept;

/// There is something for it to do.
bool wants_to_watch_greenlets() noexcept;

/// Whether greenlets are fibers.
void set_greenlets_as_rows(bool on) noexcept;

}  // namespace tracypy::cpython
