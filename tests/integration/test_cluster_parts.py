"""How parts come together at the root of a cluster: what has no room, what cannot be merged, what clocks say."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

import tracypy
from tracypy.integrations.collection import Collection
from tracypy.integrations.parts import Part, PartOptions, read_chunk
from tracypy.merging import ClockReading, MergePart, merge_parts

from support.clusters import zones_by_row
from support.trace_file import TraceFileBuilder

OPTIONS = PartOptions(None, {"only_user_code": True, "gc": False})
PART = """
import sys, tracypy
with tracypy.record(sys.argv[1], only_user_code=True, gc=False):
    with tracypy.zone("there"):
        pass
"""


def part_of_another_process(folder: Path) -> Path:
    path = folder / "another.tracy"
    subprocess.run([sys.executable, "-c", PART, str(path)], check=True, timeout=100)
    return path


def zones(path: Path) -> set[str]:
    return {name for _, name in zones_by_row(path)}


def begun(folder: Path) -> Collection:
    collection = Collection(folder / "out.tracy", "root", OPTIONS, overwrite=False)
    collection.begin_own()
    with tracypy.zone("here"):
        pass
    collection.finish_own()
    return collection


def test_a_full_disk_costs_the_part_that_has_no_room(tmp_path: Path) -> None:
    another = part_of_another_process(tmp_path)
    collection = begun(tmp_path)

    def full(_offset: int) -> bytes:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    assert collection.receive("worker 1", full) is None
    assert collection.receive("worker 2", lambda offset: read_chunk(str(another), offset)) == 1
    summary = collection.merge()
    assert summary.notes == ("the part of worker 1 is missing: No space left on device",)
    assert zones(tmp_path / "out.tracy") >= {"here", "there"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["another.tracy", "out.tracy"]


def test_parts_that_cannot_be_merged_are_kept(tmp_path: Path) -> None:
    collection = begun(tmp_path)
    (tmp_path / "out.tracy").write_text("somebody else's")
    with pytest.raises(tracypy.RecordingError, match="the parts are kept: `tracypy merge .*\\*.tracy -o "):
        collection.merge()
    (folder,) = tmp_path.glob("out.tracy.parts-*")
    (part,) = folder.iterdir()
    assert "here" in zones(part)
    assert (tmp_path / "out.tracy").read_text() == "somebody else's"


def test_a_part_is_deleted_when_it_has_come(tmp_path: Path) -> None:
    part = Part("worker 7", OPTIONS)
    with pytest.raises(tracypy.RecordingError, match="is being recorded already"):
        Part("worker 8", OPTIONS)
    assert part.finish() == os.path.getsize(part.facts.path) == part.finish()
    assert (part.facts.name, part.remark) == (f"worker 7 on {os.uname().nodename}", "")
    part.drop()
    assert not os.path.exists(os.path.dirname(part.facts.path))


class WithClock(TraceFileBuilder):
    """A file that knows its counter."""

    clock = ""

    def _text_section(self) -> bytes:
        self._reference(self.clock)  # nothing refers to it
        return super()._text_section()


def test_readings_of_clocks_say_where_a_part_lies_and_how_well(tmp_path: Path) -> None:
    paths = []
    for name, start in (("one", 1_000), ("two", 5_000_000)):
        file = WithClock(program=name)
        file.clock = f"\x01tracypy clock: {name}/counter {start} 0"
        paths.append(tmp_path / f"{name}.tracy")
        paths[-1].write_bytes(file.to_bytes())
    scale = tracypy.open(paths[0]).info.ns_per_tick
    readings = [ClockReading(21_000, 5_000_000, 50), ClockReading(121_000, 5_100_200, 80)]  # the second one goes faster
    summary = merge_parts([MergePart(str(paths[0])), MergePart(str(paths[1]), readings)], str(tmp_path / "out.tracy"))
    part = summary.parts[1]
    assert part.placed_by == "round trips"
    assert part.begin_ns == round(19_900 * scale)  # 20,000 by the first reading, 19,800 by the second
    assert abs(part.error_ns - (80 + 100 * scale)) <= 2
    lines = tracypy.open(tmp_path / "out.tracy").info.app_info
    assert lines == (f"The clock of two (4711) is aligned to within {-(-part.error_ns // 1000)} us, by round trips",)
