// Strings by which something is looked up often: made once, and kept for good. They are objects of the main
// interpreter; in another one, whose objects they would not be, they are made for each look.
#pragma once

#include "cpython/compat.hpp"

namespace tracypy::cpython {

template <typename Keys, typename Look>
auto with_keys(const Look& look) {
    if (!holds_main_interpreter()) return look(Keys());
    static const Keys& kept = *new Keys;
    return look(kept);
}

}  // namespace tracypy::cpython
