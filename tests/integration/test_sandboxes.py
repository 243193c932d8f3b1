"""Containers and sandboxes, which lack this or that of a system: everything works, or it is said what does not."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support.recorded_program import clean_environment
from support.recording_facts import calls_of, files_in

PROGRAM = """
import os, subprocess, sys, threading

def work():
    pass

def many(count):
    for _ in range(count):
        work()

if sys.argv[1:]:
    many(int(sys.argv[1]))
    sys.exit(0)
many(300)
thread = threading.Thread(target=many, args=(200,))
thread.start()
thread.join()
subprocess.run([sys.executable, __file__, "100"], check=True)
if os.fork() == 0:
    many(50)
    os._exit(0)
os.wait()
print("done in", os.getpid())
"""
ALL = 650

WITHOUT_CALLS = Path(__file__).parents[1] / "programs" / "without_calls.py"


def recorded(folder: Path, *before: str, code: int = 0) -> str:
    """What is said when the program is recorded by a command that stands behind these words."""
    (folder / "p.py").write_text(PROGRAM)
    command = [*before, sys.executable, "-m", "tracypy", "record", "-o", "out.tracy", "p.py"]
    result = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=200, check=False, env=clean_environment()
    )
    if result.returncode == 77:
        pytest.skip("the system sets no such limits")
    assert result.returncode == code, result.stderr
    assert code or "done in" in result.stdout
    return result.stderr


def has_all(folder: Path) -> None:
    """Every call is in the file, of threads and children too, and nothing else is left."""
    assert calls_of(folder / "out.tracy")["work"] == ALL
    assert files_in(folder) == ["out.tracy"]


@pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() != "x86_64", reason="knows the numbers of x86-64 Linux alone"
)
@pytest.mark.parametrize(
    ("error", "calls"),
    [
        ("ENOSYS", "clone3,membarrier,pidfd_open,close_range,accept4,getrandom,statx"),
        ("EPERM", "membarrier,pidfd_open,close_range,accept4,getrandom,statx"),
    ],
)
def test_newer_system_calls_need_not_be_allowed(tmp_path: Path, error: str, calls: str) -> None:
    said = recorded(tmp_path, sys.executable, str(WITHOUT_CALLS), error, calls)
    has_all(tmp_path)
    assert "ended before" not in said
    assert "cannot" not in said


#: What each takes away, as a shell says it; `.` is the folder of the recording.
PLACES = {
    "no /proc": "mount -t tmpfs none /proc",
    "no shared memory": "mount -t tmpfs -o ro none /dev/shm",
    "all read-only but shared memory and the folder of the recording": """
        mount --bind . "$PWD"
        for place in $(cut -d' ' -f2 /proc/mounts | sort -r); do mount -o remount,bind,ro $place 2>/dev/null; done
        mount -t tmpfs none /dev/shm
        mount -o remount,bind,rw "$PWD" && ! touch /tmp/writable 2>/dev/null && cd "$PWD"
        """,
}


def in_namespaces(*kinds: str) -> list[str]:
    """The words that stand before a command in namespaces of its own; skips where there are none."""
    words = ["unshare", *kinds]
    if shutil.which("unshare") is None or subprocess.run([*words, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this user makes no namespaces")
    return words


@pytest.mark.parametrize("place", PLACES)
def test_places_that_a_container_may_lack(tmp_path: Path, place: str) -> None:
    said = recorded(tmp_path, *in_namespaces("-m"), *behind(PLACES[place]))
    has_all(tmp_path)
    assert "cannot" not in said


def behind(setup: str) -> list[str]:
    """The words that stand before a command in a shell that has done this first."""
    return ["sh", "-c", f'{setup}\n[ $? = 0 ] || exit 77\nexec "$@"', "sh"]


def test_nothing_can_be_written_anywhere_but_beside_the_program(tmp_path: Path) -> None:
    read_only = PLACES["all read-only but shared memory and the folder of the recording"]
    setup = read_only.replace("mount -t tmpfs none /dev/shm", "")
    said = recorded(tmp_path, *in_namespaces("-m"), *behind(setup))
    assert "child processes cannot be followed: no folder can be made for a local socket" in said
    assert calls_of(tmp_path / "out.tracy")["work"] == 500


def test_a_first_process_is_recorded(tmp_path: Path) -> None:
    recorded(tmp_path, *in_namespaces("-m", "-p", "-f", "--mount-proc"))
    has_all(tmp_path)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root becomes somebody else")
def test_a_user_without_name_and_home_is_recorded(tmp_path: Path) -> None:
    if shutil.which("setpriv") is None:
        pytest.skip("there is no setpriv")
    folder = tmp_path / "theirs"
    folder.mkdir()
    os.chown(folder, 12345, 12345)
    # The interpreter and the folder may be where only root can look.
    words = ["setpriv", "--reuid", "12345", "--regid", "12345", "--clear-groups"]
    words += ["--inh-caps", "+dac_read_search", "--ambient-caps", "+dac_read_search"]
    recorded(folder, "env", "-u", "HOME", "-u", "USER", "-u", "LOGNAME", *words)
    has_all(folder)


def test_closed_standard_streams_are_no_trouble(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text(PROGRAM)
    command = [sys.executable, "-m", "tracypy", "record", "-o", "out.tracy", "p.py"]
    shell = ["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh", *command]
    assert subprocess.run(shell, cwd=tmp_path, timeout=200, check=False, env=clean_environment()).returncode == 0
    has_all(tmp_path)
