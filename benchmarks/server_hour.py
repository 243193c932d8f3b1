"""An hour of a busy server under tracypy: memory, rows and the size of the recording.

    benchmarks/server_hour.py [--per-second 200] [--seconds 3600]

Runs tests/programs/server_hour.py, whose clock jumps over all waiting, as recorded by `tracypy record`. The memory after
the first sixth includes what makes the trace meanwhile, which is bounded.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import tracypy

PROGRAM = Path(__file__).resolve().parents[1] / "tests" / "programs" / "server_hour.py"


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--per-second", type=int, default=200, help="requests")
    parser.add_argument("--seconds", type=int, default=3600, help="of the server's own clock")
    chosen = parser.parse_args()
    words = [str(PROGRAM), str(chosen.per_second), str(chosen.seconds)]
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out.tracy"
        record = ["-m", "tracypy", "record", "-o", str(out), "--include", "*server_hour.py"]
        for label, command in (("plain", []), ("recorded", record)):
            started = time.perf_counter()
            done = subprocess.run([sys.executable, *command, *words], stdout=subprocess.PIPE, text=True, check=True)
            early, late = map(float, done.stdout.split())
            took = time.perf_counter() - started
            print(f"{label:>8}: {took:6.1f} s; memory {early:6.1f} MiB after a sixth, {late:6.1f} MiB at the end")
        trace = tracypy.open(out)
        rows = [thread for thread in trace.threads if thread.is_fiber]
        print(f"{trace.zone_count:,} zones on {len(rows)} rows of tasks, {out.stat().st_size / 2**20:.1f} MiB")
        for task in trace.tasks():
            print(f"{task.name:>10}: {task.count:>9,} tasks")
    return 0


if __name__ == "__main__":
    sys.exit(main())
