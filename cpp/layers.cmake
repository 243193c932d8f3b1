# What the build of the package (CMakeLists.txt) and that of the native tests (tests/native) have in common: how layers are
# compiled. One static library for each.

# What is included takes far longer to compile than what is in the files themselves.
option(TRACYPY_TOGETHER "Compile files together that the layers name; OFF shows whether each includes what it uses" ON)

add_library(tracypy_options INTERFACE)
target_include_directories(tracypy_options INTERFACE "${CMAKE_CURRENT_LIST_DIR}")
target_link_libraries(tracypy_options INTERFACE Threads::Threads)
if(MSVC)
  target_compile_options(tracypy_options INTERFACE /W4 $<$<BOOL:${TRACYPY_WERROR}>:/WX>)
else()
  target_compile_options(tracypy_options INTERFACE -Wall -Wextra
                         $<$<BOOL:${TRACYPY_WERROR}>:-Werror>
                         # The same commit gives the same bytes, whatever folder a wheel is built in.
                         "$<$<BOOL:$ENV{SOURCE_DATE_EPOCH}>:-ffile-prefix-map=${PROJECT_SOURCE_DIR}=.>"
                         # What nobody calls is left out when it is linked.
                         -ffunction-sections -fdata-sections)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # It keeps two pointers of a hot loop (events/thread_walk.hpp) in one vector register, and takes them out each time.
  target_compile_options(tracypy_options INTERFACE -fno-tree-slp-vectorize)
  if(CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    target_compile_options(tracypy_options INTERFACE -Wno-restrict)  # false alarms on "text" + string: GCC bug 105651
  endif()
endif()
if(TRACYPY_SANITIZE)
  target_compile_options(tracypy_options INTERFACE -fsanitize=${TRACYPY_SANITIZE} -fno-omit-frame-pointer -g)
  target_link_options(tracypy_options INTERFACE -fsanitize=${TRACYPY_SANITIZE})
endif()

# How each layer is compiled in a release. Small is worth more than fast where nobody waits for it: a wheel holds much of it
# twice, in the module and in the keeper.
if(NOT MSVC)
  set(TRACYPY_FASTEST "$<$<CONFIG:Release>:-O3>")
  set(TRACYPY_FAST "$<$<CONFIG:Release>:-O2>")
  set(TRACYPY_SMALL "$<$<CONFIG:Release>:-Os>")
endif()

# tracypy_compile(TARGET OPTIONS…): how the files of a layer are compiled.
function(tracypy_compile target)
  target_compile_options(${target} PRIVATE ${ARGN})
  if(NOT MSVC)
    target_compile_options(${target} PRIVATE -Wshadow)  # not for bindings/: nanobind's headers shadow
  endif()
endfunction()

# tracypy_library(NAME [SMALL] [HOT files…] [SOURCES files…] [LINKS…]): HOT are those that a call or a zone goes through.
function(tracypy_library name)
  cmake_parse_arguments(ARG "SMALL" "" "HOT;SOURCES;LINKS" ${ARGN})
  add_library(tracypy_${name} STATIC ${ARG_HOT} ${ARG_SOURCES})
  target_link_libraries(tracypy_${name} PUBLIC tracypy_options ${ARG_LINKS})
  if(ARG_SMALL)
    tracypy_compile(tracypy_${name} ${TRACYPY_SMALL})
  else()
    tracypy_compile(tracypy_${name} ${TRACYPY_FAST})
  endif()
  if(ARG_HOT)
    set_source_files_properties(${ARG_HOT} PROPERTIES COMPILE_OPTIONS "${TRACYPY_FASTEST}")
  endif()
endfunction()

# tracypy_together(TARGET GROUP [SMALL] FILES…): adds files to it that are compiled as one. Their names do not collide. SMALL:
# nobody waits for them, in a library that is fast.
function(tracypy_together target group)
  set(files ${ARGN})
  if("SMALL" IN_LIST files)
    list(REMOVE_ITEM files SMALL)
    if(NOT TARGET ${target}_small)
      add_library(${target}_small OBJECT)
      # What the library itself links, where it is said later, too.
      target_link_libraries(${target}_small PRIVATE $<TARGET_PROPERTY:${target},LINK_LIBRARIES>)
      target_include_directories(${target}_small PRIVATE $<TARGET_PROPERTY:${target},INCLUDE_DIRECTORIES>)
      target_compile_definitions(${target}_small PRIVATE $<TARGET_PROPERTY:${target},COMPILE_DEFINITIONS>)
      tracypy_compile(${target}_small ${TRACYPY_SMALL})
      target_sources(${target} PRIVATE $<TARGET_OBJECTS:${target}_small>)
    endif()
    set(target ${target}_small)
  endif()
  target_sources(${target} PRIVATE ${files})
  if(TRACYPY_TOGETHER)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
    set_source_files_properties(${files} PROPERTIES UNITY_GROUP ${group})
  endif()
endfunction()

# tracypy_own(TARGET LIBRARIES…): gives it what it uses of the standard library (stdc++), of the compiler's own one (gcc). To load
# and to link all of the shared one takes a millisecond and a half at every start, and it might be another one where the wheel
# is installed.
function(tracypy_own target)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND NOT TRACYPY_SANITIZE)
    list(TRANSFORM ARGN PREPEND -static-lib)
    target_link_options(${target} PRIVATE ${ARGN})
  endif()
endfunction()
