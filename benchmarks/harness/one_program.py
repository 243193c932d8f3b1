"""Runs one program, and says as JSON what processor time that took.

one_program.py PROGRAM UNITS FILE            under whatever profiler has started this
one_program.py PROGRAM UNITS FILE --counts   counts the calls (and resumptions) of the program's own functions

PROGRAM is a module of benchmarks/programs, or `demo`, examples/demo.py, or the path of a benchmark of pyperformance,
whose own arguments may follow FILE: it runs as a plain script, in this process, with so many loops.
"""

import importlib
import json
import runpy
import sys
import threading
import time
from pathlib import Path

BENCHMARKS = Path(__file__).resolve().parents[1]


def load(name, arguments):
    if name.endswith(".py"):
        return name, as_script(name, arguments)
    sys.path.insert(0, str(BENCHMARKS if name != "demo" else BENCHMARKS.parent / "examples"))
    module = importlib.import_module(f"programs.{name}" if name != "demo" else name)
    if name != "demo":
        return module.__file__, module.run

    def play(rounds):
        for _ in range(rounds):
            module.play()

    return module.__file__, play


def as_script(path, arguments):
    def run(loops):
        # What pyperf's own worker processes are told: one value, no warm-up, nothing calibrated.
        sys.argv = [path, *arguments, "--worker", "--warmups=0", "--values=1", f"--loops={loops}"]
        sys.path[0] = str(Path(path).parent)
        runpy.run_path(path, run_name="__main__")

    return run


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
    path, run = load(name, [option for option in options if option != "--counts"])
    said = {"path": path}
    if "--counts" in options:
        said["calls"] = counted(path, run, int(units))
    else:
        start, start_all = time.thread_time(), time.process_time()
        run(int(units))
        said["main"] = time.thread_time() - start
        said["all_threads"] = time.process_time() - start_all  # the profiler's too
    Path(report).write_text(json.dumps(said), encoding="utf-8")


if __name__ == "__main__":
    main()
