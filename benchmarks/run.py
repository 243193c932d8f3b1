"""What tracypy costs per call, beside the floor and beside other profilers: one table, and JSON.

    benchmarks/run.py [--quick] [--only fib,richards] [--rounds N] [--json FILE]

Figures are processor time added per call (in threads too), of interleaved rounds; the wall's are beside them because
a program may have to wait for its viewer. docs/performance.md says how to read them.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "tests")]

from harness.catalog import variants  # noqa: E402
from harness.measure import measure  # noqa: E402
from harness.report import save, show  # noqa: E402
from harness.workers import Cores  # noqa: E402
from rich.console import Console  # noqa: E402

ROUNDS, QUICK_ROUNDS, QUICK_DIVISOR = 40, 3, 4


def programs() -> list[str]:
    return sorted(path.stem for path in (HERE / "programs").glob("*.py") if path.stem != "__init__")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="few short rounds, and only what is installed already")
    parser.add_argument("--only", metavar="A,B", help=f"these programs, of: {', '.join(programs())}")
    parser.add_argument("--rounds", type=int, help=f"how many; {ROUNDS}, or {QUICK_ROUNDS} with --quick")
    parser.add_argument("--json", type=Path, metavar="FILE", help="where to write the figures; a file in results/")
    chosen = parser.parse_args()
    chosen.programs = chosen.only.split(",") if chosen.only else programs()
    unknown = [name for name in chosen.programs if name not in programs()]
    if unknown:
        parser.error(f"there is no program {', '.join(unknown)}")
    return chosen


def main() -> int:
    chosen = arguments()
    started = time.time()
    found, missing = variants(foreign=not chosen.quick)
    cores = Cores.of_this_machine()
    rounds = chosen.rounds or (QUICK_ROUNDS if chosen.quick else ROUNDS)
    results = []
    for name in chosen.programs:
        print(f"{name} …", file=sys.stderr, flush=True)
        results.append(measure(name, found, rounds, cores, QUICK_DIVISOR if chosen.quick else 1))
    console = Console(width=None if sys.stdout.isatty() else 120)
    show(results, console)
    failures = [failure for result in results for failure in result.failures]
    for sentence in (*missing, *failures):
        console.print(sentence, markup=False, soft_wrap=True)
    console.print(f"all figures: {save(results, missing, chosen.json, started)}", markup=False, soft_wrap=True)
    return bool(failures)


if __name__ == "__main__":
    sys.exit(main())
