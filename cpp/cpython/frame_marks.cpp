#include "cpython/frame_marks.hpp"

#include "base/names.hpp"
#include "cpython/arguments.hpp"
#include "cpython/code_table.hpp"
#include "cpython/first_use.hpp"
#include "cpython/process_recorder.hpp"

namespace tracypy::cpython {

bool mark_frame(const char* function, PyObject* name, events::FrameMarkKind kind) {
    base::StringId id = base::StringId::None;
    if (kind != events::FrameMarkKind::Continuous || name != Py_None) {
        if (!require_str(function, "name", name)) return false;
        id = base::names().frames.intern(utf8_of(name));
    }
    note_use();
    process_recorder().frame_mark(kind, id);
    return true;
}

}  // namespace tracypy::cpython
