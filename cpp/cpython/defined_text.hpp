// Definitions from Python whose content is a text.
#pragma once

#include <string_view>

#include "base/names.hpp"
#include "cpython/process_recorder.hpp"

namespace tracypy::cpython {

/// Defines what `make` makes of the id of `text`, unless there is no room for that.
template <typename Make>
void define_text(std::string_view text, const Make& make) {
    const base::StringId id = base::names().strings.intern_if_room(text);
    if (id == base::StringId::None) return process_recorder().definitions().leave_out(decltype(make(id))::kKind);
    process_recorder().define(make(id));
}

}  // namespace tracypy::cpython
