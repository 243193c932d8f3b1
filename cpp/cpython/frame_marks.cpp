#include "cpython/frame_marks.hpp"

#include "cpython/arguments.hpp"
#include "cpython/first_use.hpp"
#include "cpython/name_cache.hpp"
#include "cpython/process_recorder.hpp"

namespace tracypy::cpython {

bool mark_frame(const char* function, PyObject* name, events::FrameMarkKind kind) {
    base::StringId id = base::StringId::None;
    if (kind != events::FrameMarkKind::Continuous || name != Py_None) {
        if (!require_str(function, "name", name)) return false;
        static NameCache sets(base::names().frames);
        id = sets.find(name);
    }
    note_use();
    process_recorder().frame_mark(kind, id);
    return true;
}

}  // namespace tracypy::cpython
