// Tasks as fibers: the coroutine that a loop runs has a row of its own, on which its zones stay open while it waits.
//
// No event loop is asked. The coroutine that nothing awaits, which a function or native code drives, is a fiber: so it
// is the same with asyncio, Trio, AnyIO and whatever comes. It begins to run where that coroutine starts or resumes,
// and stops where it yields. Frames tell which coroutine awaits which; where some are filtered out, the outermost one
// of those that are seen stands for all.
//
//     asyncio       task.step -> main() -> fetch() -> read()     one fiber, three zones
//     events        RESUME main, RESUME fetch, RESUME read       the first one brings the fiber back, no zone begins
//                   YIELD read, YIELD fetch, YIELD main          the last one suspends it, no zone ends
//
// Where there is no row for it, a coroutine is shown in slices: each run a zone among the calls of its thread.
#pragma once

#include "cpython/code_table.hpp"
#include "cpython/compat.hpp"
#include "recorder/thread_buffer.hpp"

namespace tracypy::cpython {

/// A coroutine, of which CodeInfo says Awaits, starts or goes on: at the RESUME at byte `offset`, or by an exception
/// (`offset` is negative), by which it is to end if it `is_closed`. `buffer` is ready. Returns the key of the zone that
/// begins; 0: none does.
recorder::ZoneKey coroutine_runs(recorder::ThreadBuffer& buffer, PyObject* code, CodeInfo info, Py_ssize_t offset,
                                 bool is_closed) noexcept;

/// It stops at the YIELD_VALUE at byte `offset`. False: it is no fiber's, and ends as any call.
bool coroutine_yields(recorder::ThreadBuffer& buffer, PyObject* code, CodeInfo info, Py_ssize_t offset) noexcept;

/// It is over. `result`: what it returns, or null. False: as above.
bool coroutine_ends(recorder::ThreadBuffer& buffer, CodeInfo info, PyObject* result) noexcept;

// --- where little is to be done: the code is as Plain::is_coroutine() says, and nothing was written since `now`.
// False: the functions above decide ---

/// It starts, called by the coroutine that awaits it, which runs on a fiber. `begin`: of its zone.
bool awaited_starts(recorder::ThreadBuffer& buffer, events::BeginBits begin, base::Ticks now) noexcept;
/// It is over.
bool awaited_ends(recorder::ThreadBuffer& buffer, base::Ticks now) noexcept;
/// It goes on at the RESUME at byte `offset`, where it waited, or was asked for its next value.
bool coroutine_goes_on(recorder::ThreadBuffer& buffer, PyObject* code, events::BeginBits begin, Py_ssize_t offset,
                       base::Ticks now) noexcept;
/// It stops at the YIELD_VALUE at byte `offset`.
bool coroutine_pauses(recorder::ThreadBuffer& buffer, PyObject* code, Py_ssize_t offset, base::Ticks now) noexcept;

}  // namespace tracypy::cpython
