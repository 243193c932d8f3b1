// The source locations of native zones.
#pragma once

#include "base/ids.hpp"
#include "cpython/native/api.hpp"

namespace tracypy::cpython::native {

struct Site {
    base::SourceLocationId location = base::SourceLocationId::Other;
    bool name_with_zone = true;  // it has no place for its name
};

/// Looked up once, but where there is no room for it.
Site site_of(tracypy_location& location) noexcept;
Site site_of(const tracypy_dynamic_location& location) noexcept;

void lock_sites() noexcept;  // around a fork
void unlock_sites() noexcept;

}  // namespace tracypy::cpython::native
