# Compiles a compression library from its sources into ours, for wheels: nothing to install beside them, and none of its
# names to be seen from outside, where another extension may have another release of it.

# tracypy_compile_codec(NAME HEADER path SOURCES patterns… DEFINITIONS …) defines NAME::NAME.
function(tracypy_compile_codec name)
  cmake_parse_arguments(ARG "" "HEADER" "SOURCES;DEFINITIONS" ${ARGN})
  if(TARGET ${name}::${name})
    return()
  endif()
  string(TOLOWER "${name}" lower)
  file(GLOB roots LIST_DIRECTORIES true "${TRACYPY_CODECS}/${lower}-*")
  set(root "")
  foreach(candidate IN LISTS roots)
    if(EXISTS "${candidate}/${ARG_HEADER}")
      set(root "${candidate}")
    endif()
  endforeach()
  if(NOT root)
    message(FATAL_ERROR
      "TRACYPY_CODECS is ${TRACYPY_CODECS}, but there is no ${lower}-*/${ARG_HEADER} in it. "
      "Unpack the sources of ${lower} there (scripts/fetch_codecs.py does it), or leave TRACYPY_CODECS empty.")
  endif()
  message(STATUS "${name}: compiled from ${root}")
  list(TRANSFORM ARG_SOURCES PREPEND "${root}/")
  file(GLOB sources ${ARG_SOURCES})
  get_filename_component(include "${root}/${ARG_HEADER}" DIRECTORY)

  # Twice, since both the native module and the keeper have it: fast, and small (tracypy_small_codecs).
  foreach(target tracypy_${lower} tracypy_${lower}_small)
    add_library(${target} STATIC ${sources})
    set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE ON C_VISIBILITY_PRESET hidden UNITY_BUILD OFF)
    target_include_directories(${target} SYSTEM PUBLIC "${include}")
    target_compile_definitions(${target} PRIVATE ${ARG_DEFINITIONS})
    if(NOT MSVC)
      set(level $<IF:$<STREQUAL:${target},tracypy_${lower}>,-O2,-Os>)
      # Nothing in it throws.
      target_compile_options(${target} PRIVATE ${level} -ffunction-sections -fdata-sections
                             -fno-unwind-tables -fno-asynchronous-unwind-tables)
    endif()
  endforeach()
  set_target_properties(tracypy_${lower}_small PROPERTIES EXCLUDE_FROM_ALL ON)
  add_library(${name}::${name} ALIAS tracypy_${lower})
endfunction()

# tracypy_small_codecs(TARGET): a program in which small is worth more than fast. What is linked first is what it has.
function(tracypy_small_codecs target)
  if(TRACYPY_CODECS AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_dependencies(${target} tracypy_zstd_small tracypy_lz4_small)
    target_link_options(${target} PRIVATE -Wl,--whole-archive $<TARGET_FILE:tracypy_zstd_small>
                        $<TARGET_FILE:tracypy_lz4_small> -Wl,--no-whole-archive)
  endif()
endfunction()
