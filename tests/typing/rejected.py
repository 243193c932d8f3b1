"""What a type checker must reject: every line that ends in `# error`. Checked by test_snippets.py, never run."""

import tracypy


@tracypy.profiled
def function(a: int) -> str:
    return str(a)


function("1")  # error
function(1, 2)  # error
tracypy.profiled("name")  # error
tracypy.profiled(name=3)  # error
tracypy.profiled(color=1.5)  # error
tracypy.profiled(property(function))  # error
tracypy.zone()  # error
tracypy.zone(b"name")  # error
tracypy.zone("name", "tomato")  # error
tracypy.frame(None)  # error
tracypy.frame_mark(3)  # error
tracypy.frame_mark_start()  # error
tracypy.enable("profiler")  # error
tracypy.listen(8086)  # error
tracypy.wait_connected("1")  # error
tracypy.open(b"out.tracy")  # error
tracypy.record()  # error
tracypy.record("out.tracy", seconds="5")  # error
tracypy.record("out.tracy", max_depth="3")  # error
tracypy.start_recording("out.tracy", True)  # error
tracypy.start_recording("out.tracy", no_such_option=1)  # error
print(tracypy.open("out.tracy").zone)  # error
print(tracypy.no_such_name)  # error
