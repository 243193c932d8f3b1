"""`tracypy export` and `tracypy flamegraph` as they are typed."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tracypy.cli.app import app
from tracypy.cli.errors import CommandError

from support.command_line import mistake, tracypy_command
from support.terminal import Terminal
from support.trace_file import TraceFileBuilder, zone


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    builder = TraceFileBuilder(program="prog")
    work, step = builder.location("work", "/app/prog.py", 3), builder.location("step", "/app/prog.py", 9)
    builder.thread(1, "main", zone(work, 0, 5_000, *(zone(step, at, at + 100) for at in range(0, 4_000, 200))))
    builder.thread(2, "other", zone(step, 10, 20))
    builder.message(100, "hello", 1)
    path = tmp_path / "run.tracy"
    path.write_bytes(builder.to_bytes())
    return path


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (["export", "--to", "csv"], "run.csv"),
        (["export", "--to", "chrome"], "run.trace.json"),
        (["export", "--to", "speedscope"], "run.speedscope.json"),
        (["export", "--to", "pstats"], "run.pstats"),
        (["export", "--to", "collapsed"], "run.collapsed"),
        (["export", "--to", "perfetto"], "run.pftrace"),
        (["flamegraph"], "run.html"),
    ],
    ids=lambda value: value[-1] if isinstance(value, list) else value,
)
def test_file_goes_beside_the_recording_and_is_not_overwritten(recording: Path, words: list[str], name: str) -> None:
    first = tracypy_command(*words, recording, cwd=recording.parent)
    assert (first.returncode, first.stdout) == (0, "")
    made = recording.parent / name
    assert first.stderr.startswith(f"tracypy: wrote {made} (")
    content = made.read_bytes()
    second = tracypy_command(*words, recording, cwd=recording.parent)
    assert (second.returncode, second.stderr) == (
        2,
        f"tracypy: {made} exists; -f overwrites it, -o names another file\n",
    )
    assert tracypy_command(*words, "-f", recording, cwd=recording.parent).returncode == 0
    assert made.read_bytes() == content


@pytest.mark.parametrize("form", [["--to", "chrome"], ["--to", "csv", "-u"]], ids=" ".join)
def test_size_of_a_large_file_is_told_before(
    recording: Path, form: list[str], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """As if this recording had as many zones as it takes: those would be too many for a test."""
    from tracypy.cli import exporting

    said: list[str] = []
    monkeypatch.setattr("tracypy.stderr.say", said.append)
    monkeypatch.setattr(exporting, "_MOST_FOR_ZONE", 10**9)
    monkeypatch.setattr(exporting, "_WORTH_A_WORD", 10)

    def export(*words: str | Path) -> Path:
        app.main(["export", str(recording), *form, *map(str, words)], standalone_mode=False)()
        return recording.parent / words[1]

    made = export("-o", recording.parent / "small")
    expected = re.fullmatch(rf"{made} will have about ([\d.]+) (bytes|kB)", said[0])
    assert expected
    told = float(expected[1]) * {"bytes": 1, "kB": 1000}[expected[2]]
    assert 0.7 * made.stat().st_size < told < 1.3 * made.stat().st_size
    monkeypatch.setattr(exporting, "_LARGE", 100)
    with pytest.raises(CommandError, match="would have about .*--any-size writes it all the same"):
        export("-o", recording.parent / "large")
    assert not (recording.parent / "large").exists()
    assert export("-o", recording.parent / "large", "--any-size").read_bytes() == made.read_bytes()


def test_name_of_the_output_says_the_format(recording: Path) -> None:
    assert tracypy_command("export", recording, "-o", "x.speedscope.json", cwd=recording.parent).returncode == 0
    assert "speedscope" in json.loads((recording.parent / "x.speedscope.json").read_text())["$schema"]


@pytest.mark.parametrize("words", [["export", "--to", "csv"], ["export", "--to", "collapsed"], ["flamegraph"]], ids=str)
def test_standard_output_gets_the_text_alone(recording: Path, words: list[str]) -> None:
    result = tracypy_command(*words, recording, "-o", "-", cwd=recording.parent)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith(("name,src_file", "work (prog.py:3) 3000\n", "<!doctype html>"))
    assert os.listdir(recording.parent) == ["run.tracy"]


def test_tables_of_csv(recording: Path) -> None:
    def rows(*words: str) -> list[dict[str, str]]:
        result = tracypy_command("export", recording, "--to", "csv", "-o", "-", *words, cwd=recording.parent)
        assert (result.returncode, result.stderr) == (0, "")
        separator = ";" if "-s" in words else ","
        return list(csv.DictReader(io.StringIO(result.stdout), delimiter=separator))

    assert [row["counts"] for row in rows()] == ["1", "21"]
    assert [row["total_ns"] for row in rows("--self", "-s", ";")] == ["3000", "2010"]
    assert len(rows("--each-zone")) == 22
    assert len(rows("-u", "--filter", "step", "--thread", "other")) == 1
    assert rows("--messages") == [{"MessageName": "hello", "total_ns": "100"}]
    assert rows("--plots") == []


def test_threads_as_roots(recording: Path) -> None:
    result = tracypy_command(
        "export", recording, "--to", "collapsed", "--thread-roots", "-o", "-", cwd=recording.parent
    )
    assert "other;step (prog.py:9) 10\n" in result.stdout


def test_a_reader_that_has_seen_enough_is_no_error(recording: Path) -> None:
    """The pipe is full before the reader goes, so that the writer meets its end for certain."""
    builder = TraceFileBuilder()
    step = builder.location("step" * 50)
    builder.thread(1, "main", *(zone(step, at, at + 1) for at in range(0, 40_000, 2)))
    recording.write_bytes(builder.to_bytes())
    command = [sys.executable, "-m", "tracypy", "export", str(recording), "--to", "csv", "-u", "-o", "-"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("name,")
        process.stdout.close()
        assert process.stderr is not None
        assert process.stderr.read() == ""
        assert process.wait(60) == 0


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["export", "run.tracy"], "no format is given; add --to with one of csv, chrome, perfetto, parquet, speedscope, pstats, collapsed"),
        (["export", "run.tracy", "-o", "x.bin"], "the name x.bin does not say the format; add --to with one of csv"),
        (["export", "run.tracy", "--to", "xml"], "--to: 'xml' is not a format; there are csv, chrome"),
        (["export", "run.tracy", "--to", "flamegraph"], "a flame graph has a command of its own: tracypy flamegraph FILE"),
        (["export", "run.tracy", "--to", "chrome", "-u"], "-u, -e and -s are for csv, -m and -p for csv and parquet"),
        (["export", "run.tracy", "--to", "csv", "--thread-roots"], "--thread-roots is for collapsed"),
        (["export", "run.tracy", "--to", "csv", "-m", "-u"], "messages are a table of their own"),
        (["export", "run.tracy", "--to", "csv", "-s", "ab"], "a separator must be one character"),
        (["export", "run.tracy", "--to", "csv", "--thread", "x"], "run.tracy has no thread 'x'; there are 'main', 'other'"),
        (["export", "run.tracy", "--to", "csv", "--filter", "x"], "no function of run.tracy has 'x' in its name or file"),
        (["export", "run.tracy", "--to", "csv", "-o", "no/x.csv"], "cannot write no/x.csv: No such file or directory"),
        (["export", "run.tracy", "--to", "csv", "-o", "."], ". is a folder; name a file in it"),
        (["export", "run.tracy", "--to", "csv", "-o", "gone/"], "gone/ is a folder; name a file in it"),
        (["export", "run.tracy", "--to", "csv", "-f", "-o", "./run.tracy"], "./run.tracy is the recording itself"),
        (["export", "run.tracy", "--to", "csv", "-s", ""], "a separator must be one character"),
        (["flamegraph", "run.tracy", "-f", "-o", "run.tracy"], "run.tracy is the recording itself"),
        (["export", "run.tracy", "-o", "x.pstats.gz"], "programs that read pstats do not read compressed files"),
        (["export", "gone.tracy", "--to", "csv"], "cannot open gone.tracy: No such file or directory"),
        (["export", "empty.tracy", "--to", "csv"], "empty.tracy: "),
        (["export"], "Missing argument"),
        (["flamegraph", "gone.tracy"], "cannot open gone.tracy: No such file or directory"),
        (["export", "run.tracy", "--to", "csv", "--from", "5"], "--from: '5' is not a time with its unit, such as 50ms"),
        (["export", "run.tracy", "--to", "csv", "--from", "2s", "--until", "1s"], "--until is before --from"),
        (["flamegraph", "run.tracy", "--from", "1h"], "run.tracy has no zones that match"),
        (["flamegraph", "run.tracy", "--max-nodes", "0"], "--max-nodes: '0' is not a whole number from 1 on"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)  # fmt: skip
def test_mistake_is_one_line_and_exit_code_2(recording: Path, words: list[str], text: str) -> None:
    (recording.parent / "empty.tracy").write_bytes(b"")
    before = [(path, path.read_bytes()) for path in sorted(recording.parent.iterdir())]
    assert mistake(tracypy_command(*words, cwd=recording.parent)).startswith(text)
    assert [(path, path.read_bytes()) for path in sorted(recording.parent.iterdir())] == before


def test_full_disk_is_one_line_and_leaves_nothing(recording: Path) -> None:
    result = tracypy_command("export", recording, "--to", "csv", "-f", "-o", "/dev/full", cwd=recording.parent)
    assert (result.returncode, result.stderr) == (2, "tracypy: cannot write /dev/full: No space left on device\n")


def test_without_numpy(recording: Path) -> None:
    code = f"""
