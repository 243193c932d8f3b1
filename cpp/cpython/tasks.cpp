#include "cpython/tasks.hpp"

#include "cpython/call_keys.hpp"
#include "cpython/call_values.hpp"
#include "cpython/process_recorder.hpp"
#include "cpython/task_names.hpp"
#include "cpython/task_owners.hpp"
#include "cpython/thread_state.hpp"
#include "cpython/with_blocks.hpp"

namespace tracypy::cpython {
namespace {

using recorder::Fiber;
using recorder::ThreadBuffer;
using recorder::ZoneKey;

using Frame = struct _PyInterpreterFrame;

// What stands for a coroutine's zone, and for its fiber: two runs of one function are two.
ZoneKey key_of(Frame* frame) noexcept {
    return reinterpret_cast<ZoneKey>(frame) | recorder::kFrame;
}
PyObject* object_of(PyCodeObject* code) noexcept {
    return reinterpret_cast<PyObject*>(code);
}

// A generator may be a part of an awaitable; or a loop (Trio's), which drives coroutines.
bool may_await(Frame* frame, PyCodeObject* code) noexcept {
    return is_coroutine_code(code) || ((code->co_flags & CO_GENERATOR) != 0 && is_sending(frame, code));
}

/// Calls `callback(frame, code)` for those that await `frame`, the nearest one first, until it returns false.
template <typename Callback>
void each_awaiting(Frame* frame, Callback&& callback) noexcept {
    for (frame = caller_of(frame); frame != nullptr; frame = caller_of(frame)) {
        PyCodeObject* const code = code_of(frame);
        if (code == nullptr) continue;
        if (!may_await(frame, code) || !callback(frame, code)) return;
    }
}

bool is_async_generator(PyObject* code) noexcept {
    return (reinterpret_cast<PyCodeObject*>(code)->co_flags & CO_ASYNC_GENERATOR) != 0;
}

enum class Place : std::uint8_t { OnFiber, AmongCalls, Outermost };

// Those that are filtered out are not open, and are passed over.
Place place_of(Frame* frame, const ThreadBuffer& buffer) noexcept {
    Place place = Place::Outermost;
    each_awaiting(frame, [&](Frame* outer, PyCodeObject* code) {
        if (buffer.is_open(key_of(outer))) {
            place = Place::OnFiber;
        } else if (buffer.is_open(key_of_open(buffer, object_of(code)))) {
            place = Place::AmongCalls;
        }
        return place == Place::Outermost;
    });
    return place;
}

// An exception is thrown into the innermost coroutine at once, past those that await it.
bool resume_by_exception(ThreadBuffer& buffer, Frame* frame) noexcept {
    bool found = false;
    each_awaiting(frame, [&](Frame* outer, PyCodeObject*) {
        found = buffer.resume_fiber(key_of(outer));
        return !found;
    });
    return found;
}

// Among the events of a fiber's run.
bool goes_on(ThreadBuffer& buffer, Frame* frame, bool is_thrown) noexcept {
    const ZoneKey key = key_of(frame);
    Fiber* fiber = buffer.running_fiber();
    if (fiber == nullptr || !buffer.is_open(key)) {
        const bool is_back = buffer.resume_fiber(key) || (is_thrown && resume_by_exception(buffer, frame));
        if (!is_back) return false;
        fiber = buffer.running_fiber();
        fiber->thrown_into = is_thrown ? key : 0;
        return buffer.is_open(key);
    }
    if (is_thrown || fiber->thrown_into != 0) fiber->thrown_into = key;
    return true;
}

// What is handed to whoever drives the task: its run is over with the outermost of its coroutines. False: not on a
// fiber.
bool waits(ThreadBuffer& buffer, ZoneKey key) noexcept {
    Fiber* const fiber = buffer.running_fiber();
    if (fiber == nullptr || !buffer.is_open(key)) return false;
    if (fiber->key == key || fiber->thrown_into == key) {
        fiber->thrown_into = 0;
        buffer.suspend_fiber();
    }
    return true;
}

// Returns the key of its zone; 0: the session has changed meanwhile.
ZoneKey begin_task(ThreadBuffer& buffer, Frame* frame, PyCodeObject* code, CodeInfo info) noexcept {
    const std::uint64_t session = process_recorder().epoch();
    Frame* outermost = frame;
    PyCodeObject* outermost_code = code;
    each_awaiting(frame, [&](Frame* outer, PyCodeObject* outer_code) {
        outermost = outer;
        outermost_code = outer_code;
        return true;
    });
    const TaskName name = name_of_task(outermost, outermost_code);
    if (process_recorder().epoch() != session) return 0;
    const Fiber* const fiber = buffer.begin_fiber(key_of(frame), name.row);
    if (process_recorder().epoch() != session) return 0;
    const ZoneKey key = fiber != nullptr ? key_of(frame) : key_of(object_of(code), info);
    buffer.begin(key, info.location());
    if (fiber == nullptr || process_recorder().epoch() != session) return key;
    if (!name.own.empty() && name.own != fiber->row_name) buffer.write({events::Kind::ZoneText, 0, name.own});
    if (process_recorder().epoch() == session) watch_owner(buffer, *fiber, frame);
    return key;
}

// Whether an asynchronous generator gives one of its values there: it does not wait then.
bool gives_item_at(PyObject* code, Py_ssize_t offset) noexcept {
    return is_async_generator(code) && yields_value_at(code, offset);
}

}  // namespace

ZoneKey coroutine_runs(ThreadBuffer& buffer, PyObject* code_object, CodeInfo info, Py_ssize_t offset,
                       bool is_closed) noexcept {
    auto* const code = reinterpret_cast<PyCodeObject*>(code_object);
    Frame* const frame = running_frame();
    const bool starts = offset >= 0 && resume_kind_at(code_object, offset) == ResumeKind::Start;
    if (!starts && goes_on(buffer, frame, offset < 0)) return 0;
    const Place place = place_of(frame, buffer);
    // What a coroutine awaits is closed first, and is not called by it: that is no task, but work of whoever closes it.
    if (place == Place::Outermost && !is_closed && buffer.may_begin_fiber())
        return begin_task(buffer, frame, code, info);
    const ZoneKey key = place == Place::OnFiber ? key_of(frame) : key_of(code_object, info);
    buffer.begin(key, info.location());
    return key;
}

bool coroutine_yields(ThreadBuffer& buffer, PyObject* code, CodeInfo info, Py_ssize_t offset) noexcept {
    if (gives_item_at(code, offset)) return coroutine_ends(buffer, info, nullptr);
    return waits(buffer, key_of(running_frame()));
}

bool coroutine_ends(ThreadBuffer& buffer, CodeInfo info, PyObject* result) noexcept {
    const ZoneKey key = key_of(running_frame());
    if (buffer.running_fiber() == nullptr || !buffer.is_open(key)) return false;
    if (result != nullptr && info.has(CodeInfo::Result) && buffer.is_innermost(key)) write_result(buffer, result);
    buffer.end(key);
    const Fiber* const fiber = buffer.running_fiber();  // not if the session has ended meanwhile
    if (fiber != nullptr && fiber->key == key) buffer.end_fiber();
    return true;
}

bool awaited_starts(ThreadBuffer& buffer, events::BeginBits begin, base::Ticks now) noexcept {
    if (buffer.depth() == 0) return false;
    const ZoneKey innermost = buffer.open_zone(buffer.depth() - 1).key;
    if ((innermost & recorder::kFrame) == 0) return false;
    Frame* const frame = running_frame();
    Frame* outer = caller_of(frame);
    if (outer == nullptr) return false;
    if (innermost != key_of(outer)) {
        if (code_of(outer) != nullptr) return false;
        outer = caller_of(outer);  // native code is between them
        if (outer == nullptr || innermost != key_of(outer)) return false;
    }
    return buffer.try_begin(key_of(frame), begin, now);
}

bool awaited_ends(ThreadBuffer& buffer, base::Ticks now) noexcept {
    const ZoneKey key = key_of(running_frame());
    const Fiber* const fiber = buffer.running_fiber();
    return fiber != nullptr && fiber->key != key && buffer.try_end(key, now);
}

bool coroutine_goes_on(ThreadBuffer& buffer, PyObject* code, events::BeginBits begin, Py_ssize_t offset,
                       base::Ticks now) noexcept {
    if (offset < 0) return false;
    switch (resume_kind_at(code, offset)) {
        case ResumeKind::Start:
            return false;
        case ResumeKind::Yield:
            if (is_async_generator(code)) return awaited_starts(buffer, begin, now);
            break;
        default:
            break;
    }
    return is_ready(&buffer) && goes_on(buffer, running_frame(), false);
}

bool coroutine_pauses(ThreadBuffer& buffer, PyObject* code, Py_ssize_t offset, base::Ticks now) noexcept {
    if (gives_item_at(code, offset)) return awaited_ends(buffer, now);
    return is_ready(&buffer) && waits(buffer, key_of(running_frame()));
}

}  // namespace tracypy::cpython
