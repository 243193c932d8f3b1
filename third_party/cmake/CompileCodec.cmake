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

  add_library(tracypy_${lower} STATIC ${sources})
  set_target_properties(tracypy_${lower} PROPERTIES POSITION_INDEPENDENT_CODE ON C_VISIBILITY_PRESET hidden UNITY_BUILD OFF)
  if(NOT MSVC)
    # Small: both the native module and the keeper have it, and speed is in its inner loops.
    target_compile_options(tracypy_${lower} PRIVATE -O2 -ffunction-sections -fdata-sections)
  endif()
  target_include_directories(tracypy_${lower} SYSTEM PUBLIC "${include}")
  target_compile_definitions(tracypy_${lower} PRIVATE ${ARG_DEFINITIONS})
  add_library(${name}::${name} ALIAS tracypy_${lower})
endfunction()
