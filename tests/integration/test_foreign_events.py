"""Events that native code fires by itself, imports that are not the first, and slots of other tools."""

from __future__ import annotations

import ctypes
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from support.command_line import tracypy_command
from support.programs import program
from support.target import running

CODELIKE = program("code_like")


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


OTHER_SLOT = program("other_slot")


def test_another_tools_slot_on_code_objects_is_left_alone(tmp_path: Path) -> None:
    if sysconfig.get_config_var("Py_GIL_DISABLED"):
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
tracypy.start_recording("out.tracy", include="nothing", gc=False)
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
