"""The examples of native code are built as their users would build them, and what they record is what they do."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from collections import Counter
from pathlib import Path

import pytest

import tracypy

from support.native_code import EXAMPLES, build, build_module, path_line
from support.recorded_program import clean_environment
from support.recording_facts import calls_of, facts_of_recording
from support.target import PRELUDE, QUIET, only_zone, running, trace_of, zones_named
from support.viewer import Trace

PROTOCOLS = (66, 82)

#: What one call of each module's work() makes, thread by thread.
SMOOTH = {"Main thread": {"smooth": 2}, "smoother": {"smooth": 10}}
MACROS = {"Main thread": {"decode": 15}}
SOLVED = {"Main thread": {"work in C++": 1, "solve": 1, "step": 10, "report": 1}, "solver": {"solve": 2, "step": 20}}
PARTS = {"Main thread": {"total": 1, "part": 10}}
MADE = {
    "in_c.work()": SMOOTH,
    "with_tracy_macros.work()": MACROS,
    "in_nanobind.work(report)": SOLVED,
    "in_pybind11.work(report)": SOLVED,
    "in_cython.work()": PARTS,
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which CMake has built all of examples/native."""
    folder = tmp_path_factory.mktemp("examples")
    tools = Path(sys.executable).parent
    configure = [
        tools / "cmake", "-S", EXAMPLES, "-B", folder, "-G", "Ninja", f"-DCMAKE_MAKE_PROGRAM={tools / 'ninja'}",
        f"-DPython_EXECUTABLE={sys.executable}",
    ]  # fmt: skip
    for command in (configure, [tools / "cmake", "--build", folder]):
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stdout + result.stderr
    return folder


def line_of(call: str) -> str:
    return f"import {call.partition('.')[0]}\ndef report(value): pass\n"


def zones_of(trace: Trace, names: set[str]) -> dict[str, dict[str, int]]:
    """How many zones of these names there are, by the names of the rows."""
    counts: dict[str, Counter[str]] = {}
    for thread in trace.threads.values():
        found = Counter(zone.name for zone in thread.zones() if zone.name in names)
        if found:
            counts.setdefault(thread.name, Counter()).update(found)
    return {name: dict(found) for name, found in counts.items()}


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("call", MADE)
def test_a_viewer_has_exactly_the_zones_that_there_were(tmp_path: Path, built: Path, call: str, protocol: int) -> None:
    prelude = path_line(built) + line_of(call) + PRELUDE  # the module is there before tracypy
    trace = trace_of(tmp_path, call, prelude=prelude, protocol=protocol)
    expected = MADE[call]
    names = {name for row in expected.values() for name in row}
    assert zones_of(trace, names) == expected


@pytest.mark.parametrize("call", MADE)
def test_a_recording_has_them_too(tmp_path: Path, built: Path, call: str) -> None:
    source = path_line(built) + line_of(call) + f"import tracypy\nwith tracypy.record('out.tracy'):\n    {call}\n"
    with running(tmp_path, source) as target:
        target.expect_success()
    found: dict[str, Counter[str]] = {}
    for row, zones in facts_of_recording(tmp_path / "out.tracy").items():
        found.setdefault(row, Counter()).update(zone.name for zone in zones)
    for row, counts in MADE[call].items():
        assert {name: found[row][name] for name in counts} == counts


def test_a_call_from_c_into_python_lies_inside_the_zone_in_c(tmp_path: Path, built: Path) -> None:
    call = "in_nanobind.work(report)"
    trace = trace_of(tmp_path, call, prelude=path_line(built) + line_of(call) + PRELUDE)
    assert [child.name for child in only_zone(trace, "work in C++").children] == ["solve", "report"]
    solve = next(zone for zone in zones_named(trace, "solve"))
    assert (solve.texts, solve.value) == (["by halves"], 10)
    assert solve.file.endswith("solver.hpp")


