"""What a zone in C costs, begin and end: without tracypy, while nobody listens, and while a recording goes on.

    .venv/bin/python benchmarks/native_zones.py [--rounds N] [--zones N]

Of each the least of some rounds counts. It fails when a zone costs more than the bound while nobody listens.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import pathlib
import subprocess
import sys
import sysconfig
import tempfile

BOUND_NS = 3.0  # while nobody listens


def build(folder: str, include: str) -> None:
    source = pathlib.Path(__file__).with_suffix(".c")
    target = pathlib.Path(folder) / f"native_zones_c{sysconfig.get_config_var('EXT_SUFFIX')}"
    headers = ["-I", include, "-I", sysconfig.get_path("include")]
    command = [os.environ.get("CC", "cc"), "-O2", "-shared", "-fPIC", *headers, str(source), "-o", str(target)]
    subprocess.run([*command, "-pthread", "-ldl"], check=True)


def least(measure, rounds: int, zones: int, threads: int = 0) -> float:
    return min(measure(zones, threads) for _ in range(rounds))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--zones", type=int, default=1_000_000)
    options = parser.parse_args()
    # Not by importing tracypy, which comes later.
    package = importlib.util.find_spec("tracypy")
    include = os.path.join(package.submodule_search_locations[0], "include")
    with tempfile.TemporaryDirectory() as folder:
        build(folder, include)
        sys.path.insert(0, folder)
        from native_zones_c import measure

        print(f"without tracypy: {least(measure, options.rounds, options.zones):.2f} ns a zone")
        os.environ["TRACYPY_ANNOUNCE"] = "0"
        import tracypy

        idle = least(measure, options.rounds, options.zones)
        print(f"nobody listens: {idle:.2f} ns a zone, at most {BOUND_NS:.0f}")
        with tracypy.record(os.path.join(folder, "out.tracy")):
            for threads, what in ((0, "with the GIL"), (1, "on a native thread"), (2, "on each of two native threads")):
                print(f"recorded, {what}: {least(measure, options.rounds, options.zones, threads):.1f} ns a zone")
    return idle > BOUND_NS


if __name__ == "__main__":
    sys.exit(main())
