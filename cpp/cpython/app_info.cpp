#include "cpython/app_info.hpp"

#include "base/names.hpp"
#include "cpython/arguments.hpp"
#include "cpython/code_table.hpp"
#include "cpython/first_use.hpp"
#include "cpython/process_recorder.hpp"

namespace tracypy::cpython {

bool add_app_info(PyObject* text) {
    if (!require_str("app_info", "text", text)) return false;
    base::StringTable& strings = base::names().strings;
    const std::string line(base::cut_utf8(utf8_of(text), base::StringTable::kMaxStringBytes));
    const base::StringId known = strings.known(line);
    if (known == base::StringId::None && !strings.has_room()) {
        process_recorder().definitions().leave_out(events::Kind::AppInfo);
    } else {
        process_recorder().define(events::AppInfo{known != base::StringId::None ? known : strings.intern(line)});
    }
    note_use();
    return true;
}

}  // namespace tracypy::cpython
