#include "cpython/app_info.hpp"

#include "cpython/arguments.hpp"
#include "cpython/code_table.hpp"
#include "cpython/defined_text.hpp"
#include "cpython/first_use.hpp"

namespace tracypy::cpython {

bool add_app_info(PyObject* text) {
    if (!require_str("app_info", "text", text)) return false;
    const std::string line = utf8_of(text);
    define_text(base::cut_utf8(line, base::StringTable::kMaxStringBytes),
                [](base::StringId id) { return events::AppInfo{id}; });
    note_use();
    return true;
}

}  // namespace tracypy::cpython
