"""`tracypy diff` as it is called."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from support.command_line import mistake, table_rows, tracypy_command
from support.trace_file import TraceFileBuilder, zone


def write(path: Path, spans: dict[str, list[int]], root: str, span_ns: int = 100_000) -> Path:
    """A recording in which each function was called for so long, one call after the other."""
    builder = TraceFileBuilder(program=path.stem, span_ns=span_ns)
    zones = []
    at = 0
    for name, durations in spans.items():
        location = builder.location(name, f"{root}/app/{name}.py", len(zones) + 1)
        for duration in durations:
            zones.append(zone(location, at, at + duration))
            at += duration
    builder.thread(1, "main", *zones)
    path.write_bytes(builder.to_bytes())
    return path


@pytest.fixture
def recordings(tmp_path: Path) -> tuple[Path, Path]:
    """`parse` became a half slower, `load` a little faster, `steady` nothing; `setup` was called once."""
    jitter = [number % 5 for number in range(30)]
    before = {"parse": [100 + j for j in jitter], "load": [200 + j for j in jitter], "steady": [50 + j for j in jitter]}
    after = {"parse": [150 + j for j in jitter], "load": [190 + j for j in jitter], "steady": [50 + j for j in jitter]}
    return (
        write(tmp_path / "before.tracy", {**before, "setup": [40], "old": [9, 9]}, "/home/me"),
        write(tmp_path / "after.tracy", {**after, "setup": [90], "new": [8]}, "/builds/7"),
    )


def diff(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return tracypy_command("diff", *arguments, **environment)


def test_what_became_slower_or_faster_is_shown(recordings: tuple[Path, Path]) -> None:
    result = diff(*recordings)
    assert (result.returncode, result.stderr) == (0, "")
    parse, load = table_rows(result.stdout, "Slower or faster functions")
    assert parse[:7] == ["parse", "30", "+1.50 µs", "+1.50 µs", "152 ns", "102 ns", "+49.0%"]
    assert parse[-2:] == ["slower", "/builds/7/app/parse.py"]
    assert [load[0], *load[2:4], load[6], load[-2]] == ["load", "-300 ns", "-300 ns", "-5.0%", "faster"]
    assert "not shown: 1 with no significant difference, 1 with too few calls for a test" in result.stdout
    assert [row[:2] for row in table_rows(result.stdout, "Only before")] == [["old", "2"]]
    assert [row[:2] for row in table_rows(result.stdout, "Only after")] == [["new", "1"]]


def test_all_sort_limit_and_filter(recordings: tuple[Path, Path]) -> None:
    everything = diff(*recordings, "--all", "--sort", "name").stdout
    assert [(row[0], row[-2]) for row in table_rows(everything, "Functions in both recordings, by name")] == [
        ("load", "faster"),
        ("parse", "slower"),
        ("setup", "too few calls"),
        ("steady", "same"),
    ]
    by_mean = diff(*recordings, "--all", "--sort", "mean", "--limit", "1").stdout
    assert [row[0] for row in table_rows(by_mean, "Functions in both recordings")] == ["setup"]
    assert "and 3 functions more: --limit 0 shows all" in by_mean
    filtered = diff(*recordings, "--filter", "app/load.py").stdout
    assert [row[0] for row in table_rows(filtered, "Slower or faster functions")] == ["load"]


@pytest.mark.parametrize(
    ("limit", "failed"), [("10%", ["parse +49.0%"]), ("48.9", ["parse +49.0%"]), ("49.1%", []), ("60 %", [])]
)
def test_exit_code_says_whether_it_got_too_slow(limit: str, failed: list[str], recordings: tuple[Path, Path]) -> None:
    result = diff(*recordings, "--fail-over", limit)
    assert result.returncode == (1 if failed else 0)
    assert result.stderr == "".join(f"tracypy: slower by more than {limit.strip('%')}%: {text}\n" for text in failed)
    assert "Slower or faster functions" in result.stdout
    assert json.loads(diff(*recordings, "--fail-over", limit, "--json").stdout)["failed"] == failed


def test_faster_and_too_few_calls_are_no_failure(recordings: tuple[Path, Path]) -> None:
    for name in ("load", "setup", "new"):
        assert diff(*recordings, "--fail-over", "0", "--filter", name).returncode == 0


def test_whole_span_counts_too(tmp_path: Path) -> None:
    before = write(tmp_path / "a.tracy", {"f": [10] * 9}, "", span_ns=1_000)
    after = write(tmp_path / "b.tracy", {"f": [10] * 9}, "", span_ns=1_200)
    result = diff(before, after, "--fail-over", "19%")
    assert (result.returncode, result.stderr) == (1, "tracypy: slower by more than 19%: the whole span +20.0%\n")
    assert diff(before, after, "--fail-over", "21%").returncode == 0
    assert diff(after, before, "--fail-over", "0%").returncode == 0


def test_recording_compared_with_itself_shows_nothing(recordings: tuple[Path, Path]) -> None:
    result = diff(recordings[0], recordings[0], "--fail-over", "0")
    assert result.returncode == 0
    assert "No function became significantly slower or faster." in result.stdout


def test_json_is_what_is_documented(recordings: tuple[Path, Path]) -> None:
    result = diff(*recordings, "--json")
    assert (result.returncode, result.stderr) == (0, "")
    document = json.loads(result.stdout)
    assert list(document) == ["schema", "before", "after", "span_change", "functions", "failed"]
    assert document["schema"] == "tracypy.diff/1"
    functions = {function["name"]: function for function in document["functions"]}
    assert {name: function["verdict"] for name, function in functions.items()} == {
        "parse": "slower", "load": "faster", "steady": "same", "setup": "too few calls", "old": "vanished",
        "new": "appeared",
    }  # fmt: skip
    parse = functions["parse"]
    assert (parse["file_before"], parse["file_after"]) == ("/home/me/app/parse.py", "/builds/7/app/parse.py")
    assert parse["before"] == {"calls": 30, "total_ns": 3060, "self_ns": 3060, "mean_ns": 102.0, "median_ns": 102.0}
    assert (parse["self_change_ns"], parse["superiority"]) == (1500, 1.0)
    assert parse["q_value"] >= parse["p_value"]
    page = (Path(__file__).parents[2] / "docs" / "traces.md").read_text()
    for key in (*document, *document["before"], *parse, *parse["before"]):
        assert f"`{key}`" in page
    for verdict in {function["verdict"] for function in functions.values()}:
        assert verdict in page


def test_mistakes_are_one_line_and_exit_code_2(recordings: tuple[Path, Path], tmp_path: Path) -> None:
    foreign = tmp_path / "notes.txt"
    foreign.write_text("not a trace")
    for arguments in ((recordings[0], foreign), (foreign, recordings[0]), (*recordings, "--fail-over", "a lot")):
        assert mistake(diff(*arguments))
    text = mistake(diff(*recordings, "--filter", "nothing", "--fail-over", "10%"))
    assert text.endswith("after.tracy has 'nothing' in its name or file")
