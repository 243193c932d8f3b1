// Where in the program tracypy.zone("x") stands, as a source location: looked up once per call site and name.
#pragma once

#include <cstdint>

#include "base/ids.hpp"
#include "cpython/compat.hpp"

namespace tracypy::cpython {

struct ZoneSite {
    base::SourceLocationId location;
    /// This call site has made so many names that this one goes with the zone, not with the source location.
    bool name_with_zone;
};

/// The site of the Python frame that is calling us. `name` is a str.
ZoneSite zone_site(PyObject* name, std::uint32_t color) noexcept;

}  // namespace tracypy::cpython
