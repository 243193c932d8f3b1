"""What is measured: one module per program.

Each has `run(n)`, which does `n` units of work, and `UNITS`, which take 10 to 40 ms on plain Python. A module may also have

- `EXACT = False`: the number of calls is not the same each time, so zones are compared within a few per cent;
- `TASKS = True`: a coroutine is one zone, however often it is entered, so zones are not compared with frames entered;
- `FRESH = True`: each round wants an interpreter of its own;
- `MARKUP = True`: it uses tracypy itself, and `prepare(tracypy)` gets the module, or None for the plain variant;
- `FLOOR = True`: `prepare` can do with the module of the floor, whose `zone` does nothing;
- `PER_UNIT`: how many zones a unit of such a program makes, `with` blocks or calls of marked functions;
- `THREADS = True`: it starts threads, which profilers of one thread do not see;
- `PIN = False`: it wants all cores.

`run` may return the nanoseconds of processor time that its threads took; otherwise the calling thread's count.
"""
