"""Sections: what the program is about, above all that it does. Makes sections.tracy."""

from __future__ import annotations

import time

import tracypy


def play(level: int) -> None:
    with tracypy.section(f"level {level}", category="levels"):
        with tracypy.section("loading"):
            time.sleep(0.02)
        for _ in range(10):
            time.sleep(0.005)
            tracypy.frame_mark()


def main() -> None:
    menu = tracypy.section("menu")
    menu.begin()
    time.sleep(0.01)
    menu.end()
    for level in range(1, 4):
        play(level)


if __name__ == "__main__":
    with tracypy.record("sections.tracy", overwrite=True):
        main()
