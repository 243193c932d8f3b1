"""Says something of many kinds through Tracy's own client: that of IREE's runtime, which exports its functions for C.

As a program of its own, as soon as a viewer is connected; or imported, for `say_all()`. It has to be killed: the
client of that release may crash when a process ends that has a viewer.
"""

import ctypes
import sys
import time

from iree._runtime_libs_tracy import _runtime as iree

TRACY = ctypes.CDLL(iree.__file__)
LIBC = ctypes.CDLL(None)
LIBC.strdup.restype = LIBC.malloc.restype = ctypes.c_void_p


class SourceLocation(ctypes.Structure):
    _fields_ = [(name, ctypes.c_void_p) for name in ("name", "function", "file")] + [
        (name, ctypes.c_uint32) for name in ("line", "color")
    ]


class GpuContext(ctypes.Structure):
    _fields_ = [("gpuTime", ctypes.c_int64), ("period", ctypes.c_float)] + [
        (name, ctypes.c_uint8) for name in ("context", "flags", "type")
    ]


class GpuName(ctypes.Structure):
    _fields_ = [("context", ctypes.c_uint8), ("name", ctypes.c_void_p), ("len", ctypes.c_uint16)]


class GpuBegin(ctypes.Structure):
    _fields_ = [("srcloc", ctypes.c_uint64), ("queryId", ctypes.c_uint16), ("context", ctypes.c_uint8)]


class GpuEnd(ctypes.Structure):
    _fields_ = [("queryId", ctypes.c_uint16), ("context", ctypes.c_uint8)]


class GpuTime(ctypes.Structure):
    _fields_ = [("gpuTime", ctypes.c_int64), ("queryId", ctypes.c_uint16), ("context", ctypes.c_uint8)]


def function(name, result, *arguments):
    found = getattr(TRACY, f"___tracy_{name}")
    found.restype, found.argtypes = result, arguments
    return found


connected = function("connected", ctypes.c_int)
frame_mark = function("emit_frame_mark", None, ctypes.c_void_p)
plot = function("emit_plot", None, ctypes.c_void_p, ctypes.c_double)
message = function("emit_messageC", None, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint32, ctypes.c_int)
app_info = function("emit_message_appinfo", None, ctypes.c_char_p, ctypes.c_size_t)
allocate = function("emit_memory_alloc_named", None, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_void_p)
free = function("emit_memory_free_named", None, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)
announce_lock = function("announce_lockable_ctx", ctypes.c_void_p, ctypes.c_void_p)
before_lock = function("before_lock_lockable_ctx", ctypes.c_int, ctypes.c_void_p)
after_lock = function("after_lock_lockable_ctx", None, ctypes.c_void_p)
after_unlock = function("after_unlock_lockable_ctx", None, ctypes.c_void_p)
allocate_location = function(
    "alloc_srcloc_name", ctypes.c_uint64, ctypes.c_uint32,
    *[ctypes.c_char_p, ctypes.c_size_t] * 3, ctypes.c_uint32,
)  # fmt: skip
gpu_context = function("emit_gpu_new_context_serial", None, GpuContext)
gpu_name = function("emit_gpu_context_name_serial", None, GpuName)
gpu_begin = function("emit_gpu_zone_begin_alloc_serial", None, GpuBegin)
gpu_end = function("emit_gpu_zone_end_serial", None, GpuEnd)
gpu_time = function("emit_gpu_time_serial", None, GpuTime)


def lasting(text):
    """The address of a text that is there until the process has ended: the client asks for it late."""
    return LIBC.strdup(text)


def lasting_location():
    location = SourceLocation(lasting(b"the lock"), lasting(b"main"), lasting(b"main.c"), 7, 0)
    address = LIBC.malloc(ctypes.sizeof(location))
    ctypes.memmove(address, ctypes.byref(location), ctypes.sizeof(location))
    return address


def say_all():
    speed, arena, physics = lasting(b"speed"), lasting(b"arena"), lasting(b"physics")
    lock = announce_lock(lasting_location())
    gpu_context(GpuContext(time.monotonic_ns(), 1.0, 3, 0, 2))
    gpu_name(GpuName(3, lasting(b"queue"), 5))
    for number in range(10):
        frame_mark(None)
        frame_mark(physics)
        plot(speed, number)
        message(b"hello", 5, 0xFF8000, 0)
        allocate(0x1000 + 0x100 * number, 100, 0, arena)
        before_lock(lock)
        after_lock(lock)
        after_unlock(lock)
        location = allocate_location(11, b"gpu.c", 5, b"draw", 4, b"draw call", 9, 0)
        gpu_begin(GpuBegin(location, 2 * number, 3))
        gpu_end(GpuEnd(2 * number + 1, 3))
        for query in (2 * number, 2 * number + 1):
            gpu_time(GpuTime(time.monotonic_ns(), query, 3))
        time.sleep(0.05)
    free(0x1000, 0, arena)
    app_info(b"version 3", 9)
    use_the_library()


def use_the_library():
    """Ten buffers are made, filled and forgotten."""
    iree.VmInstance()
    device = iree.get_cached_hal_driver("local-sync").create_default_device()
    for _ in range(10):
        buffer = device.allocator.allocate_buffer(
            memory_type=iree.MemoryType.DEVICE_LOCAL | iree.MemoryType.HOST_VISIBLE,
            allowed_usage=iree.BufferUsage.DEFAULT,
            allocation_size=1000,
        )
        buffer.fill_zero(0, 1000)


def wait_connected():
    while not connected():
        time.sleep(0.01)


if __name__ == "__main__":
    print("listens", flush=True)
    wait_connected()
    say_all()
    print("has said all", flush=True)
    sys.stdin.read()
