"""What the page of a timeline is told: at first what there is, then what a part of it looks like.

A page draws tiles: `TILE_PIXELS` wide, at a scale in which a pixel is a power of two of nanoseconds. A tile has what
its pixels can show and no more, so that it costs the same however long the recording is.
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from tracypy import _core
from tracypy.errors import TraceError, retold
from tracypy.exporters.json_list import to_json
from tracypy.exporters.names import function_name, one_line, short_files
from tracypy.exporters.tree import Tree
from tracypy.exporters.tree_columns import columns_of, least_total
from tracypy.formatting import counted, duration
from tracypy.trace.info import date_of
from tracypy.trace.source_locations import SourceLocation
from tracypy.view.index import load
from tracypy.view.more_lanes import MoreLanes

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

TILE_PIXELS = 512
BAND_ROWS = 32
MOST_LEVELS = 53
_BOX = struct.Struct("<ddIIIIII")
_LONGEST_TEXT = 200
_MOST_TEXTS = 100
_MOST_ROWS = 1000
_MOST_NODES = 50_000


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a tile: some rows of a lane, the points of a curve, or the messages.

    Attributes:
        kind: z for zones, c for points, m for messages.
        number: Which lane, or which curve.
        band: Which `BAND_ROWS` rows of the lane.
    """

    kind: str
    number: int = 0
    band: int = 0

    @staticmethod
    def parse(text: str) -> Part:
        """Read what `str()` writes: z3.0, c1.0, m0.0.

        Raises:
            ValueError: It is none.
        """
        kind, numbers = text[:1], text[1:].split(".")
        if kind not in ("z", "c", "m") or len(numbers) != 2:
            raise ValueError(f"{text!r} is no part of a tile")
        return Part(kind, int(numbers[0]), int(numbers[1]))

    def __str__(self) -> str:
        return f"{self.kind}{self.number}.{self.band}"


