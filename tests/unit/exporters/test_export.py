"""What holds for every format: which one is meant, what is chosen, and the file that comes of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tracypy.errors import ExportError
from tracypy.exporters import FORMATS, default_path, export, format_of
from tracypy.exporters.choice import choose
from tracypy.exporters.nesting import nested_zones
from tracypy.exporters.tree import chosen_tree
from tracypy.trace.trace import zone_supply

from support.frameworks import required
from support.trace_file import TraceFileBuilder, zone


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("a.csv", "csv"),
        ("a.json", "chrome"),
        ("a.json.gz", "chrome"),
        ("a.speedscope.json", "speedscope"),
        ("A.PROF", "pstats"),
        ("a.folded", "collapsed"),
        ("a.html", "flamegraph"),
        ("a", None),
        ("json", None),
    ],
)
def test_ending_says_the_format(path: str, name: str | None) -> None:
    found = format_of(path)
    assert (found.name if found else None) == name


@pytest.mark.parametrize("name", FORMATS)
def test_default_name_is_known_again(name: str) -> None:
    path = default_path("/x/out.tracy", name)
    assert path.startswith("/x/out.")
    assert format_of(path) is FORMATS[name]


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[required("pyarrow")] if name == "parquet" else []) for name in FORMATS]
)
def test_every_format_writes_the_file_whole_or_not_at_all(varied, tmp_path: Path, name: str) -> None:
    path = tmp_path / "out"
    export(varied, path, to=name)
    written = path.read_bytes()
    assert len(written) > 100
    with pytest.raises(ExportError, match="exists; -f overwrites it"):
        export(varied, path, to=name)
    with pytest.raises(ExportError, match="no thread"):
        export(varied, path, to=name, threads=["nobody"], overwrite=True)
    with pytest.raises(TypeError):
        export(varied, path, to=name, overwrite=True, no_such_option=1)
    assert path.read_bytes() == written
    assert sorted(os.listdir(tmp_path)) == ["built.tracy", "out"]


def test_a_link_is_followed_and_kept(varied, tmp_path: Path) -> None:
    (tmp_path / "link.csv").symlink_to("real.csv")
    export(varied, tmp_path / "link.csv", overwrite=True)
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "real.csv").read_text().startswith("name,src_file")


def test_a_device_is_written_to(varied) -> None:
    export(varied, "/dev/null", to="csv", overwrite=True)
    assert Path("/dev/null").is_char_device()


@pytest.mark.parametrize(
    ("path", "to", "text"),
    [
        ("out.xyz", None, "out.xyz: no format given; there are csv, chrome"),
        ("out.csv", "excel", "'excel' is not a format; there are csv, chrome"),
        ("out.pstats.gz", None, "do not read compressed files"),
        (".", "csv", "is a folder"),
    ],
)
def test_what_cannot_be_is_said(varied, tmp_path: Path, path: str, to: str | None, text: str) -> None:
    with pytest.raises(ExportError) as caught:
        export(varied, tmp_path / path, to=to)
    assert text in str(caught.value)
    assert "\n" not in str(caught.value)


def test_threads_by_name_id_and_part_of_the_name(varied) -> None:
    def names(*words: str) -> list[str]:
        return [thread.name for thread in choose(varied, words).threads]

    assert names() == ["main", "worker, 1", "a fiber"]
    assert names("main") == ["main"]
    assert names("4712", "FIBER") == ["worker, 1", "a fiber"]
    with pytest.raises(ExportError, match="has no thread 'x'; there are 'main', 'worker, 1', 'a fiber'"):
        names("x")


def test_exact_name_is_not_taken_for_a_part(read) -> None:
    builder = TraceFileBuilder()
    for number, name in enumerate(["worker 10", "worker 1"], start=7):
        builder.thread(number, name)
    assert [thread.name for thread in choose(read(builder), ["worker 1"]).threads] == ["worker 1"]


def test_no_function_of_that_name_is_said(varied) -> None:
    with pytest.raises(ExportError, match="no function of .* has 'zzz' in its name or file"):
        choose(varied, pattern="zzz")


@pytest.fixture
def layered(read):
    """a > b > (a, c), b > c; and c outside."""
    builder = TraceFileBuilder(span_ns=1000)
    a, b, c = (builder.location(name, "x.py") for name in "abc")
    first = zone(a, 0, 100, zone(b, 10, 60, zone(a, 20, 30), zone(c, 30, 45)), zone(b, 70, 90, zone(c, 72, 75)))
    builder.thread(1, "main", first, zone(c, 200, 250))
    return read(builder)


def _paths(trace, pattern: str | None) -> dict[str, tuple[int, int, int]]:
    tree = chosen_tree(trace, choose(trace, pattern=pattern))
    found, path = {}, []
    for node, depth in tree.walk():
        del path[depth:]
        path.append(trace.source_locations[tree.location[node]].label)
        found[">".join(path)] = (tree.calls[node], tree.total_ns[node], tree.self_ns[node])
    return found


def test_tree_without_a_function_gives_its_time_to_the_caller(layered) -> None:
    assert _paths(layered, None) == {
        "a": (1, 100, 30), "a>b": (2, 70, 42), "a>b>a": (1, 10, 10), "a>b>c": (2, 18, 18), "c": (1, 50, 50),
    }  # fmt: skip
    assert _paths(layered, "a") == {"a": (1, 100, 90), "a>a": (1, 10, 10)}
    assert _paths(layered, "b") == {"b": (2, 70, 70)}
    assert _paths(layered, "c") == {"c": (3, 68, 68)}


def test_zones_without_a_function_keep_their_times(layered) -> None:
    choice = choose(layered, pattern="a")
    zones = nested_zones(zone_supply(layered), choice.threads[0], choice.is_kept)
    assert [(start, end, depth) for start, end, depth, _ in zones] == [(0, 100, 0), (20, 30, 1)]
