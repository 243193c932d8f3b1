# Finds Zstandard and defines ZSTD::ZSTD, in the manner of FindLZ4.
if(TRACYPY_CODECS)
  include("${CMAKE_CURRENT_LIST_DIR}/CompileCodec.cmake")
  # Its assembler is left out: not every compiler reads it, and wheels shall not differ in what they do.
  tracypy_compile_codec(ZSTD HEADER lib/zstd.h
    SOURCES lib/common/*.c lib/compress/*.c lib/decompress/*.c
    # Of the ways to compress, only those of the levels that we use, up to 3; of those to read, the small ones, since what
    # files hold most of, sequences of a small window, is read no slower with them.
    DEFINITIONS DYNAMIC_BMI2=0 ZSTD_DISABLE_ASM=1 ZSTD_LEGACY_SUPPORT=0
                HUF_FORCE_DECOMPRESS_X1 ZSTD_FORCE_DECOMPRESS_SEQUENCES_SHORT ZSTD_STRIP_ERROR_STRINGS=1
                ZSTD_EXCLUDE_BTLAZY2_BLOCK_COMPRESSOR ZSTD_EXCLUDE_BTOPT_BLOCK_COMPRESSOR ZSTD_EXCLUDE_BTULTRA_BLOCK_COMPRESSOR
                ZSTD_EXCLUDE_GREEDY_BLOCK_COMPRESSOR ZSTD_EXCLUDE_LAZY_BLOCK_COMPRESSOR ZSTD_EXCLUDE_LAZY2_BLOCK_COMPRESSOR
                ZSTDLIB_VISIBLE= ZSTDERRORLIB_VISIBLE= ZSTDLIB_STATIC_API= XXH_NAMESPACE=ZSTD_)
  set(ZSTD_FOUND TRUE)
  return()
endif()

find_path(ZSTD_INCLUDE_DIR NAMES zstd.h)
find_library(ZSTD_LIBRARY NAMES zstd libzstd zstd_static)
if(NOT ZSTD_INCLUDE_DIR OR NOT ZSTD_LIBRARY)
  message(FATAL_ERROR
    "tracypy needs Zstandard and its headers to read and write .tracy files; they were not found. Install them and build again:\n"
    "  Debian, Ubuntu: apt install libzstd-dev\n"
    "  Fedora:         dnf install libzstd-devel\n"
    "  macOS:          brew install zstd\n"
    "  Windows:        vcpkg install zstd\n"
    "Or give a folder with the unpacked sources of lz4 and zstd: TRACYPY_CODECS=/folder")
endif()
if(NOT TARGET ZSTD::ZSTD)
  add_library(ZSTD::ZSTD UNKNOWN IMPORTED)
  set_target_properties(ZSTD::ZSTD PROPERTIES
    IMPORTED_LOCATION "${ZSTD_LIBRARY}" INTERFACE_INCLUDE_DIRECTORIES "${ZSTD_INCLUDE_DIR}")
endif()
set(ZSTD_FOUND TRUE)
mark_as_advanced(ZSTD_INCLUDE_DIR ZSTD_LIBRARY)
