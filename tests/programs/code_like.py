"""Fires events for objects that are not code objects."""

import sys
from _testcapi import (
    CodeLike,
    fire_event_py_resume,
    fire_event_py_return,
    fire_event_py_start,
    fire_event_py_throw,
    fire_event_py_unwind,
    fire_event_py_yield,
    monitoring_enter_scope,
    monitoring_exit_scope,
)

E = sys.monitoring.events


class Big:
    def __init__(self):
        self.x = bytes(range(100))


def scope(code, *events):
    return monitoring_enter_scope(code, *events)


for _ in range(1500):
    code = CodeLike(2)
    scope(code, E.PY_START, E.PY_RETURN)
    fire_event_py_start(code, 0)
    junk = [Big() for _ in range(10)]
    fire_event_py_return(code, 1, None)
    monitoring_exit_scope()
    scope(code, E.PY_START, E.PY_UNWIND)
    fire_event_py_start(code, 0)
    fire_event_py_unwind(code, 1, ValueError(1))
    monitoring_exit_scope()
    scope(code, E.PY_THROW, E.PY_YIELD)
    fire_event_py_throw(code, 0, ValueError(1))
    fire_event_py_yield(code, 1, None)
    monitoring_exit_scope()
    scope(code, E.PY_RESUME, E.PY_UNWIND)
    fire_event_py_resume(code, 0)
    fire_event_py_unwind(code, 1, ValueError(1))
    monitoring_exit_scope()
print("done")