import sys
sys.modules["numpy"] = None  # as if it were not installed
import tracypy.exporters
trace = tracypy.open({str(recording)!r})
for name in set(tracypy.exporters.FORMATS) - {{"parquet"}}:
    tracypy.exporters.export(trace, {str(recording.parent)!r} + "/out." + name, to=name)
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=200)
    assert len(list(recording.parent.glob("out.*"))) == 7


def test_part_of_a_recording(recording: Path) -> None:
    builder = TraceFileBuilder()
    step = builder.location("step")
    builder.thread(1, "main", *(zone(step, at * 1_000, at * 1_000 + at) for at in range(1, 1_001)))
    recording.write_bytes(builder.to_bytes())
    words = ["--from", "100us", "--until", "0.5ms", "--min-duration", "0.2us"]
    table = tracypy_command("export", recording, "--to", "csv", "-u", "-o", "-", *words, cwd=recording.parent)
    assert [line.split(",")[3] for line in table.stdout.splitlines()[1:]] == [str(at * 1_000) for at in range(200, 501)]
    report = json.loads(tracypy_command("report", recording, "--json", *words, cwd=recording.parent).stdout)
    assert [(row["name"], row["calls"]) for row in report["functions"]] == [("step", 301)]


def test_a_terminal_shows_how_far_it_is(tmp_path: Path) -> None:
    builder = TraceFileBuilder()
    leaf = builder.location("leaf")
    builder.thread(1, "main", *(zone(leaf, at, at + 1) for at in range(0, 201_000, 2)))
    (tmp_path / "out.tracy").write_bytes(builder.to_bytes())
    with Terminal("export", "out.tracy", "-o", "o.json", cwd=tmp_path) as terminal:
        assert terminal.end() == 0
        lines = [line for line in terminal.lines() if line]
        assert len(lines) == 1, lines
        assert lines[0].startswith("tracypy: wrote o.json (")
    shown = terminal.written.decode()
    assert "reading out.tracy" in shown
    assert re.search(r"writing o\.json: \d+%, [\d.]+ MB of about [\d.]+ MB", shown), shown
    with Terminal("export", "out.tracy", "-o", "-", "--to", "csv", cwd=tmp_path) as terminal:
        assert terminal.end() == 0
    assert "writing" not in terminal.written.decode()
