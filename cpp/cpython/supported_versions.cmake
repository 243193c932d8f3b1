# An interpreter that is newer than tracypy: compat.hpp knows how frames and code objects lie in memory up to here.
if(Python_VERSION VERSION_GREATER_EQUAL 3.16 AND NOT TRACYPY_ANY_PYTHON)
  message(FATAL_ERROR "tracypy knows CPython 3.12 to 3.15, and this is ${Python_VERSION}: take another interpreter, or a newer tracypy (-DTRACYPY_ANY_PYTHON=ON builds nevertheless)")
endif()
