"""What native code records by way of `tracypy.h`, beside Python's calls: in a viewer, and in a recording."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pytest

import tracypy

from support.native_code import PROGRAMS, build, build_module, path_line
from support.recording_facts import calls_of
from support.target import PRELUDE, QUIET, only_zone, running, trace_of, tree, zones_named
from support.viewer import Trace

PROTOCOLS = (66, 82)
PROBE = PROGRAMS / "native_probe.c"
RECORDED = "import tracypy\nwith tracypy.record('out.tracy', gc=False):\n"


@pytest.fixture(scope="module")
def probe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The line that finds the module `native_probe`."""
    folder = tmp_path_factory.mktemp("probe")
    build_module(PROBE, folder, "native_probe")
    return path_line(folder) + "import native_probe as probe\n"


def main_tree(trace: Trace, name: str) -> tuple[object, ...]:
    return only_zone(trace, name).tree()


# --- zones ---


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_zones_nest_with_the_calls_around_and_inside_them(tmp_path: Path, probe: str, protocol: int) -> None:
    body = """
    def inside():
        probe.zones(2)
    def main():
        probe.around(inside)
        probe.zones_without_gil(1)
    main()
    """
    trace = trace_of(tmp_path, body, prelude=probe + PRELUDE, protocol=protocol)
    pair = tree("outer", "nested")
    assert main_tree(trace, "main") == tree("main", tree("around", tree("inside", pair, pair)), pair)
    zone = only_zone(trace, "around")
    assert (zone.function, zone.file, zone.color) == ("around", str(PROBE), 0x336699)
    assert zone.line == next(
        n for n, line in enumerate(PROBE.read_text().splitlines(), 1) if '"around", 0x336699' in line
    )


def test_a_recording_has_the_same(tmp_path: Path, probe: str) -> None:
    body = """
    def inside():
        probe.zones(2)
    def main():
        probe.around(inside)
        probe.zones_without_gil(3)
    main()
    """
    indented = "".join(f"    {line}\n" for line in body.splitlines())
    with running(tmp_path, probe + RECORDED + indented) as target:
        target.expect_success()
    counts = calls_of(tmp_path / "out.tracy")
    assert {name: counts[name] for name in ("around", "inside", "outer", "nested", "main")} == {
        "around": 1, "inside": 1, "outer": 5, "nested": 5, "main": 1,
    }  # fmt: skip


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_what_is_said_about_a_zone_is_there(tmp_path: Path, probe: str, protocol: int) -> None:
    trace = trace_of(tmp_path, "probe.remarks()", prelude=probe + QUIET, protocol=protocol)
    zone = only_zone(trace, "renamed")
    assert (zone.texts, zone.value, zone.color) == (["a text"], 42, 0x112233)
    assert [child.name for child in zone.children] == ["inside"]


def test_a_place_that_is_made_up_has_name_function_file_line_and_color(tmp_path: Path, probe: str) -> None:
    trace = trace_of(tmp_path, "for _ in range(3): probe.dynamic('über')", prelude=probe + QUIET)
    zones = zones_named(trace, "über")
    assert len(zones) == 3
    assert len({zone.srcloc for zone in zones}) == 1
    zone = zones[0]
    assert (zone.function, zone.file, zone.line, zone.color) == ("function", "script.lua", 77, 0xABCDEF)


def test_names_without_end_do_not_take_the_viewer_s_places(tmp_path: Path, probe: str) -> None:
    trace = trace_of(tmp_path, "for i in range(1000): probe.dynamic(f'item {i}')", prelude=probe + QUIET)
    zones = [zone for zone in trace.zones() if zone.name.startswith("item ")]
    assert [zone.name for zone in zones] == [f"item {i}" for i in range(1000)]
    assert len({zone.srcloc for zone in zones}) == 64


