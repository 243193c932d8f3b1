# find_package(tracypy): native code that records into tracypy.
#
#     execute_process(COMMAND "${Python_EXECUTABLE}" -m tracypy --cmake-dir
#                     OUTPUT_STRIP_TRAILING_WHITESPACE OUTPUT_VARIABLE tracypy_DIR)
#     find_package(tracypy CONFIG REQUIRED)
#     target_link_libraries(my_module PRIVATE tracypy::tracypy)
#
# tracypy::tracypy  has tracypy.h. There is no library behind it.
# tracypy::tracy    has tracy/TracyC.h as well, for code that was written with Tracy's C macros, and defines TRACY_ENABLE.

if(TARGET tracypy::tracypy)
  return()
endif()

add_library(tracypy::tracypy INTERFACE IMPORTED)
set_target_properties(tracypy::tracypy PROPERTIES
  INTERFACE_INCLUDE_DIRECTORIES "${CMAKE_CURRENT_LIST_DIR}/../include"
  INTERFACE_LINK_LIBRARIES "${CMAKE_DL_LIBS}")
if(CMAKE_EXECUTABLE_FORMAT STREQUAL "ELF")
  # By these tracypy finds a program that was there before it was imported.
  set_property(TARGET tracypy::tracypy PROPERTY INTERFACE_LINK_OPTIONS
    "$<$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>:LINKER:--export-dynamic-symbol=tracypy_private_slot_1>")
endif()

add_library(tracypy::tracy INTERFACE IMPORTED)
set_target_properties(tracypy::tracy PROPERTIES
  INTERFACE_LINK_LIBRARIES tracypy::tracypy
  INTERFACE_COMPILE_DEFINITIONS TRACY_ENABLE)
