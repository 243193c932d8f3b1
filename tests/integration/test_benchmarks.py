"""The benchmarks run, and what they count is what a capture program received."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path

import tracypy

ROOT = Path(__file__).resolve().parents[2]


def run_quick(folder: Path, *arguments: str) -> tuple[str, dict]:
    figures = folder / "figures.json"
    command = [sys.executable, str(ROOT / "benchmarks" / "run.py"), "--quick", "--json", str(figures), *arguments]
    result = subprocess.run(command, capture_output=True, text=True, timeout=200, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout, json.loads(figures.read_text(encoding="utf-8"))


def test_every_zone_of_every_call_arrives(tmp_path):
    printed, document = run_quick(tmp_path, "--only", "fib")
    (program,) = document["programs"]
    figures = {one["variant"]: one for one in program["figures"]}
    assert {
        "plain",
        "floor",
        "floor + clock",
        "tracypy idle",
        "tracypy connected",
        "tracypy filtered",
        "cProfile",
    } == set(figures)
    assert program["calls"] == program["units"] * 21891 + 1
    connected = figures["tracypy connected"]
    assert connected["zones"] == 4 * program["calls"] + 1
    assert figures["tracypy filtered"]["zones"] == 0
    assert all(name in printed for name in figures)


def test_calls_of_c_functions_all_arrive_and_are_compared_with_their_floor():
    command = [sys.executable, str(ROOT / "benchmarks" / "c_calls.py"), "--rounds", "1"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=200, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    assert re.search(r"floor with a clock -?[\d.]+, tracypy -?[\d.]+", result.stdout)


def test_zones_in_c_are_measured():
    command = [sys.executable, str(ROOT / "benchmarks" / "native_zones.py"), "--rounds", "1", "--zones", "1000"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=200, check=False)
    assert len(re.findall(r": [\d.]+ ns a zone", result.stdout)) == 5, result.stdout + result.stderr


def test_unknown_program_is_refused():
    command = [sys.executable, str(ROOT / "benchmarks" / "run.py"), "--only", "fib,nothing"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=200, check=False)
    assert result.returncode == 2
    assert "there is no program nothing" in result.stderr


def test_a_recording_holds_the_calls_that_the_compared_program_counts(tmp_path):
    program = [str(ROOT / "benchmarks" / "harness" / "one_program.py"), "fib", "1", str(tmp_path / "said.json")]
    subprocess.run([sys.executable, *program, "--counts"], check=True, timeout=200)
    counted = json.loads((tmp_path / "said.json").read_text(encoding="utf-8"))
    assert counted["calls"] == 21891 + 1  # fib(20), and run()
    output = tmp_path / "out.tracy"
    recording = [sys.executable, "-m", "tracypy", "record", "-o", str(output)]
    subprocess.run([*recording, *program], check=True, timeout=200, capture_output=True)
    trace = tracypy.open(output)
    files = [location.file for location in trace.source_locations]
    own = sum(files[zone.location] == counted["path"] for thread in trace.threads for zone in thread.iter_zones())
    assert own == counted["calls"] + 1  # the module itself, which is imported before the counting begins


def compare_rivals(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "benchmarks" / "compare_rivals.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=280, check=False)


def test_rivals_are_compared_by_what_they_take_and_what_they_keep(tmp_path):
    figures = tmp_path / "figures.json"
    chosen = ("--suite", "programs", "--only", "nothing,fib", "--quick", "--rounds", "1", "--read")
    result = compare_rivals(*chosen, "--rivals", "tracypy,trace0,viztracer", "--json", str(figures))
    assert result.returncode == 0, result.stdout + result.stderr
    missing = [name for name in ("trace0", "viztracer") if importlib.util.find_spec(name) is None]
    assert (f"left out: {', '.join(missing)} (pip install {' '.join(missing)})" in result.stderr) == bool(missing)
    nothing, fib = json.loads(figures.read_text(encoding="utf-8"))["suites"]["programs"]
    assert (nothing["program"], nothing["calls"], fib["program"], fib["calls"]) == ("nothing", None, "fib", 21891 + 1)
    for program in (nothing, fib):
        there = [one["rival"] for one in program["figures"]]
        assert there == [name for name in ("plain", "tracypy", "trace0", "viztracer") if name not in missing]
        assert all(one["process"] > 0 and one["wall"] > 0 for one in program["figures"])
        assert all(one["size"] > 0 for one in program["figures"] if one["rival"] != "plain")
    assert all(one["main"] > 0 for one in fib["figures"])
    ours = next(one for one in fib["figures"] if one["rival"] == "tracypy")
    assert ours["own"] == fib["calls"] + 1  # the module itself, which is imported before the counting begins
    assert ours["events"] > ours["own"]
    assert "| **geometric mean** |" in result.stdout
    assert "| whole run with saving, s | plain | tracypy |" in result.stdout
    assert "| fib, tracypy | 21,892 | 0 (0.0%) |" in result.stdout


def test_profilers_without_calls_in_their_files_are_compared_too(tmp_path):
    figures = tmp_path / "figures.json"
    chosen = ("--suite", "programs", "--only", "fib", "--quick", "--times", "2", "--rounds", "1", "--read")
    rivals = ("cProfile", "pyinstrument", "py-spy", "profiling.sampling", "memray")
    result = compare_rivals(*chosen, "--rivals", ",".join(rivals), "--json", str(figures))
    assert result.returncode == 0, result.stdout + result.stderr
    (fib,) = json.loads(figures.read_text(encoding="utf-8"))["suites"]["programs"]
    found = {one["rival"]: one for one in fib["figures"]}
    assert set(found) <= {"plain", *rivals}
    assert found["cProfile"]["size"] > 0
    assert found["cProfile"]["own"] is None
    assert fib["units"] > 1  # without --times it is one
    assert "| fib, cProfile |" not in result.stdout


def test_every_program_is_recorded_by_itself(tmp_path):
    figures = tmp_path / "figures.json"
    result = compare_rivals(
        "--suite", "programs", "--quick", "--rounds", "1", "--rivals", "tracypy", "--json", str(figures)
    )
    assert result.returncode == 0, result.stdout + result.stderr
    programs = json.loads(figures.read_text(encoding="utf-8"))["suites"]["programs"]
    sources = {path.stem for path in (ROOT / "benchmarks" / "programs").glob("[!_]*.py")}
    ours_alone = {"zone_markup", "profiled_markup"}  # they open zones of tracypy's own
    assert {one["program"] for one in programs} == sources - ours_alone | {"nothing", "demo"}
    assert all(one["size"] > 0 for program in programs for one in program["figures"] if one["rival"] == "tracypy")


def test_unknown_rivals_and_programs_are_refused():
    unknown = compare_rivals("--rivals", "tracypy,gprof")
    assert (unknown.returncode, "there is no rival gprof" in unknown.stderr) == (2, True)
    unknown = compare_rivals("--only", "fib,nothing_like_it")
    assert (unknown.returncode, "there is no program nothing_like_it" in unknown.stderr) == (2, True)


def test_a_benchmark_of_pyperformance_runs_as_a_plain_script(tmp_path):
    (tmp_path / "beside.py").write_text("answer = 42\n", encoding="utf-8")
    script = tmp_path / "run_benchmark.py"
    script.write_text(
        """
