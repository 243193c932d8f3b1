"""Runs one of benchmarks/programs, or examples/demo.py, and says as JSON what processor time that took.

one_program.py PROGRAM UNITS FILE            under whatever profiler has started this
one_program.py PROGRAM UNITS FILE --counts   counts the calls (and resumptions) of the program's own functions
"""

import importlib
import json
import sys
import threading
import time
from pathlib import Path

BENCHMARKS = Path(__file__).resolve().parents[1]


def load(name):
    sys.path.insert(0, str(BENCHMARKS / "programs" if name != "demo" else BENCHMARKS.parent / "examples"))
    module = importlib.import_module(name)
    if name != "demo":
        return module.__file__, module.run

    def play(rounds):
        for _ in range(rounds):
            module.play()

    return module.__file__, play


def counted(path, run, units):
    calls = {}  # a number for each thread: no lock to hold in every call

    def count(frame, event, _argument):
        if event == "call" and frame.f_code.co_filename == path:
            thread = threading.get_ident()
            calls[thread] = calls.get(thread, 0) + 1

    threading.setprofile(count)
    sys.setprofile(count)
    run(units)
    sys.setprofile(None)
    threading.setprofile(None)
    return sum(calls.values())


def main():
    name, units, report, *options = sys.argv[1:]
    path, run = load(name)
    said = {"path": path}
    if "--counts" in options:
        said["calls"] = counted(path, run, int(units))
    else:
        start = time.process_time()  # of all threads, the profiler's too
        run(int(units))
        said["seconds"] = time.process_time() - start
    Path(report).write_text(json.dumps(said), encoding="utf-8")


if __name__ == "__main__":
    main()
