"""Frame images: a dot that moves, as a viewer shows it above the frames. Makes frame_images.tracy."""

from __future__ import annotations

import time

import tracypy

WIDTH, HEIGHT = 160, 88


def draw(frame: int) -> bytes:
    pixels = bytearray(b"\x20\x30\x40\xff" * (WIDTH * HEIGHT))
    left, top = frame * 3 % (WIDTH - 16), frame * 2 % (HEIGHT - 16)
    for row in range(top, top + 16):
        start = 4 * (row * WIDTH + left)
        pixels[start : start + 4 * 16] = b"\xff\xc0\x20\xff" * 16
    return bytes(pixels)


def main() -> None:
    for frame in range(60):
        tracypy.frame_mark()
        tracypy.frame_image(draw(frame), width=WIDTH, height=HEIGHT)
        time.sleep(0.016)


if __name__ == "__main__":
    with tracypy.record("frame_images.tracy", overwrite=True):
        main()