import json, sys
import beside

def called(): pass

if __name__ == "__main__":
    called()
    with open(sys.argv[0] + ".json", "w") as file:
        json.dump([sys.argv[1:], beside.answer], file)
""",
        encoding="utf-8",
    )
    report = tmp_path / "report.json"
    program = [sys.executable, str(ROOT / "benchmarks" / "harness" / "one_program.py")]
    subprocess.run([*program, str(script), "7", str(report), "none"], check=True, timeout=200)
    told, answer = json.loads((tmp_path / "run_benchmark.py.json").read_text(encoding="utf-8"))
    assert (told, answer) == (["none", "--worker", "--warmups=0", "--values=1", "--loops=7"], 42)
    assert json.loads(report.read_text(encoding="utf-8"))["main"] > 0
    subprocess.run([*program, str(script), "7", str(report), "none", "--counts"], check=True, timeout=200)
    assert json.loads(report.read_text(encoding="utf-8")) == {"path": str(script), "calls": 2}


def message(*fields: tuple[int, int | bytes]) -> bytes:
    """A protocol buffer's message."""

    def varint(value: int) -> bytes:
        low, rest = value & 127, value >> 7
        return bytes([low | 128]) + varint(rest) if rest else bytes([low])

    def field(number: int, value: int | bytes) -> bytes:
        if isinstance(value, int):
            return varint(number << 3) + varint(value)
        return varint(number << 3 | 2) + varint(len(value)) + value

    return b"".join(field(number, value) for number, value in fields)


def test_slices_of_a_perfetto_trace_are_counted_by_their_file(tmp_path):
    def packet(sequence: int, *fields: tuple[int, int | bytes]) -> tuple[int, bytes]:
        return 1, message((8, 10**12), (10, sequence), *fields)

    def location(iid: int, file: str) -> tuple[int, bytes]:
        return 12, message((2, message((1, iid), (2, b"name"))), (4, message((1, iid), (2, file.encode()), (4, 300))))

    def slice_event(kind: int, iid: int) -> tuple[int, bytes]:
        return 11, message((9, kind), (3, 1), (10, iid), (34, iid))

    trace = message(
        packet(1, (60, b"")),
        packet(1, location(1, "own.py")),
        packet(1, location(2, "other.py")),
        packet(2, location(1, "other.py")),  # each sequence numbers for itself
        packet(1, slice_event(1, 1)),
        packet(1, slice_event(1, 2)),
        packet(1, slice_event(2, 2)),
        packet(1, slice_event(2, 1)),
        packet(2, slice_event(1, 1)),
        packet(1, slice_event(1, 1), location(300, "own.py")),
        packet(1, slice_event(1, 300)),
    )
    (tmp_path / "trace.pb").write_bytes(trace)
    command = [sys.executable, str(ROOT / "benchmarks" / "harness" / "read_trace.py"), "count"]
    result = subprocess.run(
        [*command, str(tmp_path / "trace.pb"), "own.py"], check=True, capture_output=True, timeout=99
    )
    assert json.loads(result.stdout) == [3, 5]
