#include "cpython/running_calls.hpp"

#include <algorithm>
#include <vector>

#include "cpython/call_walk.hpp"
#include "cpython/code_table.hpp"
#include "cpython/process_recorder.hpp"
#include "cpython/thread_state.hpp"

namespace tracypy::cpython {
namespace {

void open_calls_of(const RunningThread& thread, base::Ticks now, bool all) {
    std::vector<PyObject*> codes;  // borrowed from frames that cannot go away: the world is stopped
    each_call(thread.state, [&codes, all](PyObject* code, PyFrameObject* frame) {
        if (is_program_root(code)) return false;
        const CodeInfo info = code_info(code, frame);
        if (!info.has(CodeInfo::Hidden) && (all || info.has(CodeInfo::Profiled))) codes.push_back(code);
        return true;
    });
    if (codes.empty()) return;
    recorder::ThreadBuffer* const buffer = process_recorder().find_or_create(thread.native_id, false);
    if (buffer == nullptr) return;
    const std::vector<recorder::OpenZone> by_hand = buffer->lift(now);
    if (buffer->depth() != 0) return;
    std::for_each(codes.rbegin(), codes.rend(), [&](PyObject* code) {
        buffer->begin_at(now, {reinterpret_cast<recorder::ZoneKey>(code), known_code(code).location()});
    });
    buffer->lower(by_hand, now);
}

}  // namespace

void open_running_calls(bool all) noexcept {
    try {
        const base::Ticks now = base::now_ticks();
        for (const RunningThread& thread : running_threads()) open_calls_of(thread, now, all);
    } catch (...) {
        // Out of memory: the session begins without the calls that run already.
    }
}

std::size_t innermost_run_of(PyObject* code) noexcept {
    std::size_t count = 0;
    each_call(thread_state(), [&](PyObject* other, PyFrameObject*) {
        if (known_code(other).has(CodeInfo::Hidden)) return true;
        if (other != code) return false;
        ++count;
        return true;
    });
    return count;
}

}  // namespace tracypy::cpython
