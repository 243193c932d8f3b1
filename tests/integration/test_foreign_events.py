"""Events that native code fires by itself, imports that are not the first, and slots of other tools."""

from __future__ import annotations

import ctypes
import subprocess
import sys
from pathlib import Path

import pytest

from support.command_line import tracypy_command
from support.target import running

CODELIKE = """
import sys
from _testcapi import (CodeLike, fire_event_py_resume, fire_event_py_return, fire_event_py_start, fire_event_py_throw,
                       fire_event_py_unwind, fire_event_py_yield, monitoring_enter_scope, monitoring_exit_scope)
E = sys.monitoring.events

class Big:
    def __init__(self): self.x = bytes(range(100))

def scope(code, *events):
    return monitoring_enter_scope(code, *events)

for i in range(1500):
    code = CodeLike(2)
    scope(code, E.PY_START, E.PY_RETURN)
    fire_event_py_start(code, 0)
    junk = [Big() for _ in range(10)]
    fire_event_py_return(code, 1, None)
    monitoring_exit_scope()
    scope(code, E.PY_START, E.PY_UNWIND)
    fire_event_py_start(code, 0)
    fire_event_py_unwind(code, 1, ValueError(1))
    monitoring_exit_scope()
    scope(code, E.PY_THROW, E.PY_YIELD)
    fire_event_py_throw(code, 0, ValueError(1))
    fire_event_py_yield(code, 1, None)
    monitoring_exit_scope()
    scope(code, E.PY_RESUME, E.PY_UNWIND)
    fire_event_py_resume(code, 0)
    fire_event_py_unwind(code, 1, ValueError(1))
    monitoring_exit_scope()
print("done")
"""


@pytest.mark.skipif(sys.version_info < (3, 13), reason="PyMonitoring_* is new in 3.13")
def test_events_for_what_is_no_code_object_make_no_zone_and_no_harm(tmp_path: Path) -> None:
    pytest.importorskip("_testcapi")
    import tracypy

    (tmp_path / "p.py").write_text(CODELIKE)
    for _ in range(3):  # whether a stray read hits something depends on what lies behind the object
        result = tracypy_command("record", "-f", "-o", "x.tracy", "p.py", cwd=tmp_path)
        assert (result.returncode, result.stdout) == (0, "done\n"), result.stderr
    functions = tracypy.open(tmp_path / "x.tracy").functions()
    calls = {function.name: function.calls for function in functions if function.file.endswith("p.py")}
    assert calls == {"<module>": 1, "Big.__init__": 15_000, "scope": 6_000, "Big": 1}
    assert not [function.name for function in functions if function.file == "?"]


SECOND_IMPORT = """
import sys, warnings
warnings.simplefilter("error")
import tracypy
tracypy.start_recording("out.tracy")
def work(): pass
work()
first = tracypy
for name in [name for name in sys.modules if name.partition(".")[0] == "tracypy"]:
    del sys.modules[name]
import tracypy
assert tracypy is not first and tracypy._core is not first._core
assert tracypy.is_recording() and first.is_recording() and tracypy.Zone is first.Zone
with tracypy.zone("second"): work()
with first.zone("first"): work()
assert tracypy.stop_recording().zones >= 4
assert tracypy._core.__doc__ and tracypy._core.__name__ == "tracypy._core"
import importlib
importlib.reload(tracypy)
"""


def test_second_import_is_silent_and_has_the_one_recorder(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text(SECOND_IMPORT)
    result = subprocess.run(
        [sys.executable, "-W", "error", "p.py"], cwd=tmp_path, capture_output=True, text=True, timeout=100
    )
    assert (result.returncode, result.stderr) == (0, "")


#: A daemon thread that is inside a call of ours at the end keeps our types, functions and instances alive.
LEAKING = """
import sys, threading
import tracypy
def forever():
    summary = None
    while True:
        try:
            with tracypy.record("out.tracy", overwrite=True) as recording: went.set()
            summary = recording.summary
        except RuntimeError:
            pass
went = threading.Event()
threading.Thread(target=forever, daemon=True).start()
went.wait()
sys.leaked = tracypy._core, tracypy._core.Settings(0, "")
"""


def test_nothing_is_said_about_what_a_daemon_thread_keeps(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text(LEAKING)
    for _ in range(4):
        result = subprocess.run([sys.executable, "p.py"], cwd=tmp_path, capture_output=True, text=True, timeout=100)
        assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


#: Another tool, which has a slot on code objects with a destructor. It counts what the interpreter hands to that.
OTHER_SLOT = """
import ctypes, gc, sys
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
first(); first()
del first
gc.collect()
assert freed == [77, 78], freed
tracypy.stop_recording()
assert {f.name: f.calls for f in tracypy.open("out.tracy").functions()}["made"] == 105
"""


def test_another_tools_slot_on_code_objects_is_left_alone(tmp_path: Path) -> None:
    if hasattr(sys, "_is_gil_enabled") and not sys._is_gil_enabled():
        pytest.skip("without the GIL only CPython's own function may write there, and it makes room for all slots")
    assert ctypes.pythonapi  # what the program needs
    with running(tmp_path, OTHER_SLOT) as target:
        target.expect_success()


PROFILED_AND_OTHER_SLOT = (
    OTHER_SLOT.partition("tracypy.start_recording")[0]
    + """
profiled = [tracypy.profiled(name="gone")(make(number)) for number in range(200)]
profiled.clear()
gc.collect()
if getattr(sys, "_is_gil_enabled", lambda: True)():
    assert freed == [], freed
freed.clear()
function = tracypy.profiled(name="kept")(make(1))
tracypy.start_recording("out.tracy", include="nothing")
function()
set_extra(function.__code__, index, 79)
function()
others = [make(number) for number in range(400)]  # some where profiled ones were
for other in others: other()
tracypy.stop_recording()
assert {f.name: f.calls for f in tracypy.open("out.tracy").functions()} == {"kept": 2}
freed.clear()
del function
gc.collect()
if getattr(sys, "_is_gil_enabled", lambda: True)():  # others free code objects later
    assert freed == [79], freed  # now, since ctypes is none of those who may be called at the very end
"""
)


def test_mark_of_profiled_outlives_another_tools_slot(tmp_path: Path) -> None:
    with running(tmp_path, PROFILED_AND_OTHER_SLOT) as target:
        target.expect_success()