def test_a_call_stack_has_the_python_calls(tmp_path: Path, probe: str) -> None:
    body = """
    def inner(): probe.with_callstack()
    def outer(): inner()
    outer()
    """
    trace = trace_of(tmp_path, body, prelude=probe + QUIET)
    callstack = only_zone(trace, "with a call stack").callstack
    assert callstack is not None
    assert [frame.function for frame in callstack.frames][:2] == ["inner", "outer"]


# --- misuse ---


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_ends_without_a_begin_and_on_other_threads_break_nothing(tmp_path: Path, probe: str, protocol: int) -> None:
    body = """
    def main():
        probe.misuse()
        probe.misuse()
    main()
    """
    trace = trace_of(tmp_path, body, prelude=probe + PRELUDE, protocol=protocol)  # the viewer checks the nesting
    counts = Counter(zone.name for zone in only_zone(trace, "main").walk())
    assert {name: counts[name] for name in ("twice", "first", "ended elsewhere", "after")} == {
        "twice": 2, "first": 2, "ended elsewhere": 2, "after": 2,
    }  # fmt: skip
    assert all(zone.texts == ["from elsewhere"] for zone in zones_named(trace, "ended elsewhere"))
    assert not any("nobody's" in zone.texts for zone in trace.zones())


def test_a_zone_may_outlast_the_call_in_which_it_begins(tmp_path: Path, probe: str) -> None:
    body = """
    def begin(): probe.leave_open()
    def end(): probe.end_left_open()
    def work(): pass
    def main():
        begin()
        work()
        end()
    main()
    """
    trace = trace_of(tmp_path, body, prelude=probe + PRELUDE)
    names = Counter(zone.name for zone in only_zone(trace, "main").walk())
    assert (names["begin"], names["end"], names["work"]) == (1, 1, 1)
    parts = [zone for zone in only_zone(trace, "main").walk() if zone.name.startswith("left open")]
    assert any(child.name == "work" for part in parts for child in part.children)


def test_a_zone_of_another_session_is_nobody_s(tmp_path: Path, probe: str) -> None:
    body = """
    for name in ("one.tracy", "two.tracy"):
        tracypy.start_recording(name)
        probe.end_left_open()
        probe.zones(1)
        probe.leave_open()
        tracypy.stop_recording()
    probe.end_left_open()
    """
    with running(tmp_path, probe + "import tracypy\n" + "\n".join(line[4:] for line in body.splitlines())) as target:
        target.expect_success()
    for name in ("one.tracy", "two.tracy"):
        counts = calls_of(tmp_path / name)
        assert (counts["outer"], counts["nested"], counts["left open"]) == (1, 1, 1)


