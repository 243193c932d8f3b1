"""The process that is measured: rounds of one program under one variant, each when the parent asks for it.

    worker.py JOB

JOB is JSON: see `Job` in harness/workers.py. For each line on standard input, a number of units, it does a round and
answers with a line of three numbers: nanoseconds, nanoseconds of processor time, frames entered so far (0 unless this
variant counts). At the end of input it leaves as programs do.

All of it is at module level and calls nothing that is written in Python while it measures: the frame of this module is
the only zone that is not the program's.
"""

import importlib
import json
import os
import sys
import time

job = json.loads(sys.argv[1])
sys.path[:0] = job["paths"]
kind = job["kind"]
cores = job["cores"]
if cores:
    os.sched_setaffinity(0, cores["helpers"])  # where the profiler's threads, which start now, are to stay

program = importlib.import_module(job["program"])
profiler = None
count = int  # nothing to count: 0

if kind in ("floor", "clock", "count"):
    import floor

    if getattr(program, "MARKUP", False):
        program.prepare(floor)
    elif kind == "floor":
        floor.start()
    elif kind == "clock":
        floor.start_with_clock()
    else:
        count = floor.count
        floor.start_counting()
elif kind == "tracypy":
    import tracypy

    if getattr(program, "MARKUP", False):
        program.prepare(tracypy)
        tracypy.listen()
    else:
        tracypy.enable(gc=False, **job["options"])  # collections are no calls
    while job["connected"] and not tracypy.is_connected():
        time.sleep(0.005)
elif kind == "viztracer":
    from viztracer import VizTracer

    profiler = VizTracer(ignore_c_function=True, verbose=0)
    profiler.start()
elif kind == "cprofile":
    import cProfile

    profiler = cProfile.Profile()
    profiler.enable(builtins=False)

if kind not in ("tracypy", "floor") and getattr(program, "MARKUP", False):
    program.prepare(None)
if cores:
    os.sched_setaffinity(0, cores["program"] if getattr(program, "PIN", True) else cores["all"])

if job["first"]:
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))  # before all others on its core

clock = time.perf_counter_ns
processor_clock = time.thread_time_ns
run = program.run
answer = os.write
answer(1, b"ready\n")
for line in sys.stdin.buffer:
    units = int(line)
    start = clock()
    processor_start = processor_clock()
    taken = run(units)
    processor = processor_clock() - processor_start
    wall = clock() - start
    answer(1, b"%d %d %d\n" % (wall, processor if taken is None else taken, count()))

if kind == "tracypy":
    if not job["ours"]:
        # Its own disable() is a call too, and leaves a zone open; then it and its viewer wait for one another for ever.
        sys.monitoring.set_events(tracypy.PROFILER_ID, 0)
    tracypy.disable()
elif kind == "viztracer":
    profiler.stop()
    profiler.clear()
elif kind == "cprofile":
    profiler.disable()
