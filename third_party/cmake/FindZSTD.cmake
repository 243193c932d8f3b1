# Finds the system's shared zstd and defines ZSTD::ZSTD, in the manner of FindLZ4.
find_path(ZSTD_INCLUDE_DIR NAMES zstd.h)
find_library(ZSTD_LIBRARY NAMES zstd libzstd zstd_static)
if(NOT ZSTD_INCLUDE_DIR OR NOT ZSTD_LIBRARY)
  message(FATAL_ERROR
    "tracypy needs Zstandard and its headers to read and write .tracy files; they were not found. Install them and build again:\n"
    "  Debian, Ubuntu: apt install libzstd-dev\n"
    "  Fedora:         dnf install libzstd-devel\n"
    "  macOS:          brew install zstd\n"
    "  Windows:        vcpkg install zstd")
endif()
if(NOT TARGET ZSTD::ZSTD)
  add_library(ZSTD::ZSTD UNKNOWN IMPORTED)
  set_target_properties(ZSTD::ZSTD PROPERTIES
    IMPORTED_LOCATION "${ZSTD_LIBRARY}" INTERFACE_INCLUDE_DIRECTORIES "${ZSTD_INCLUDE_DIR}")
endif()
set(ZSTD_FOUND TRUE)
mark_as_advanced(ZSTD_INCLUDE_DIR ZSTD_LIBRARY)