# --- the other kinds ---


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_frames_plots_messages_and_memory_are_there(tmp_path: Path, probe: str, protocol: int) -> None:
    trace = trace_of(tmp_path, "probe.marks()", prelude=probe + QUIET, protocol=protocol)
    assert {name: len(frames) for name, frames in trace.frames.items() if name is not None} == {"steps": 1, "parts": 1}
    assert trace.shown_frame_count >= 2
    assert [value for _, value in trace.plots["load"]] == [12.5, 50.0]
    [config] = [plot.config for plot in trace.plot_sets.values() if plot.config.kind == 2]
    assert (config.step, config.fill, config.color) == (True, False, 0xFF0000)
    assert [message.text for message in trace.messages] == ["hello", "watch out"]
    assert trace.messages[0].color == 0x00FF00
    if protocol >= 77:
        assert [message.severity for message in trace.messages] == [2, 3]
    pools = trace.memory_pools
    assert [(block.address, block.size) for block in pools[None].allocations] == [(0x1000, 100)]
    assert [(block.address, block.size) for block in pools["arena"].allocations] == [(0x1000, 200), (0x2000, 300)]
    assert len(trace.frame_images) == 1


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_lock_shows_who_waits_for_whom(tmp_path: Path, probe: str, protocol: int) -> None:
    trace = trace_of(tmp_path, "probe.zones(1); probe.locks()", prelude=probe + QUIET, protocol=protocol)
    steps = [(event.kind, trace.thread_names[event.thread]) for event in trace.lock("the lock").events]
    assert steps == [
        ("wait", "Main thread"), ("obtain", "Main thread"), ("wait", "waits"), ("release", "Main thread"),
        ("obtain", "waits"), ("release", "waits"),
    ]  # fmt: skip


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_fibers_have_rows_of_their_own(tmp_path: Path, probe: str, protocol: int) -> None:
    body = """
    def main(): probe.fibers()
    main()
    """
    trace = trace_of(tmp_path, body, prelude=probe + PRELUDE, protocol=protocol)
    rows = {fiber.name: [zone.name for zone in fiber.zones()] for fiber in trace.fibers}
    assert rows == {"red fiber": ["in red"], "green fiber": ["in green"]}
    assert main_tree(trace, "main") == tree("main", "in none")


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_gpu_has_zones_with_both_times(tmp_path: Path, probe: str, protocol: int) -> None:
    trace = trace_of(tmp_path, "probe.gpu()", prelude=probe + QUIET, protocol=protocol)
    [context] = trace.gpu_contexts.values()
    assert context.name == "queue"
    [outer] = [zone for zone in context.zones() if zone.name == "outer kernel"]
    assert [child.name for child in outer.children] == ["inner kernel"]
    lasting = {zone.name: round((zone.gpu_end_ns - zone.gpu_begin_ns) / 1e6) for zone in context.zones()}
    assert lasting == {"outer kernel": 50, "inner kernel": 10}


def test_names_count_for_whoever_listens_later(tmp_path: Path, probe: str) -> None:
    with running(tmp_path, probe + "import tracypy\nprobe.names()\n" + QUIET + "probe.zones(1)\n") as target:
        trace = target.viewer().run()
        target.expect_success()
    assert trace.app_info == ["built by a test"]
    assert trace.welcome.program_name == "a native program"
    assert "named in C" in {thread.name for thread in trace.threads.values()}


# --- when tracypy is there, and when not ---


def test_code_that_is_there_first_finds_tracypy_when_that_is_imported(tmp_path: Path, probe: str) -> None:
    body = """
    print(probe.is_loaded())
    probe.zones(5)
    probe.marks(), probe.locks(), probe.gpu(), probe.fibers(), probe.names(), probe.threads(2, 10)
    import tracypy
    print(probe.is_loaded(), probe.is_connected())
    probe.zones(5)
    tracypy.start_recording("out.tracy")
    print(probe.is_connected())
    probe.zones(7)
    tracypy.stop_recording()
    print(probe.is_connected())
    probe.zones(5)
    """
    with running(tmp_path, probe + "\n".join(line[4:] for line in body.splitlines())) as target:
        out = target.expect_success()
    assert out.split() == ["False", "True", "False", "True", "False"]
    assert calls_of(tmp_path / "out.tracy")["outer"] == 7


def test_code_that_comes_later_finds_it_too(tmp_path: Path, probe: str) -> None:
    trace = trace_of(tmp_path, "probe.zones(3)", prelude=QUIET + probe)
    assert len(zones_named(trace, "outer")) == 3


def test_after_disable_zones_go_on_as_those_by_hand(tmp_path: Path, probe: str) -> None:
    trace = trace_of(tmp_path, "tracypy.disable()\nprobe.zones(4); probe.threads(2, 3)\n", prelude=probe + PRELUDE)
    assert len(zones_named(trace, "outer")) == 4 + 2 * 3


