# cython: freethreading_compatible = True
"""An extension module in Cython, with zones where the GIL is held, and where it is not."""

from libc.stdint cimport uint32_t, uint64_t


cdef extern from "tracypy.h" nogil:
    ctypedef struct tracypy_location:
        const char* name
        const char* function
        const char* file
        uint32_t line
        uint32_t color
        uint32_t id
    ctypedef struct tracypy_zone:
        uint64_t key
    tracypy_zone tracypy_zone_begin(tracypy_location* location)
    void tracypy_zone_value(tracypy_zone zone, uint64_t value)
    void tracypy_zone_end(tracypy_zone zone)


# A place each, for as long as the module lives.
cdef tracypy_location total_place = tracypy_location(b"total", b"total", b"in_cython.pyx", 25, 0, 0)
cdef tracypy_location part_place = tracypy_location(b"part", b"part", b"in_cython.pyx", 26, 0x3366CC, 0)


cdef double part(int count) noexcept nogil:
    cdef tracypy_zone zone = tracypy_zone_begin(&part_place)
    cdef double sum = 0
    cdef int i
    for i in range(count):
        sum += i
    tracypy_zone_value(zone, count)
    tracypy_zone_end(zone)
    return sum


def work():
    cdef tracypy_zone zone = tracypy_zone_begin(&total_place)
    cdef double sum = 0
    cdef int count
    try:
        with nogil:
            for count in range(10):
                sum += part(count)
        return sum
    finally:
        tracypy_zone_end(zone)