class Answers:
    """A recording, and what is asked about it. Any thread may ask.

    Attributes:
        path: The file.
        timeline: The recording.
        is_new: Whether it was read from the recording itself.
        hidden: Which threads are left out, by their place.
        more: The lanes of GPUs, sections and samples, and images of frames.
    """

    def __init__(self, timeline: _core.Timeline, path: str, hidden: Collection[int] = ()) -> None:
        self.path = path
        self.timeline = timeline
        self.is_new: bool = False
        self.hidden = hidden
        self._file = timeline.file
        self.more: MoreLanes = MoreLanes(timeline)

    # --- what there is --------------------------------------------------------------------------------------------

    @property
    def title(self) -> str:
        """The program's name, or the file's."""
        return self._file.info.program or os.path.basename(self.path)

    @cached_property
    def zone_count(self) -> int:
        """How many zones there are."""
        lanes = self.timeline.lanes[: self._file.thread_count]
        return sum(sum(rows) for index, rows in enumerate(lanes) if index not in self.hidden)

    def facts(self) -> list[str]:
        """Return what stands below the title."""
        facts = [duration(self._file.info.last_time_ns), counted(self.zone_count, "zone")]
        facts.append(counted(self._file.thread_count - len(self.hidden), "row"))
        if (captured := date_of(self._file.info.capture_time_s)) is not None:
            facts.insert(0, f"{captured:%Y-%m-%d %H:%M} UTC")
        if self.timeline.mended:
            facts.append(f"{counted(self.timeline.mended, 'zone')} with times out of order")
        return [*facts, os.path.basename(self.path)]

    def overview(self) -> dict[str, object]:
        """Return what the page has from the beginning: the lanes, and the functions with what they cost."""
        return {
            "span": self._file.info.last_time_ns,
            "tile": TILE_PIXELS,
            "band": BAND_ROWS,
            "levels": MOST_LEVELS,
            "lanes": list(self._lanes()),
            "functions": [list(row) for row in self.timeline.functions()],
            **self._places(),
        }

    @cached_property
    def locations(self) -> list[SourceLocation]:
        """Where zones come from."""
        rows = (self._file.location(index) for index in range(self._file.location_count))
        return [SourceLocation(row.name, row.function, row.file, row.line, row.color) for row in rows]

    def _places(self) -> dict[str, object]:
        files: dict[str, int] = {}
        names, places, lines, colors = [], [], [], []
        for location in self.locations:
            names.append(function_name(location))
            places.append(files.setdefault(one_line(location.file), len(files)))
            lines.append(location.line)
            colors.append(location.color)
        short = short_files(list(files))
        return {
            "files": list(files),
            "short_files": [short[file] for file in files],
            "locations": {"names": names, "files": places, "lines": lines, "colors": colors},
        }

    def _lanes(self) -> Iterable[dict[str, object]]:
        """Yield the lanes from the top of the page down."""
        file, rows = self._file, self.timeline.lanes
        threads, sets = file.thread_count, file.frame_set_count
        yield from self.more.of_sections()
        for index in range(sets):
            name = one_line(file.frame_set(index).name) or "Frames"
            if sum(rows[threads + index]):
                images = sorted(self.more.image_frames) if index == 0 else []
                yield {"kind": "frames", "number": threads + index, "name": name, "rows": rows[threads + index],
                       "images": images}  # fmt: skip
        if file.message_count:
            yield {"kind": "messages", "number": 0, "name": "Messages", "rows": [file.message_count]}
        yield from self.more.of_gpus()
        for index in range(threads):
            thread = file.thread(index)
            kind = "fiber" if thread.is_fiber else "thread"
            name = one_line(thread.name).strip() or f"{kind} {thread.id}"
            if rows[index] and index not in self.hidden:
                yield {"kind": kind, "number": index, "name": name, "id": thread.id, "rows": rows[index]}
            if index not in self.hidden:
                yield from self.more.of_samples(index, name)
        yield from self._curve_lanes()
        yield from self._lock_lanes(threads + sets)

    def _curve_lanes(self) -> Iterable[dict[str, object]]:
        file = self._file
        for index, (points, lowest, highest) in enumerate(self.timeline.curves):
            number = index - file.plot_count
            if number < 0:
                row = file.plot(index)
                name, kind, unit, steps = row.name, "plot", row.format, row.shows_steps
            else:
                name, kind, unit, steps = file.memory_pool(number).name or "Memory", "memory", 1, True
            if points:
                yield {"kind": kind, "number": index, "name": one_line(name) or "CPU", "rows": [points], "unit": unit,
                       "steps": steps, "lowest": lowest, "highest": highest}  # fmt: skip

    def _lock_lanes(self, first: int) -> Iterable[dict[str, object]]:
        rows_of_threads = map(self._file.thread, range(self._file.thread_count))
        names = {row.id: one_line(row.name) or f"thread {row.id}" for row in rows_of_threads}
        for index, (location, name, threads) in enumerate(self.timeline.locks):
            rows = self.timeline.lanes[first + index]
            if not sum(rows):
                continue
            place = self.locations[location]
            yield {"kind": "lock", "number": first + index, "name": one_line(name) or function_name(place),
                   "rows": rows, "threads": [names.get(thread, f"thread {thread}") for thread in threads]}  # fmt: skip

    # --- tiles ----------------------------------------------------------------------------------------------------

    def tile(self, level: int, number: int, parts: Sequence[Part]) -> bytes:
        """Return parts of a tile: the length of a JSON object as eight bytes, that object, then the boxes and points.

        Args:
            level: Of which power of two a pixel is, in nanoseconds.
            number: Which tile of that scale, from the start of the recording.
            parts: Which parts.

        Raises:
            ValueError: There is no such scale.
            IndexError: There is no such part.
        """
        if not 0 <= level < MOST_LEVELS:
            raise ValueError("there is no such scale")
        width = TILE_PIXELS << level
        span = (max(number, 0) * width, (max(number, 0) + 1) * width, 1 << level)
        heads: list[dict[str, object]] = []
        bodies: list[bytes] = []
        for part in parts:
            head, body = self._part(part, *span)
            heads.append({"part": str(part), **head})
            bodies.append(body)
        text = to_json(heads).encode()
        text += b" " * (-len(text) % 8)
        return b"".join([struct.pack("<Q", len(text)), text, *bodies])

    def _part(self, part: Part, from_ns: int, to_ns: int, pixel_ns: int) -> tuple[dict[str, object], bytes]:
        if part.kind == "c":
            points = self.timeline.draw_curve(part.number, from_ns, to_ns, pixel_ns)
            return {"points": len(points) // 56}, points
        if part.kind == "m":
            boxes = self.timeline.draw_messages(from_ns, to_ns, pixel_ns)
            return {"counts": [len(boxes) // _BOX.size], "texts": dict(self._texts(boxes))}, boxes
        if part.number >= len(self.timeline.lanes) or part.number < 0 or part.band < 0:
            raise IndexError("there is no such lane")
        first = part.band * BAND_ROWS
        counts, boxes, names = self.timeline.draw(part.number, first, first + BAND_ROWS, from_ns, to_ns, pixel_ns)
        head: dict[str, object] = {"counts": counts, "names": {extra: one_line(name) for extra, name in names}}
        if part.number in self.more.samples:
            head["labels"] = self.more.labels(boxes)
        return head, boxes

    def _texts(self, boxes: bytes) -> Iterable[tuple[int, str]]:
        for start in range(0, min(len(boxes), _MOST_TEXTS * _BOX.size), _BOX.size):
            first = _BOX.unpack_from(boxes, start)[4]
            yield first, one_line(self._file.message(first).text)[:_LONGEST_TEXT]

    # --- looking at one thing -------------------------------------------------------------------------------------

    def zone(self, lane: int, row: int, number: int) -> dict[str, object]:
        """Return what is known of one zone.

        Raises:
            IndexError: There is no such zone.
        """
        start, end, location, extra, self_ns, count, parent, child, children = self.timeline.look(lane, row, number)
        details = self._file.zone_extra(extra)
        gpu, calls = None, self.more.stack(details.callstack)
        if lane in self.more.gpus:
            gpu, calls = self.more.gpu_times(lane, row, number)
        return {
            "place": [lane, row, number], "start": start, "end": end, "location": location, "self": self_ns,
            "name": None if details.name is None else one_line(details.name), "text": details.text,
            "children": count, "parent": parent, "child": child,
            "by_function": [list(share) for share in children[:_MOST_ROWS]],
            "callstack": calls, "gpu": gpu,
        }  # fmt: skip

    def function(self, location: int) -> dict[str, object]:
        """Return how long the calls of a function took.

        Raises:
            IndexError: There is no such function.
        """
        return {"steps": [list(step) for step in self.timeline.steps(location)]}

    def message(self, number: int, count: int) -> dict[str, object]:
        """Return some messages.

        Raises:
            IndexError: There are no such messages.
        """
        if not 0 <= number < self._file.message_count:
            raise IndexError("there is no such message")
        last = min(number + min(count, _MOST_TEXTS), self._file.message_count)
        rows = (self._file.message(index) for index in range(number, last))
        return {"messages": [[row.time_ns, row.text, row.thread] for row in rows]}

    def matching(self, text: str) -> list[int]:
        """Return the functions with that in their name or place, as the page finds them."""
        wanted = text.lower()
        return [index for index, key in enumerate(self._keys) if wanted in key]

    @cached_property
    def _keys(self) -> list[str]:
        return [
            f"{function_name(place)}\n{one_line(place.file)}{f':{place.line}' if place.line > 0 else ''}".lower()
            for place in self.locations
        ]

    def find(self, text: str, time_ns: int, place: Sequence[int], *, is_forward: bool) -> dict[str, object]:
        """Return the next zone that matches, by its function or its own name or text; or the one before.

        Args:
            text: What is looked for.
            time_ns: From which time on.
            place: Lane, row and number of the zone that was found before.
            is_forward: In which direction.
        """
        lane, row, number = place
        found = self.timeline.find(self.matching(text), text, time_ns, lane, row, number, is_forward)
        return {"found": None} if found is None else {"found": list(found)}

    def others(self, text: str) -> dict[str, object]:
        """Return how many zones `find` finds for their own names and texts alone, and how many of GPUs."""
        threads = [index for index in range(self._file.thread_count) if index not in self.hidden]
        return {"zones": self.timeline.count_others(self.matching(text), text, threads)}

    def span(self, from_ns: int, to_ns: int, lanes: Sequence[int]) -> dict[str, object]:
        """Return what the functions cost in a part of the time, on some threads.

        Raises:
            IndexError: There is no such thread.
        """
        self._check_threads(lanes)
        rows = self.timeline.functions_in(lanes, from_ns, to_ns)
        return {"from": from_ns, "to": to_ns, "count": len(rows), "functions": [list(row) for row in rows[:_MOST_ROWS]]}

    def tree(self, from_ns: int, to_ns: int, lanes: Sequence[int]) -> dict[str, object]:
        """Return the calls in a part of the time merged by path, as `tree.js` reads them.

        Raises:
            IndexError: There is no such thread.
        """
        self._check_threads(lanes)
        merged = Tree(*(column.tolist() for column in self._tree_columns(lanes, from_ns, to_ns)))
        least, folded = least_total([merged], _MOST_NODES)
        locations = {index: index for index in range(len(self.locations))}
        return {"folded": folded, "least": least, **columns_of(merged, least, locations)}

    def _tree_columns(self, lanes: Sequence[int], from_ns: int, to_ns: int) -> Iterable[memoryview[int]]:
        parent, location, calls, total, own = self.timeline.tree_in(lanes, from_ns, to_ns)
        return parent, location, calls, own, total

    def _check_threads(self, lanes: Sequence[int]) -> None:
        if any(not 0 <= lane < self._file.thread_count and lane not in self.more.gpus for lane in lanes):
            raise IndexError("there is no such thread")


def read(path: str | os.PathLike[str], hidden: Collection[int] = (), *, kept: bool = False) -> Answers:
    """Read a recording.

    Args:
        path: The file.
        hidden: Which threads are left out, by their place in it.
        kept: Whether what `index` keeps of it will do, if there is something.

    Raises:
        OSError: The file cannot be read.
        TraceError: It is damaged or foreign.
    """
    name = os.fspath(path)
    if kept and (timeline := load(name)) is not None:
        return Answers(timeline, name, hidden)
    try:
        answers = Answers(_core.read_timeline(name), name, hidden)
    except ValueError as problem:
        raise retold(TraceError, problem, f"{name}: {problem}") from None
    answers.is_new = True
    return answers