def test_without_tracypy_everything_does_nothing(tmp_path: Path, probe: str) -> None:
    body = """
    probe.zones(5), probe.marks(), probe.remarks(), probe.misuse(), probe.threads(3, 100), probe.locks(), probe.gpu()
    probe.fibers(), probe.names(), probe.with_callstack(), probe.dynamic("x")
    assert not probe.is_loaded() and not probe.is_connected()
    try:
        probe.import_()
    except ImportError as problem:
        print(type(problem).__name__)
    """
    source = "import sys; sys.modules['tracypy'] = None\n" + probe + "\n".join(line[4:] for line in body.splitlines())
    with running(tmp_path, source) as target:
        assert target.expect_success().split() == ["ImportError"]


def test_without_python_it_does_nothing_either(tmp_path: Path) -> None:
    program = build(
        """
        #include <tracypy.h>
        int main(void) {
            TRACYPY_ZONE_BEGIN(zone, "zone");
            tracypy_zone_text(zone, "text", 4);
            tracypy_frame_mark(NULL);
            tracypy_zone_end(zone);
            return tracypy_load() == 0 && zone.key == 0 ? 3 : 1;
        }
        """,
        tmp_path / "program",
    )
    import subprocess

    assert subprocess.run([program], check=False).returncode == 3


def test_the_interpreter_hands_the_table_over_too(tmp_path: Path, probe: str) -> None:
    with running(tmp_path, probe + "print(probe.import_(), probe.is_loaded())\n") as target:
        assert target.expect_success().split() == ["True", "True"]


# --- versions of the table ---


def header_with(folder: Path, *changes: tuple[str, str]) -> Path:
    """A copy of the headers, changed."""
    shutil.copytree(tracypy.get_include(), folder)
    for old, new in changes:
        [changed] = [path for path in folder.rglob("*.h") if old in path.read_text()]
        changed.write_text(changed.read_text().replace(old, new))
    return folder


LAST = "    void (*set_thread_name)(const char* name, size_t length);\n"


def test_a_newer_header_works_with_this_tracypy(tmp_path: Path) -> None:
    newer = header_with(tmp_path / "newer", (LAST, LAST + "    void (*from_the_future)(void);\n"))
    source = PROBE.read_text().replace(
        "static PyObject* is_loaded(UNUSED) {",
        "static PyObject* is_loaded(UNUSED) {\n"
        "    if (TRACYPY_PRIVATE_HAS(tracypy_private_table(), from_the_future)) Py_RETURN_NONE;\n"
        "    if (!TRACYPY_PRIVATE_HAS(tracypy_private_table(), set_thread_name)) Py_RETURN_NONE;\n",
    )
    build_module(source, tmp_path, "native_probe", include=newer)
    trace = trace_of(
        tmp_path, "assert probe.is_loaded(); probe.zones(3)", prelude=QUIET + "import native_probe as probe\n"
    )
    assert len(zones_named(trace, "outer")) == 3


def test_an_older_header_works_with_this_tracypy(tmp_path: Path) -> None:
    older = header_with(
        tmp_path / "older",
        (LAST, ""),
        ("if (api != NULL) api->set_thread_name(name, strlen(name));", "(void)name, (void)api;"),
    )
    build_module(PROBE, tmp_path, "native_probe", include=older)
    trace = trace_of(
        tmp_path, "assert probe.is_loaded(); probe.zones(3)", prelude=QUIET + "import native_probe as probe\n"
    )
    assert len(zones_named(trace, "outer")) == 3


def test_a_header_for_another_table_does_nothing(tmp_path: Path) -> None:
    other = header_with(tmp_path / "other", ("#define TRACYPY_PRIVATE_VERSION 1", "#define TRACYPY_PRIVATE_VERSION 2"))
    build_module(PROBE, tmp_path, "native_probe", include=other)
    body = """
    assert not probe.is_loaded()
    probe.zones(3)
    try:
        probe.import_()
    except ImportError as problem:
        print("interface" in str(problem))
    """
    with running(
        tmp_path, "import native_probe as probe, tracypy\n" + "\n".join(x[4:] for x in body.splitlines())
    ) as target:
        assert target.expect_success().split() == ["True"]
