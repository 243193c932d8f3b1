"""What `tracypy view` costs: time and memory until it answers, tiles at every scale, frames in headless Chromium.

    python benchmarks/timeline.py [STEPS] [FILE]

records a loop of STEPS steps, some 90 zones each, unless FILE is there, and prints a table for docs/view.md.
"""

from __future__ import annotations

import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "tests"))

from tracypy import _core
from tracypy.view.answers import TILE_PIXELS, Answers, Part, read
from tracypy.view.page import served
from tracypy.view.server import Server

from support.browser import Browser, chromium

PROGRAM = """
import sys
def leaf(number): return number + 1
def other(number): return number * 2
def fib(number): return number if number < 2 else fib(number - 1) + fib(number - 2)
def parse(number):
    total = 0
    for _ in range(number % 13): total = leaf(total)
    return other(total)
def load(number):
    for each in range(5): parse(number + each)
    if number % 50 == 0: fib(9)
def step(number):
    load(number); load(number + 1); other(number)
for number in range(int(sys.argv[1])): step(number)
"""
# Zooms from the whole into a microsecond, in two hundred pictures, and says how long each took to draw.
ZOOM = """(async () => {
    const times = [], [whole, end] = [camera.span / camera.width, 1000 / camera.width];
    for (let at = 0; at <= 200; at++) {
        const pixel = whole * (end / whole) ** (at / 200);
        camera.dragTo(camera.span * 0.37 - pixel * camera.width * 0.37, pixel);
        await new Promise(requestAnimationFrame);
        const begin = performance.now();
        painter.draw();
        times.push(performance.now() - begin);
    }
    return times;
})()"""


def record(path: pathlib.Path, steps: str) -> None:
    """Record the program, unless there is a file."""
    if path.exists():
        return
    program = path.with_suffix(".py")
    program.write_text(PROGRAM)
    subprocess.run([sys.executable, "-m", "tracypy", "record", "-o", str(path), str(program), steps], check=True)


def tiles(answers: Answers, span: int) -> list[tuple[int, float]]:
    """Return, for each scale, the milliseconds of the slowest of up to nine tiles."""
    found = []
    parts = [Part("z", 0, 0)]
    for level in range(2, span.bit_length() - 8):
        last = span // (TILE_PIXELS << level)
        times = []
        for each in range(min(last + 1, 9)):
            begin = time.perf_counter()
            answers.tile(level, last * each // 9, parts)
            times.append(time.perf_counter() - begin)
        found.append((level, 1000 * max(times)))
    return found


def frames(answers: Answers) -> tuple[list[float], float]:
    """Return the milliseconds that pictures take, and the seconds to the first."""
    program = chromium()
    if program is None:
        return [], 0.0
    server = Server(answers, served(answers))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with Browser(program) as browser:
        begin = time.perf_counter()
        browser.open(server.url, width=1400, height=800)
        browser.evaluate("view.settled()")
        first = time.perf_counter() - begin
        times = sorted(browser.evaluate(ZOOM))
    server.shutdown()
    return times, first


def indexed(answers: Answers) -> tuple[float, float, int]:
    """Return the seconds that an index takes to be written, and to be read, and its bytes."""
    with tempfile.TemporaryDirectory(dir="build") as folder:
        place = pathlib.Path(folder, "index")
        begin = time.perf_counter()
        answers.timeline.write_index(place)
        written = time.perf_counter()
        assert _core.read_timeline_index(place) is not None
        return written - begin, time.perf_counter() - written, place.stat().st_size


def main() -> None:
    steps = sys.argv[1] if len(sys.argv) > 1 else "10000"
    path = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else f"build/timeline-{steps}.tracy")
    record(path, steps)
    begin = time.perf_counter()
    answers = read(path)
    seconds = time.perf_counter() - begin
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    written, loaded, size = indexed(answers)
    overview = answers.overview()
    slowest = tiles(answers, int(str(overview["span"])))
    for level, milliseconds in slowest:
        print(f"a pixel is {1 << level:>12,} ns: {milliseconds:6.2f} ms")
    times, first = frames(answers)
    drawn = f"{statistics.median(times):.1f}, {times[-10]:.1f} ms" if times else "no browser"
    print(f"{answers.zone_count:,} zones, {path.stat().st_size / 1e6:.0f} MB: read in {seconds:.1f} s, {peak:.0f} MB; "
          f"index of {size / 1e6:.0f} MB written in {written:.1f} s, read in {loaded:.2f} s; "
          f"slowest tile {max(one for _, one in slowest):.1f} ms; first picture {first:.2f} s; frames {drawn}")  # fmt: skip


if __name__ == "__main__":
    main()
