"""Frame images: what a frame looked like, in a viewer and in a recording, to the pixel as far as DXT1 goes."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

import tracypy

from support.target import QUIET, running, trace_of
from support.trace_reader import read_trace_file
from support.viewer import PROTOCOLS
from support.viewer.kinds.frames import FrameImage

#: A picture of 16 x 8 pixels in four plain colours, each 4 x 4 or more.
PICTURE = """
RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)
def picture(channels=4, width=16, height=8):
    rows = []
    for y in range(height):
        for x in range(width):
            color = ((RED, GREEN), (BLUE, WHITE))[y >= height // 2][x >= width // 2]
            rows += [*color, 77][:channels]
    return bytes(rows)
"""
COLORS = (((255, 0, 0), (0, 255, 0)), ((0, 0, 255), (255, 255, 255)))
#: What a colour may be off by: one of 5 bits.
TOLERANCE = 8


def assert_is_picture(rows: list[list[tuple[int, int, int]]], width: int = 16, height: int = 8) -> None:
    assert (len(rows), len(rows[0])) == (height, width)
    for y, row in enumerate(rows):
        for x, pixel in enumerate(row):
            expected = COLORS[y >= height // 2][x >= width // 2]
            assert max(abs(one - other) for one, other in zip(pixel, expected, strict=True)) <= TOLERANCE, (x, y, pixel)


def rows_of(rgb: bytes, width: int) -> list[list[tuple[int, int, int]]]:
    pixels = [(rgb[at], rgb[at + 1], rgb[at + 2]) for at in range(0, len(rgb), 3)]
    return [pixels[at : at + width] for at in range(0, len(pixels), width)]


def images_of(tmp_path: Path, body: str, protocol: int = 76) -> list[FrameImage]:
    return trace_of(tmp_path, PICTURE + body, prelude=QUIET, protocol=protocol).frame_images


SHOWN = """
tracypy.frame_mark()
tracypy.frame_image(picture(), width=16, height=8)
tracypy.frame_mark()
tracypy.frame_mark()
tracypy.frame_image(picture(3), 1, True, width=16, height=8)
tracypy.frame_image(picture(), width=16, height=8)
"""


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_viewer_has_the_pixels(tmp_path: Path, protocol: int) -> None:
    images = images_of(tmp_path, SHOWN, protocol)
    assert [(image.frame, image.flip) for image in images] == [(1, False), (2, True), (3, False)]
    for image in images:
        assert image.is_shown
        assert_is_picture(image.pixels())


def test_a_recording_has_them(tmp_path: Path) -> None:
    path = tmp_path / "out.tracy"
    body = "".join(f"    {line}\n" for line in SHOWN.splitlines())
    program = f"import tracypy\n{PICTURE}\ntracypy.frame_mark()\nwith tracypy.record({str(path)!r}):\n{body}"
    with running(tmp_path, program) as target:
        target.expect_success()
    trace = tracypy.open(path)
    assert trace.version == "0.11.0"
    assert [(image.frame, image.is_flipped) for image in trace.frame_images] == [(0, False), (1, True), (2, False)]
    for image in trace.frame_images:
        assert_is_picture(rows_of(image.rgb(), image.width))
    facts = read_trace_file(path.read_bytes())
    assert [image[:3] for image in facts.images] == [(16, 8, False), (16, 8, True), (16, 8, False)]
    assert facts.images[0][3] == trace.frame_images[0].data


def test_large_images_are_scaled_and_keep_their_shape(tmp_path: Path) -> None:
    body = """
for width, height in (1920, 1080), (1080, 1920), (641, 479), (3, 1), (320, 180):
    tracypy.frame_mark()
    tracypy.frame_image(picture(3, width, height), width=width, height=height)
"""
    images = images_of(tmp_path, body)
    assert [(image.width, image.height) for image in images] == [(320, 180), (180, 320), (240, 180), (4, 4), (320, 180)]
    for image in (images[0], images[1], images[4]):
        pixels = image.pixels()
        for y, x in ((0, 0), (0, -1), (-1, 0), (-1, -1)):
            expected = COLORS[y][x]
            assert max(abs(one - other) for one, other in zip(pixels[y][x], expected, strict=True)) <= TOLERANCE


def test_any_buffer_will_do(tmp_path: Path) -> None:
    body = """
import array
given = [
    memoryview(picture()).cast("B", (8, 16, 4)), bytearray(picture(3)), array.array("B", picture()),
    memoryview(picture()).cast("c", (8, 16, 4)),
]
for image in given:
    tracypy.frame_mark()
    tracypy.frame_image(image, width=16, height=8)
tracypy.frame_mark()
tracypy.frame_image(bytes([200]) * 128, width=16, height=8)
tracypy.frame_mark()
tracypy.frame_image(memoryview(bytes([200]) * 128).cast("B", (8, 16)))
"""
    images = images_of(tmp_path, body)
    assert len(images) == 6
    for image in images[:4]:
        assert_is_picture(image.pixels())
    for image in images[4:]:
        assert all(abs(part - 200) <= TOLERANCE for row in image.pixels() for pixel in row for part in pixel)


@pytest.mark.skipif(importlib.util.find_spec("numpy") is None, reason="NumPy is not installed")
def test_arrays_of_numpy_will_do_whatever_their_strides(tmp_path: Path) -> None:
    body = """
import numpy
whole = numpy.frombuffer(picture(), numpy.uint8).reshape(8, 16, 4)
doubled = numpy.repeat(numpy.repeat(whole, 2, axis=0), 2, axis=1)
for image in whole, whole[..., :3], doubled[::2, ::2], whole[::-1][::-1], numpy.asfortranarray(whole):
    tracypy.frame_mark()
    tracypy.frame_image(image)
for wrong in whole.astype(float), whole[..., :2], whole[None], numpy.zeros((0, 4, 3), numpy.uint8):
    try: tracypy.frame_image(wrong)
    except (TypeError, ValueError) as problem: print(problem)
"""
    with running(tmp_path, QUIET + PICTURE + body) as target:
        images = target.viewer().run().frame_images
        lines = target.expect_success().splitlines()
    assert len(images) == 5
    for image in images:
        assert_is_picture(image.pixels())
    assert lines[0] == "frame_image(): the parts of a pixel must be bytes (uint8), not d"
    assert [line.split(",")[0] for line in lines[1:3]] == [
        "frame_image(): an image is a buffer of bytes in the shape (height"
    ] * 2
    assert lines[3] == "frame_image(): width and height must be from 1 to 65535"


@pytest.mark.skipif(importlib.util.find_spec("PIL") is None, reason="Pillow is not installed")
def test_images_of_pillow_will_do(tmp_path: Path) -> None:
    body = """
from PIL import Image
image = Image.frombytes("RGBA", (16, 8), picture())
for one in image, image.convert("RGB"), image.convert("P"):
    tracypy.frame_mark()
    tracypy.frame_image(one)
"""
    images = images_of(tmp_path, body)
    assert len(images) == 3
    for image in images[:2]:
        assert_is_picture(image.pixels())


def test_what_is_like_an_image_of_pillow_will_do(tmp_path: Path) -> None:
    body = """
class Picture:
    size = (16, 8)
    def convert(self, mode):
        assert mode == "RGB"
        return self
    def tobytes(self): return picture(3)
tracypy.frame_mark()
tracypy.frame_image(Picture())
Picture.size = (17, 8)
try: tracypy.frame_image(Picture())
except ValueError as problem: print(problem)
"""
    with running(tmp_path, QUIET + PICTURE + body) as target:
        [image] = target.viewer().run().frame_images
        out = target.expect_success()
    assert_is_picture(image.pixels())
    assert out.startswith("frame_image(): 384 bytes are not an image of 17 x 8 pixels")


def test_a_frame_has_one_image_and_only_frames_have(tmp_path: Path) -> None:
    body = """
tracypy.frame_image(picture(), width=16, height=8)  # before the first mark
tracypy.frame_mark()
tracypy.frame_image(picture(), 3, width=16, height=8)
tracypy.frame_image(picture(), 2**32 - 1, width=16, height=8)
for _ in range(2): tracypy.frame_image(picture(), width=16, height=8)
tracypy.frame_mark("another set")
tracypy.frame_mark()
tracypy.frame_image(picture(), width=16, height=8)
"""
    with running(tmp_path, QUIET + PICTURE + body) as target:
        trace = target.viewer().run()
        code, _, errors = target.finish()
    assert [image.frame for image in trace.frame_images] == [1, 2]
    assert (code, "a frame was given two images: its first one counts" in errors) == (0, True)


def test_images_that_come_too_fast_are_left_out_and_told(tmp_path: Path) -> None:
    body = """
large = picture(4, 64, 64) * (64 * 16)  # 2048 x 2048
for number in range(40):
    tracypy.frame_mark()
    tracypy.frame_image(large, width=2048, height=2048)
tracypy.message("done")
"""
    with running(tmp_path, QUIET + PICTURE + body) as target:
        trace = target.viewer().run()
        code, _, errors = target.finish()
    assert (code, "frame images: they came faster than they were made small" in errors) == (0, True)
    left_out = sum(int(m.text.split()[3]) for m in trace.messages if "frame image" in m.text)
    assert len(trace.frame_images) + left_out == 40


def test_nothing_is_copied_while_nobody_listens(tmp_path: Path) -> None:
    program = """
import resource, tracypy
def most_kb(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
image = bytes(4 * 4_000 * 4_000)
tracypy.frame_image(image, width=4_000, height=4_000)
before = most_kb()
for _ in range(10):
    tracypy.frame_mark()
    tracypy.frame_image(image, width=4_000, height=4_000)
print(most_kb() - before < 30_000)
"""
    with running(tmp_path, program) as target:
        assert target.expect_success() == "True\n"


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ("", "TypeError: frame_image() needs an image"),
        ("3", "TypeError: frame_image(): an image is a buffer of bytes in the shape"),
        ("b'123'", "TypeError: frame_image(): plain bytes need width= and height="),
        ("b'123', width=1", "TypeError: frame_image(): plain bytes need width= and height="),
        ("b'12345', width=1, height=1", "ValueError: frame_image(): 5 bytes are not an image of 1 x 1 pixels"),
        ("b'', width=4, height=4", "ValueError: frame_image(): 0 bytes are not an image of 4 x 4 pixels"),
        ("b'123', width=0, height=1", "ValueError: frame_image(): width must be from 1 to 65535"),
        ("b'123', width=1, height=10**30", "ValueError: frame_image(): height must be from 1 to 65535"),
        ("b'123', width='1', height=1", "TypeError: frame_image(): width must be an int, not str"),
        ("b'123', -1, width=1, height=1", "ValueError: frame_image(): offset must not be negative"),
        ("b'123', 1.0, width=1, height=1", "TypeError: frame_image(): offset must be an int, not float"),
        ("b'123', flip=1, width=1, height=1", "TypeError: frame_image(): flip must be a bool, not int"),
        (
            "memoryview(bytes(8)).cast('i')",
            "ValueError: frame_image(): the parts of a pixel must be bytes (uint8), not i",
        ),
        (
            "memoryview(bytes(24)).cast('B', (2, 4, 3)), width=5",
            "ValueError: frame_image(): the image measures 4 x 2, not 5",
        ),
        (
            "bytes(2**26 + 4), width=2**14 + 1, height=2**12",
            "ValueError: frame_image(): 67108868 bytes are not an image",
        ),
        ("bytes(3 * 5000 * 5000), width=5000, height=5000", "ValueError: frame_image(): an image may have 64 MiB"),
    ],
)
def test_misuse_is_an_error_that_says_what_to_do(arguments: str, error: str) -> None:
    with pytest.raises((TypeError, ValueError)) as raised:
        eval(f"tracypy.frame_image({arguments})")  # what a program would write
    tracypy.stop_listening()
    assert f"{raised.type.__name__}: {raised.value}".startswith(error)
