"""A timeline as one HTML page that needs no server: what is in it, and what had to be left out."""

from __future__ import annotations

import base64
import struct
import zlib
from itertools import chain, islice
from typing import TYPE_CHECKING

from tracypy.exporters.json_list import to_json
from tracypy.exporters.names import one_line
from tracypy.formatting import count, counted, duration
from tracypy.view.page import alone

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tracypy._core import Timeline
    from tracypy.view.answers import Answers

MOST_ZONES = 1_000_000
_MOST_MESSAGES = 20_000
_MOST_EXTRAS = 100_000
_POINTS_OF_CURVE = 5_000
_LONGEST_TEXT = 2_000
_MOST_SAMPLES = 100_000
_MOST_IMAGE_LETTERS = 8_000_000
_FULL = (1 << 63) - 1


def page(answers: Answers, most_zones: int = MOST_ZONES) -> tuple[str, list[str]]:
    """Return the page, and what should be told: what was left out.

    Args:
        answers: The recording.
        most_zones: With more zones than this, the shortest are left out.
    """
    timeline = answers.timeline
    threads = timeline.file.thread_count
    least = timeline.least_duration(most_zones)
    lanes = [timeline.packed(lane, _least(answers, lane, least)) for lane in range(len(timeline.lanes))]
    kept = sum(zones for zones, _, _ in lanes[:threads])
    notes = list(_left_out(answers, kept, least))
    images = _images(answers)
    if len(images) < len(answers.more.image_frames):
        notes.append(f"{counted(len(answers.more.image_frames) - len(images), 'image')} of frames are left out")
    extras = sorted({extra for _, _, used in lanes for extra in used})
    head = {
        "lane_count": len(lanes),
        "steps": {row[0]: timeline.steps(row[0]) for row in timeline.functions()},
        "extras": {extra: _extra(timeline, extra) for extra in extras[:_MOST_EXTRAS]},
        "messages_": list(_messages(timeline)),
        "curves": {index: _curve(timeline, index) for index, _ in enumerate(timeline.curves)},
        "images": images,
        "gpu_times": _gpu_times(answers),
        "stacks": _stacks(answers),
    }
    if len(extras) > _MOST_EXTRAS:
        notes.append(f"of {counted(len(extras) - _MOST_EXTRAS, 'zone')} text, name and colour are left out")
    text = to_json(head).encode()
    packed = zlib.compress(b"".join([struct.pack("<I", len(text)), text, *(lane for _, lane, _ in lanes)]), 6)
    data = {**answers.overview(), "packed": base64.b64encode(packed).decode(), "left_out": "; ".join(notes)}
    return alone(answers, data), notes


def _least(answers: Answers, lane: int, least: int) -> int:
    """Return how long zones of a lane are at least: a hidden thread has none, and what is no thread has all."""
    if lane in answers.hidden or (lane in answers.more.samples and _sample_count(answers) > _MOST_SAMPLES):
        return _FULL
    if lane in answers.more.samples and lane - answers.more.samples.start in answers.hidden:
        return _FULL
    return least if lane < answers.timeline.file.thread_count else 0


def _left_out(answers: Answers, kept: int, least: int) -> Iterable[str]:
    zones = answers.zone_count - kept
    if zones:
        yield (
            f"the {count(zones)} zones of less than {duration(least)} are left out of this page: tracypy view has all"
            if least < _FULL
            else f"all {count(zones)} zones are left out of this page: tracypy view has them"
        )
    messages = answers.timeline.file.message_count - _MOST_MESSAGES
    if messages > 0:
        yield f"the last {counted(messages, 'message')} are left out"
    if _sample_count(answers) > _MOST_SAMPLES:
        yield f"all {count(_sample_count(answers))} samples are left out"
    if any(points > _POINTS_OF_CURVE for points, _, _ in answers.timeline.curves):
        yield "curves are coarser than in the recording"


def _sample_count(answers: Answers) -> int:
    lanes = answers.timeline.lanes
    return sum(sum(lanes[lane]) for lane in answers.more.samples)


def _images(answers: Answers) -> dict[int, dict[str, object]]:
    images: dict[int, dict[str, object]] = {}
    room = _MOST_IMAGE_LETTERS
    for frame in sorted(answers.more.image_frames):
        image = answers.more.image(frame)
        room -= len(str(image["image"]))
        if room < 0:
            break
        images[frame] = image
    return images


def _gpu_times(answers: Answers) -> dict[int, list[list[tuple[int, ...]]]]:
    """Return the times of each zone of each lane of a GPU, by its row, by the processor and by the GPU."""
    file, lanes = answers.timeline.file, answers.timeline.lanes
    zones = chain.from_iterable(file.gpu_context(index).zones for index in range(file.gpu_context_count))
    times: dict[int, list[list[tuple[int, ...]]]] = {}
    for lane in answers.more.gpus:
        rows: list[list[tuple[int, ...]]] = [[] for _ in lanes[lane]]
        for _location, _thread, depth, *of_zone in islice(zones, sum(lanes[lane])):
            rows[min(depth, len(rows) - 1)].append(tuple(of_zone))
        times[lane] = rows
    return times


def _stacks(answers: Answers) -> dict[int, list[str]]:
    """Return the call stacks of the samples that the page has."""
    if _sample_count(answers) > _MOST_SAMPLES:
        return {}
    return {number: answers.more.stack(number) for number in answers.more.used_stacks()}


def _extra(timeline: Timeline, number: int) -> dict[str, object]:
    row = timeline.file.zone_extra(number)
    facts: dict[str, object] = {"color": row.color}
    if row.name is not None:
        facts["name"] = one_line(row.name)
    if row.text is not None:
        facts["text"] = row.text[:_LONGEST_TEXT]
    if row.callstack:
        frames = timeline.file.callstack(row.callstack)
        facts["callstack"] = [f"{function} ({file}:{line})" for function, file, line in frames]
    return facts


def _messages(timeline: Timeline) -> Iterable[tuple[int, str, int | None, int]]:
    for index in range(min(timeline.file.message_count, _MOST_MESSAGES)):
        row = timeline.file.message(index)
        yield row.time_ns, row.text[:_LONGEST_TEXT], row.thread, row.color


def _curve(timeline: Timeline, index: int) -> list[float]:
    points, _, _ = timeline.curves[index]
    span = timeline.file.info.last_time_ns
    pixel = 0 if points <= _POINTS_OF_CURVE else max(span // _POINTS_OF_CURVE, 1)
    drawn = timeline.draw_curve(index, -1, span + 1, pixel)
    return [number for (number,) in struct.iter_unpack("<d", drawn)]
