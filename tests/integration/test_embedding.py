"""Programs that have Python in them, and what of theirs is recorded until they finalize it."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import tracypy

from support.native_code import build
from support.recorded_program import clean_environment
from support.recording_facts import calls_of
from support.target import unused_port
from support.viewer import StrictViewer

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.skipif(
    not sysconfig.get_config_var("Py_ENABLE_SHARED"), reason="this Python has no library to link"
)

#: Runs its arguments in Python, one after the other, but for some words, which say what it does itself.
HOST = """
#include <Python.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <tracypy.h>
static void zones(const char* name, long count) {
    const tracypy_dynamic_location place = {name, strlen(name), "zones", 5, "host.c", 6, 1, 0};
    for (long i = 0; i < count; ++i) tracypy_zone_end(tracypy_zone_begin_dynamic(&place, 0));
}
static atomic_int rounds, is_over;
static void* work(void* unused) {
    tracypy_set_thread_name("worker");
    zones("on a thread", 7);
    return unused;
}
static void* work_on(void* unused) {
    for (; !is_over; sched_yield(), ++rounds) zones("without end", 7);
    return unused;
}
static int initialize(const char* python) {
    PyConfig config;
    PyStatus status;
    PyConfig_InitIsolatedConfig(&config);
    PyConfig_SetBytesString(&config, &config.program_name, python);
    status = Py_InitializeFromConfig(&config);
    PyConfig_Clear(&config);
    return PyStatus_Exception(status);
}
int main(int argc, char** argv) {
    int failed = initialize(argv[1]);
    pthread_t thread, endless;
    int has_endless = 0;
    for (int i = 2; i < argc; ++i) {
        if (strcmp(argv[i], "finalize") == 0) {
            failed |= Py_FinalizeEx() != 0;
            zones("too late", 3);
            puts("finalized");
            fflush(stdout);
            getchar();
        } else if (strcmp(argv[i], "initialize") == 0) {
            failed |= initialize(argv[1]);
        } else if (strcmp(argv[i], "thread") == 0) {
            Py_BEGIN_ALLOW_THREADS;
            pthread_create(&thread, NULL, work, NULL);
            pthread_join(thread, NULL);
            Py_END_ALLOW_THREADS;
        } else if (strcmp(argv[i], "endless") == 0) {
            has_endless = pthread_create(&endless, NULL, work_on, NULL) == 0;
            while (has_endless && rounds < 2) sched_yield();
        } else {
            failed |= PyRun_SimpleString(argv[i]);
            zones("native", 1);
        }
    }
    is_over = 1;
    if (has_endless) pthread_join(endless, NULL);
    return failed != 0;
}
"""

START = "import sys; del sys.argv, sys.orig_argv; import tracypy; tracypy.start_recording('out.tracy')"
CALLED = "def called(): pass\ncalled()\ncalled()"


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program."""
    library, folder = sysconfig.get_config_var("LDVERSION"), sysconfig.get_config_var("LIBDIR")
    return build(
        HOST, tmp_path_factory.mktemp("embedding") / "game",
        "-rdynamic", f"-L{folder}", f"-lpython{library}", f"-Wl,-rpath,{folder}",
    )  # fmt: skip


@contextmanager
def finalized(host: Path, folder: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    """The program at the moment when it has finalized Python, and goes on."""
    with started(host, folder, *words) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "finalized\n"
        yield process
        rest, said = process.communicate("\n", timeout=100)
        assert (process.returncode, rest, said) == (0, "", "")


@contextmanager
def started(host: Path, folder: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [host, sys.executable, *words], cwd=folder, env=clean_environment(), text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        try:
            yield process
        finally:
            process.kill()


def test_the_recording_is_complete_when_python_is_finalized(tmp_path: Path, host: Path) -> None:
    with finalized(host, tmp_path, START, "thread", CALLED, "finalize"):
        assert [path.name for path in tmp_path.iterdir()] == ["out.tracy"]
        counts, trace = calls_of(tmp_path / "out.tracy"), tracypy.open(tmp_path / "out.tracy")
    assert (counts["called"], counts["native"], counts["on a thread"], counts["too late"]) == (2, 2, 7, 0)
    assert trace.info.program == "game"
    assert {"Main thread", "worker"} <= {thread.name for thread in trace.threads}


def test_threads_that_record_all_the_time_are_cut_off_unharmed(tmp_path: Path, host: Path) -> None:
    with finalized(host, tmp_path, START, "endless", CALLED, "finalize"):
        counts = calls_of(tmp_path / "out.tracy")
    assert (counts["called"], counts["native"]) == (2, 2)
    assert counts["without end"] >= 7


def test_a_viewer_has_everything_when_python_is_finalized(tmp_path: Path, host: Path) -> None:
    port = unused_port()
    listen = f"import tracypy; tracypy.listen(port={port}); tracypy.enable(); tracypy.wait_connected(100)"
    with started(host, tmp_path, listen, "thread", CALLED, "finalize") as process, StrictViewer(82) as viewer:
        viewer.connect(port)
        trace = viewer.run()
        assert process.communicate("\n", timeout=100) == ("finalized\n", "")
        assert process.returncode == 0
    names = [zone.name for zone in trace.zones()]
    assert (names.count("called"), names.count("native"), names.count("on a thread")) == (2, 2, 7)


def test_a_second_python_is_told_that_it_cannot_have_it(tmp_path: Path, host: Path) -> None:
    refused = "try:\n    import tracypy\nexcept ImportError as problem:\n    print(problem, flush=True)"
    # From 3.14 on, the second one has no site-packages.
    place = f"import sys; sys.path.append({str(Path(tracypy.__file__).parents[1])!r})"
    words = [START, CALLED, "finalize", "initialize", place, refused, "finalize"]
    with started(host, tmp_path, *words) as process:
        said, errors = process.communicate("\n\n", timeout=100)
    assert (process.returncode, errors) == (0, "")
    assert said.splitlines() == [
        "finalized", "tracypy cannot be imported again: Python has been finalized in this process", "finalized",
    ]  # fmt: skip
    assert calls_of(tmp_path / "out.tracy")["called"] == 2
