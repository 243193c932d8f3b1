"""`tracypy.LoggingHandler`: the program's log records on the timeline."""

from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path

import pytest

import tracypy

from support.recorded_program import record
from support.target import running, trace_of
from support.viewer import PROTOCOLS

PRELUDE = """\
import logging, tracypy
handler = tracypy.LoggingHandler()
logging.basicConfig(level=1, handlers=[handler], format="%(name)s: %(message)s")
assert tracypy.wait_connected(100)
"""
LOGS = """
    log = logging.getLogger("app")
    for level in (5, 10, 20, 25, 30, 40, 50, 60):
        log.log(level, "level %d", level)
"""
TEXTS = [f"app: level {level}" for level in (5, 10, 20, 25, 30, 40, 50, 60)]
SEVERITIES = ["trace", "debug", "info", "info", "warning", "error", "fatal", "fatal"]


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_viewer_has_each_record_with_its_severity(tmp_path: Path, protocol: int) -> None:
    trace = trace_of(tmp_path, LOGS, prelude=PRELUDE, protocol=protocol)
    assert [message.text for message in trace.messages] == TEXTS
    if protocol >= 82:
        assert [message.metadata >> 4 for message in trace.messages] == [0, 1, 2, 2, 3, 4, 5, 5]


def test_a_recording_has_them_while_it_goes_on(tmp_path: Path) -> None:
    program = PRELUDE.replace(
        "assert tracypy.wait_connected(100)",
        "logging.error('before')\nif True:\n  tracypy.start_recording('out.tracy')",
    )
    with running(tmp_path, program + "\n".join(line[2:] for line in LOGS.splitlines())) as target:
        target.expect_success()
    messages = tracypy.open(tmp_path / "out.tracy").messages
    assert [(message.text, message.severity) for message in messages] == list(zip(TEXTS, SEVERITIES, strict=True))


CHILDREN = """
import logging, multiprocessing, subprocess, sys, tracypy
logging.basicConfig(level=1, handlers=[tracypy.LoggingHandler()], format="%(message)s")

def log(who):
    logging.getLogger("app").warning("from %s", who)

if __name__ == "__main__":
    if sys.argv[1:]:
        log("a program")
    else:
        subprocess.run([sys.executable, __file__, "child"], check=True)
        for method in ("fork", "spawn"):
            process = multiprocessing.get_context(method).Process(target=log, args=(method,))
            process.start()
            process.join()
        log("the root")
"""


def test_a_recording_has_those_of_child_processes(tmp_path: Path) -> None:
    record(tmp_path, program=CHILDREN)
    messages = tracypy.open(tmp_path / "out.tracy").messages
    assert sorted((message.text, message.severity) for message in messages if message.text.startswith("from ")) == [
        (f"from {who}", "warning") for who in ("a program", "fork", "spawn", "the root")
    ]


def test_what_goes_wrong_is_loggings_own_business(tmp_path: Path) -> None:
    body = """
        import sys
        class Bad:
            def __str__(self): raise RuntimeError("in __str__")
        class Chatty:
            def __str__(self):
                logging.info("in it: %s", self)
                return "chatty"
        logging.raiseExceptions = False
        logging.info("%d", "no number")
        logging.info("%s", Bad())
        logging.raiseExceptions = True
        logging.info("%s", Chatty())
        logging.info("é" * 70_000 + "\\0 \\udc80")
    """
    trace = trace_of(tmp_path, body, prelude=PRELUDE)
    texts = [message.text for message in trace.messages]
    nested = 0 if hasattr(logging.Logger, "_tls") else 2  # newer versions of logging leave out what is logged meanwhile
    assert texts[:-1] == ["root: in it: chatty"] * nested + ["root: chatty"]
    assert len(texts[-1].encode()) == 65_535 - 1


def test_the_class_is_imported_when_it_is_asked_for() -> None:
    program = "import sys, tracypy\nassert 'logging' not in sys.modules\nassert 'LoggingHandler' in dir(tracypy)\nfrom tracypy import LoggingHandler\nimport logging\nassert issubclass(LoggingHandler, logging.Handler)\ntry: tracypy.NoSuchThing\nexcept AttributeError as e: assert str(e) == \"module 'tracypy' has no attribute 'NoSuchThing'\"\nelse: raise SystemExit('found')"  # fmt: skip
    subprocess.run([sys.executable, "-c", program], check=True, timeout=100)


def test_records_of_many_threads(tmp_path: Path) -> None:
    body = """
        import threading
        def work(number):
            for i in range(200): logging.info("%d: %d", number, i)
        threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
    """
    trace = trace_of(tmp_path, body, prelude=PRELUDE)
    by_number: dict[str, list[str]] = {}
    for message in trace.messages:
        _, number, i = message.text.split(": ")
        by_number.setdefault(number, []).append(i)
    assert by_number == {str(n): [str(i) for i in range(200)] for n in range(4)}
