"""Native code and Python on one timeline: what examples/native/CMakeLists.txt builds, recorded to a file.

make examples
"""

import sys

sys.path.insert(0, sys.argv[1])  # where the modules were built

import in_c
import in_cython
import in_nanobind
import in_pybind11
import with_tracy_macros

import tracypy  # it need not come first


def report(value: float) -> None:
    tracypy.message(f"solved: {value:.3f}")


def main() -> None:
    in_c.work()
    with_tracy_macros.work()
    in_nanobind.work(report)
    in_pybind11.work(report)
    in_cython.work()


with tracypy.record("native.tracy", overwrite=True, gc=False):
    main()

trace = tracypy.open("native.tracy")
for thread in trace.threads:
    names = [trace.source_locations[zone.location].label for zone in thread.iter_zones()]
    print(f"{thread.name}: {len(names)} zones, {', '.join(sorted(set(names)))}")
