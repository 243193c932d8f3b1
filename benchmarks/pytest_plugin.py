"""What a test costs under pytest's plugin: a session of tests that do nothing, each with a fixture.

usage: benchmarks/pytest_plugin.py [TESTS] [ROUNDS]
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

MODULE = """
import pytest

@pytest.fixture
def client():
    yield 1

@pytest.mark.parametrize("number", range({tests}))
def test_it(client, number):
    pass
"""
KINDS = {"without the plugin": ("-p", "no:tracypy"), "not asked for": (), "--tracypy": ("--tracypy=traces",)}


def main() -> None:
    tests, rounds = (int(word) for word in (*sys.argv[1:], "2000", "5")[:2])
    took: dict[str, list[float]] = {kind: [] for kind in KINDS}
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "test_it.py").write_text(MODULE.format(tests=tests))
        for _ in range(rounds):
            for kind, words in KINDS.items():
                begin = time.perf_counter()
                subprocess.run(
                    [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:asyncio", *words],
                    cwd=folder, check=True, stdout=subprocess.DEVNULL,
                )  # fmt: skip
                took[kind].append(time.perf_counter() - begin)
    least = min(took["without the plugin"])
    for kind, seconds in took.items():
        more = (min(seconds) - least) / tests * 1e6
        print(f"{kind:20} {min(seconds):6.2f} s (median {statistics.median(seconds):.2f} s), {more:+7.1f} µs a test")


if __name__ == "__main__":
    main()
