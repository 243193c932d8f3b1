// Pictures of frames from Python.
#pragma once

#include "cpython/compat.hpp"

namespace tracypy::cpython {

/// frame_image(). False with an exception set.
bool add_frame_images_to(PyObject* module) noexcept;

}  // namespace tracypy::cpython