def test_all_of_it_in_one_recording(tmp_path: Path, built: Path) -> None:
    result = subprocess.run(
        [sys.executable, EXAMPLES / "run.py", built], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    lines = dict(line.split(": ", 1) for line in result.stdout.splitlines())
    assert lines["smoother"] == "10 zones, smooth"
    assert lines["solver"] == "11 zones, solve, step"
    counts = calls_of(tmp_path / "native.tracy")
    assert (counts["smooth"], counts["step"], counts["part"], counts["decode"]) == (12, 60, 10, 15)


def test_a_program_without_python_runs_as_ever(built: Path) -> None:
    result = subprocess.run([built / "plain"], capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout, result.stderr) == (0, "1.998\n", "")


# --- programs with Python in them ---

EMBEDDING = """
#include <Python.h>
#include <pthread.h>
#include <tracypy.h>
static void zones(long count) {
    for (long i = 0; i < count; ++i) {
        TRACYPY_ZONE_BEGIN(zone, "embedding");
        tracypy_zone_end(zone);
    }
}
static void* on_thread(void* count) {
    zones((long)count);
    return NULL;
}
static void run_thread(void) {
    pthread_t thread;
    pthread_create(&thread, NULL, on_thread, (void*)7L);
    pthread_join(thread, NULL);
}
int main(int argc, char** argv) {
    PyConfig config;
    int failed = argc != 2;
    zones(3);
    run_thread();
    PyConfig_InitPythonConfig(&config);
    PyConfig_SetBytesString(&config, &config.program_name, argv[1]);
    failed |= PyStatus_Exception(Py_InitializeFromConfig(&config));
    zones(3);
    failed |= PyRun_SimpleString("import tracypy");
    if (!LOAD) return 4;
    failed |= PyRun_SimpleString("tracypy.start_recording('out.tracy')");
    zones(5);
    {
        TRACYPY_ZONE_BEGIN(around, "around Python");
        failed |= PyRun_SimpleString("def called(): pass\\ncalled()");
        tracypy_zone_end(around);
    }
    Py_BEGIN_ALLOW_THREADS;
    run_thread();
    Py_END_ALLOW_THREADS;
    failed |= PyRun_SimpleString("tracypy.stop_recording()");
    zones(3);
    failed |= Py_FinalizeEx() != 0;
    zones(3);
    run_thread();
    return failed;
}
"""


@pytest.mark.skipif(not sysconfig.get_config_var("Py_ENABLE_SHARED"), reason="this Python has no library to link")
@pytest.mark.parametrize(
    ("flags", "load"), [(["-Wl,--export-dynamic-symbol=tracypy_private_slot_1"], "1"), ([], "tracypy_load()")]
)
def test_a_program_with_python_in_it_records_while_that_is_there(tmp_path: Path, flags: list[str], load: str) -> None:
    library, folder = sysconfig.get_config_var("LDVERSION"), sysconfig.get_config_var("LIBDIR")
    python = [f"-L{folder}", f"-lpython{library}", f"-Wl,-rpath,{folder}"]
    program = build(EMBEDDING, tmp_path / "program", f"-DLOAD={load}", *flags, *python)
    result = subprocess.run(
        [program, sys.executable], cwd=tmp_path, capture_output=True, text=True, env=clean_environment(), check=False
    )
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    counts = calls_of(tmp_path / "out.tracy")
    assert (counts["embedding"], counts["around Python"], counts["called"]) == (5 + 7, 1, 1)


# --- Tracy's C macros ---

ALL_MACROS = """
#define TRACY_FIBERS
#include <Python.h>
#include <tracy/TracyC.h>
static TracyCLockCtx lock;
static PyObject* work(PyObject* self, PyObject* unused) {
    static const struct ___tracy_source_location_data place = {"by a pointer", "function", "file.c", 5, 0xFF};
    TracyCZoneCtx by_pointer, alloc, off;
    const char pool[] = "pool", text[] = "a text";
    (void)self, (void)unused;
    TracyCSetThreadName("named by a macro")
    TracyCAppInfo("info", 4)
    TracyCZone(plain, 1)
    TracyCZoneN(named, "named", 1)
    TracyCZoneC(colored, 0x112233, 1)
    TracyCZoneNC(both, "both", 0x445566, 1)
    TracyCZoneS(stack, 5, 1)
    TracyCZoneNS(named_stack, "named stack", 5, 1)
    TracyCZoneCS(colored_stack, 1, 5, 1)
    TracyCZoneNCS(all, "all", 2, 5, 1)
    TracyCZoneN(inactive, "inactive", 0)
    TracyCZoneText(all, text, 6)
    TracyCZoneTextF(all, "%d and %d", 1, 2)
    TracyCZoneName(all, "renamed", 7)
    TracyCZoneValue(all, 7)
    TracyCZoneColor(all, 0x778899)
    TracyCZoneText(inactive, text, 6)
    TracyCZoneEnd(inactive)
    TracyCZoneEnd(all)
    TracyCZoneEnd(colored_stack)
    TracyCZoneEnd(named_stack)
    TracyCZoneEnd(stack)
    TracyCZoneEnd(both)
    TracyCZoneEnd(colored)
    TracyCZoneEnd(named)
    by_pointer = ___tracy_emit_zone_begin(&place, 1);
    alloc = ___tracy_emit_zone_begin_alloc(___tracy_alloc_srcloc_name(9, "x.lua", 5, "f", 1, "made up", 7, 3), 1);
    ___tracy_emit_zone_end(alloc);
    alloc = ___tracy_emit_zone_begin_alloc_callstack(___tracy_alloc_srcloc(9, "x.lua", 5, "f", 1, 3), 3, 1);
    ___tracy_emit_zone_end(alloc);
    ___tracy_emit_zone_end(by_pointer);
    off = ___tracy_emit_zone_begin(&place, 0);
    ___tracy_emit_zone_end(off);
    TracyCZoneEnd(plain)
    TracyCAlloc(pool, 10); TracyCFree(pool); TracyCAllocN(pool, 20, "pool"); TracyCFreeN(pool, "pool");
    TracyCSecureAlloc(pool, 30); TracyCSecureFree(pool); TracyCAllocS(pool, 40, 2); TracyCFreeS(pool, 2);
    TracyCFrameMark
    TracyCFrameMarkNamed("named frame")
    TracyCFrameMarkStart("gaps")
    TracyCFrameMarkEnd("gaps")
    TracyCPlotConfig("plot", TracyPlotFormatMemory, 0, 1, 0)
    TracyCPlot("plot", 1.5)
    TracyCPlotF("plot", 2.5f)
    TracyCPlotI("plot", 3)
    TracyCMessage(text, 6)
    TracyCMessageL("literal")
    TracyCMessageC(text, 6, 0xFF0000)
    TracyCMessageLC("colored literal", 0xFF00)
    ___tracy_emit_logStringL(TracyMessageSeverityError, 0, 0, "an error");
    TracyCLockAnnounce(lock)
    TracyCLockCustomName(lock, "custom", 6)
    TracyCLockBeforeLock(lock)
    TracyCLockAfterLock(lock)
    TracyCLockMark(lock)
    TracyCLockAfterUnlock(lock)
    TracyCLockAfterTryLock(lock, 0)
    TracyCLockAfterTryLock(lock, 1)
    TracyCLockAfterUnlock(lock)
    TracyCLockTerminate(lock)
    TracyCFiberEnter("a fiber")
    TracyCZoneN(in_fiber, "in a fiber", 1)
    TracyCZoneEnd(in_fiber)
    TracyCFiberLeave
    return PyLong_FromLong(TracyCIsConnected);
}
static PyMethodDef methods[] = {{"work", work, METH_NOARGS, NULL}, {NULL, NULL, 0, NULL}};
static PyModuleDef_Slot slots[] = {
#ifdef Py_GIL_DISABLED
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
#endif
    {0, NULL},
};
static PyModuleDef module = {PyModuleDef_HEAD_INIT, "macros", NULL, 0, methods, slots, NULL, NULL, NULL};
PyMODINIT_FUNC PyInit_macros(void) { return PyModuleDef_Init(&module); }
"""


@pytest.mark.parametrize("language", ["c", "c++"])
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_every_macro_of_tracy_s_says_what_it_says(tmp_path: Path, language: str, protocol: int) -> None:
    build_module(ALL_MACROS, tmp_path, "macros", "-DTRACY_ENABLE", "-Wno-missing-field-initializers", language=language)
    trace = trace_of(tmp_path, "import macros; assert macros.work() == 1", prelude=QUIET, protocol=protocol)
    counts = Counter(zone.name for zone in trace.zones())
    assert counts == {
        "work": 4, "named": 1, "both": 1, "named stack": 1, "renamed": 1, "by a pointer": 1, "made up": 1, "f": 1,
        "in a fiber": 1,
    }  # fmt: skip
    zone = only_zone(trace, "renamed")
    assert (zone.texts, zone.value, zone.color) == (["a text", "1 and 2"], 7, 0x778899)
    assert zone.callstack is not None
    assert only_zone(trace, "both").color == 0x445566
    assert [child.name for child in only_zone(trace, "by a pointer").children] == ["made up", "f"]
    assert {thread.name for thread in trace.threads.values()} >= {"named by a macro", "a fiber"}
    assert trace.app_info == ["info"]
    assert [value for _, value in trace.plots["plot"]] == [1.5, 2.5, 3]
    assert [message.text for message in trace.messages] == [
        "a text", "literal", "a text", "colored literal", "an error",
    ]  # fmt: skip
    assert [event.kind for event in trace.lock("custom").events] == ["wait", "obtain", "release"] * 2
    assert [block.size for block in trace.memory_pools[None].allocations] == [10, 30, 40]
    assert [block.size for block in trace.memory_pools["pool"].allocations] == [20]
    assert {name for name in trace.frames if name} == {"named frame", "gaps"}


STRICT = ("-Wpedantic", "-Wshadow", "-Wconversion", "-c")


@pytest.mark.parametrize("standard", ["c99", "c11", "gnu17", "c++11", "c++14", "c++17", "c++20"])
def test_the_headers_are_of_every_standard_and_make_no_warnings(tmp_path: Path, standard: str) -> None:
    source = """
        #define TRACY_ENABLE
        #include <tracypy.h>
        #include <tracy/TracyC.h>
        void in_c(void);
        void in_c(void) {
            TRACYPY_ZONE_BEGIN(zone, "zone");
            TracyCZone(another, 1)
            TracyCZoneEnd(another)
            tracypy_zone_end(zone);
        }
        #ifdef __cplusplus
        void in_cpp();
        void in_cpp() {
            TRACYPY_FUNCTION_ZONE;
            TRACYPY_ZONE("zone");
            TRACYPY_NAMED_ZONE(zone, "named");
            zone.text("text");
        }
        #endif
        """
    language = "c++" if "++" in standard else "c"
    build(source, tmp_path / "object", f"-std={standard}", *STRICT, language=language)


def test_macros_that_are_not_enabled_are_empty(tmp_path: Path) -> None:
    source = """
        #include <tracy/TracyC.h>
        int main(void) {
            TracyCZone(zone, 1)
            TracyCZoneText(zone, "text", 4)
            TracyCZoneEnd(zone)
            TracyCFrameMark
            TracyCPlot("plot", 1.0)
            return TracyCIsConnected;
        }
        """
    program = build(source, tmp_path / "program")
    assert subprocess.run([program], check=False).returncode == 0
    assert b"tracypy_private" not in program.read_bytes()


# Bindings of other languages declare these functions themselves, and expect a library that has them.
def test_a_library_with_tracy_s_functions_is_one_include(tmp_path: Path) -> None:
    library = build(
        "#define TRACY_ENABLE\n#define TRACYPY_EXPORT_TRACY\n#include <tracy/TracyC.h>\n",
        tmp_path / "libTracyClient.so", "-shared", "-fPIC", "-fvisibility=hidden",
    )  # fmt: skip
    body = f"""
    import ctypes
    class Context(ctypes.Structure):
        _fields_ = [("id", ctypes.c_uint32), ("active", ctypes.c_int32)]
    tracy = ctypes.CDLL({str(library)!r})
    tracy.___tracy_alloc_srcloc_name.restype = ctypes.c_uint64
    tracy.___tracy_alloc_srcloc_name.argtypes = [
        ctypes.c_uint32, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_char_p,
        ctypes.c_size_t, ctypes.c_uint32,
    ]
    tracy.___tracy_emit_zone_begin_alloc.restype = Context
    tracy.___tracy_emit_zone_begin_alloc.argtypes = [ctypes.c_uint64, ctypes.c_int32]
    tracy.___tracy_emit_zone_end.argtypes = [Context]
    for number in range(100):
        place = tracy.___tracy_alloc_srcloc_name(1, b"x.zig", 5, b"main", 4, b"from zig", 8, 0)
        tracy.___tracy_emit_zone_end(tracy.___tracy_emit_zone_begin_alloc(place, 1))
    assert tracy.___tracy_connected() == 1
    """
    trace = trace_of(tmp_path, body, prelude=QUIET)
    zones = zones_named(trace, "from zig")
    assert len(zones) == 100
    assert zones[0].function == "main"


# --- where the files are ---


def test_the_folders_are_named_to_those_who_build() -> None:
    assert (Path(tracypy.get_include()) / "tracypy.h").is_file()
    assert (Path(tracypy.get_include()) / "tracy" / "TracyC.h").is_file()
    assert (Path(tracypy.get_cmake_dir()) / "tracypyConfig.cmake").is_file()
    version = (Path(tracypy.get_cmake_dir()) / "tracypyConfigVersion.cmake").read_text()
    assert f'"{tracypy.__version__}"' in version
    for option, folder in (("--include-dir", tracypy.get_include()), ("--cmake-dir", tracypy.get_cmake_dir())):
        result = subprocess.run([sys.executable, "-m", "tracypy", option], capture_output=True, text=True, check=False)
        assert (result.returncode, result.stdout, result.stderr) == (0, folder + "\n", "")
