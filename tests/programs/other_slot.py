"""Another tool, which has a slot on code objects with a destructor. It counts what that is called with."""

import ctypes
import gc
import sys

import tracypy

api = ctypes.pythonapi
FREE = ctypes.CFUNCTYPE(None, ctypes.c_void_p)
freed = []
free = FREE(freed.append)
request = api.PyUnstable_Eval_RequestCodeExtraIndex
request.argtypes, request.restype = [FREE], ctypes.c_ssize_t
set_extra = api.PyUnstable_Code_SetExtra
set_extra.argtypes = [ctypes.py_object, ctypes.c_ssize_t, ctypes.c_void_p]
get_extra = api.PyUnstable_Code_GetExtra
get_extra.argtypes = [ctypes.py_object, ctypes.c_ssize_t, ctypes.POINTER(ctypes.c_void_p)]
index = request(free)
assert index >= 0


def make(number):
    space = {}
    exec(f"def made(): return {number}", space)
    return space["made"]


tracypy.start_recording("out.tracy", exclude="nothing")
for number in range(100):
    make(number)()
gc.collect()
assert freed == [], freed  # nobody has set anything

both = make(100)
both()
set_extra(both.__code__, index, 77)
both()
got = ctypes.c_void_p()
get_extra(both.__code__, index, ctypes.byref(got))
assert got.value == 77
both()
assert sys.getsizeof(both.__code__) > 0
del both
gc.collect()
assert freed == [77], freed

first = make(101)
set_extra(first.__code__, index, 78)
first()
first()
del first
gc.collect()
assert freed == [77, 78], freed
tracypy.stop_recording()
assert {f.name: f.calls for f in tracypy.open("out.tracy").functions()}["made"] == 105
