"""The strict viewer's rules for frame images."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from support.toy_conversations import ON_DEMAND, TICK, Refusal, assert_refused, converse, each_refusal, make_toy

if TYPE_CHECKING:
    from support.stream_builder import ToyProgram

RED, BLUE = 0xF800, 0x001F


def block(first: int, second: int, *rows: str) -> bytes:
    """A block of 4 x 4 pixels; each row's digits from left to right, 0 the second colour, 3 the first."""
    bits = sum(int(digit) << 2 * number for number, digit in enumerate("".join(rows)))
    return struct.pack("<HHI", first, second, bits)


def image(toy: ToyProgram, frame: int, data: bytes, width: int = 4, height: int = 4, flip: int = 0) -> None:
    toy.stream.event("FrameImageData", 1, tail=data)
    toy.stream.event("FrameImage", frame, width, height, flip)


def marks(toy: ToyProgram, count: int) -> None:
    for number in range(count):
        toy.stream.event("FrameMarkMsg", TICK + number, 0)


PLAIN = block(RED, 0, *["3333"] * 4)


def test_images_belong_to_frames(toy: ToyProgram) -> None:
    marks(toy, 3)
    image(toy, 1, PLAIN)
    image(toy, 0, PLAIN * 2, 8, flip=1)
    # One may come before its frame; the frame that is under way has a place already.
    image(toy, 3, PLAIN)
    images = converse(toy).trace.frame_images
    assert [(each.frame, each.width, each.height, each.flip, each.is_shown) for each in images] == [
        (1, 4, 4, False, True), (0, 8, 4, True, True), (3, 4, 4, False, True),
    ]  # fmt: skip


def test_pixels_are_what_the_viewer_draws(toy: ToyProgram) -> None:
    left = block(RED, BLUE, "3333", "2222", "1111", "0000")
    right = block(0, RED, *["0123"] * 4)
    image(toy, 0, left + right, 8, 4)
    (shown,) = converse(toy).trace.frame_images
    rows = shown.pixels()
    assert [row[0] for row in rows] == [(255, 0, 0), (170, 0, 85), (85, 0, 170), (0, 0, 255)]
    # With the lesser colour first there are three colours: two, their middle, and black.
    assert rows[0][4:] == [(255, 0, 0), (0, 0, 0), (127, 0, 0), (0, 0, 0)]


def test_images_of_frames_before_the_connection_are_dropped(protocol: int) -> None:
    toy = make_toy(protocol, flags=ON_DEMAND)
    marks(toy, 1)
    # The connection came in frame 5.
    for frame in (4, 5, 6):
        image(toy, frame, PLAIN)
    assert [each.is_shown for each in converse(toy).trace.frame_images] == [False, False, True]


def test_the_goodbye_waits_for_the_frame_of_an_image(toy: ToyProgram) -> None:
    toy.stream.event("FrameImageData", 1, tail=PLAIN)
    assert converse(toy).missing() == ["the event that uses FrameImageData"]


REFUSALS: dict[str, Refusal] = {
    "data twice": Refusal(
        lambda toy: [toy.stream.event("FrameImageData", 1, tail=PLAIN) for _ in range(2)], "FrameImageData twice"
    ),
    "odd data": Refusal(lambda toy: image(toy, 0, PLAIN + b"x"), "no multiple of 8"),
    "no data": Refusal(lambda toy: image(toy, 0, b""), "no multiple of 8"),
    "width": Refusal(lambda toy: image(toy, 0, PLAIN, 6), "a frame image of 6 x 4 pixels"),
    "height": Refusal(lambda toy: image(toy, 0, PLAIN, 4, 0), "a frame image of 4 x 0 pixels"),
    "flip": Refusal(lambda toy: image(toy, 0, PLAIN, flip=2), "flip 2"),
    "size": Refusal(lambda toy: image(toy, 0, PLAIN, 8, 8), "a frame image of 8 x 8 pixels in 8 bytes"),
    "twice for a frame": Refusal(
        lambda toy: (image(toy, 0, PLAIN), image(toy, 0, PLAIN)), "frame 0 has no place for an image, or has one"
    ),
    "frame that never came": Refusal(
        lambda toy: (marks(toy, 1), image(toy, 2, PLAIN)), "an image of frame 2, which never came"
    ),
}


@each_refusal(REFUSALS)
def test_refuses(protocol: int, refusal: Refusal) -> None:
    assert_refused(protocol, refusal)
