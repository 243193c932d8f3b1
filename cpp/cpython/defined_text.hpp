// Definitions from Python whose content is a text.
#pragma once

#include <string_view>

#include "base/names.hpp"
#include "cpython/process_recorder.hpp"

namespace tracypy::cpython {

/// Defines what `make` makes of the id of `text`, unless there is no room for that.
template <typename Make>
void define_text(std::string_view text, const Make& make) {
    base::StringTable& strings = base::names().strings;
    base::StringId id = strings.known(text);
    if (id == base::StringId::None && !strings.has_room()) {
        return process_recorder().definitions().leave_out(decltype(make(id))::kKind);
    }
    if (id == base::StringId::None) id = strings.intern(text);
    process_recorder().define(make(id));
}

}  // namespace tracypy::cpython
