#include "base/names.hpp"

namespace tracypy::base {

Names& names() noexcept {
    static Names* const tables = new Names;  // leaked on purpose: daemon threads outlive static destructors
    return *tables;
}

}  // namespace tracypy::base
