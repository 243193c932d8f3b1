# Finds LZ4 and defines LZ4::LZ4: the system's shared library; or, where TRACYPY_CODECS names a folder with LZ4's sources,
# what is compiled from those. (Debian's static liblz4.a is not position-independent.)
if(TRACYPY_CODECS)
  include("${CMAKE_CURRENT_LIST_DIR}/CompileCodec.cmake")
  tracypy_compile_codec(LZ4 HEADER lib/lz4.h SOURCES lib/lz4.c lib/lz4frame.c lib/xxhash.c
    DEFINITIONS LZ4LIB_VISIBILITY= LZ4FLIB_VISIBILITY= XXH_NAMESPACE=LZ4_)
  foreach(target tracypy_lz4 tracypy_lz4_small)
    target_sources(${target} PRIVATE "${CMAKE_CURRENT_LIST_DIR}/lz4hc_unused.c")
  endforeach()
  set(LZ4_FOUND TRUE)
  return()
endif()

find_path(LZ4_INCLUDE_DIR NAMES lz4.h)
find_library(LZ4_LIBRARY NAMES lz4 liblz4)
if(NOT LZ4_INCLUDE_DIR OR NOT LZ4_LIBRARY)
  message(FATAL_ERROR
    "tracypy needs lz4 and its headers, which were not found. Install them and build again:\n"
    "  Debian, Ubuntu: apt install liblz4-dev\n"
    "  Fedora:         dnf install lz4-devel\n"
    "  macOS:          brew install lz4\n"
    "  Windows:        vcpkg install lz4\n"
    "Or give a folder with the unpacked sources of lz4 and zstd: TRACYPY_CODECS=/folder")
endif()
if(NOT TARGET LZ4::LZ4)
  add_library(LZ4::LZ4 UNKNOWN IMPORTED)
  set_target_properties(LZ4::LZ4 PROPERTIES
    IMPORTED_LOCATION "${LZ4_LIBRARY}" INTERFACE_INCLUDE_DIRECTORIES "${LZ4_INCLUDE_DIR}")
endif()
set(LZ4_FOUND TRUE)
mark_as_advanced(LZ4_INCLUDE_DIR LZ4_LIBRARY)
