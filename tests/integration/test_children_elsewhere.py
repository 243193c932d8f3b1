"""Children of another user, of another Python, or that find nothing of us: followed, or left alone and told."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import tracypy

from support.recorded_program import clean_environment, record
from support.recording_facts import calls_of, facts_of_recording
from support.working_processes import WORK

PROGRAM = WORK + "do(7)\n"
CHILD = "def work(): pass\nfor _ in range(300): work()\n"
NOBODY = 65534
as_root = pytest.mark.skipif(os.getuid() != 0, reason="only root can start processes of other users")


def messages_of(folder: Path) -> list[str]:
    return [
        message.text for message in tracypy.open(folder / "out.tracy").messages if message.text.startswith("tracypy: ")
    ]


@as_root
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_child_that_becomes_another_user_is_followed(tmp_path: Path) -> None:
    program = (
        PROGRAM
        + f"""
child = os.fork()
if child == 0:
    do(100)
    os.setgid({NOBODY})
    os.setuid({NOBODY})
    do(200)
    os._exit(0)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
"""
    )
    record(tmp_path, program=program)
    assert calls_of(tmp_path / "out.tracy")["work"] == 307


def others_can_run_python() -> bool:
    if os.getuid() != 0:
        return False
    words = [sys.executable, "-c", "import tracypy._core"]
    try:
        return subprocess.run(words, user=NOBODY, cwd="/", capture_output=True, check=False).returncode == 0
    except OSError:
        return False


@as_root
@pytest.mark.parametrize(
    "more",
    [
        "",
        ", env={name: os.environ[name] for name in os.environ if name.startswith('LD_')}",
        ", close_fds=False",
        ", group=65534, extra_groups=[]",
    ],
)
def test_child_that_is_started_as_another_user_is_followed(tmp_path: Path, more: str) -> None:
    if not others_can_run_python():
        pytest.skip("other users may not run this interpreter")
    program = (
        PROGRAM
        + f"""
result = subprocess.run([sys.executable, "-c", {CHILD + "import os; print(os.getuid(), os.listdir('/proc/self/fd').__len__())"!r}],
                        user={NOBODY}, cwd="/", check=True, stdout=subprocess.PIPE, text=True{more})
print(result.stdout.split()[0], subprocess.run(["sh", "-c", "ls /proc/self/fd | wc -l"], user={NOBODY}, check=True, stdout=subprocess.PIPE, text=True).stdout.strip())
"""
    )
    out, _err = record(tmp_path, program=program)
    assert out.split()[0] == str(NOBODY)
    assert calls_of(tmp_path / "out.tracy")["work"] == 307


@pytest.mark.parametrize("option", ["-I", "-E", "-S", "-sE", "-uI"])
def test_child_that_finds_nothing_of_us_is_told(tmp_path: Path, option: str) -> None:
    """Once, however many there are."""
    program = (
        PROGRAM + f"for _ in range(3): subprocess.run([sys.executable, {option!r}, '-c', {CHILD!r}], check=True)\n"
    )
    record(tmp_path, program=program)
    assert calls_of(tmp_path / "out.tracy")["work"] == 7
    (message,) = messages_of(tmp_path)
    name, letter = os.path.basename(sys.executable), option[-1]
    assert message == f"tracypy: {name} -{letter} was started, which finds nothing of tracypy: it is not followed"


@pytest.mark.parametrize(
    "words", ["['-c', CODE]", "['-W', 'ignore', '-X', 'utf8', '-bc', CODE]", "['-c', CODE, '-I']", "['-mthis']"]
)
def test_nothing_is_told_of_others(tmp_path: Path, words: str) -> None:
    record(
        tmp_path,
        program=f"{PROGRAM}CODE = {CHILD!r}\nsubprocess.run([sys.executable, *{words}], check=True, stdout=-3)\n",
    )
    assert messages_of(tmp_path) == []


def another_python() -> str | None:
    for name in ("/usr/bin/python3", *map(shutil.which, ("python3.11", "python3.12", "python3.14"))):
        if name is None or not os.path.exists(name):
            continue
        tag = subprocess.run(
            [name, "-c", "import sys; print(sys.implementation.cache_tag)"], capture_output=True, text=True, check=False
        )
        if tag.returncode == 0 and tag.stdout.strip() != sys.implementation.cache_tag:
            return name
    return None


def test_child_of_another_python_is_left_alone_and_told(tmp_path: Path) -> None:
    python = another_python()
    if python is None:
        pytest.skip("there is no other Python")
    show = "import os, sys; print(os.environ.get('PYTHONPATH'), [p for p in sys.path if 'tracypy' in p], 'sitecustomize' in sys.modules)"
    words = [python, "-c", show]
    out, err = record(tmp_path, program=f"{PROGRAM}for _ in range(2): subprocess.run({words}, check=True)\n")
    assert out == 2 * subprocess.run(words, capture_output=True, text=True, check=True, cwd=tmp_path).stdout
    assert "child processes of another Python (cpython-3" in err
    assert len(messages_of(tmp_path)) == 1


def test_folder_of_one_that_was_killed_goes_with_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    (tmp_path / "p.py").write_text("import os; os.kill(os.getpid(), 9)")
    killed = subprocess.run(
        [sys.executable, "-m", "tracypy", "record", "p.py"], cwd=tmp_path, check=False, env=clean_environment()
    )
    assert killed.returncode == -signal.SIGKILL
    (left,) = os.listdir(tmp_path / "tmp")
    out, _err = record(tmp_path, program="import os\nprint(*os.listdir('tmp'))")
    assert left not in out
    assert len(out.split()) == 1
    assert os.listdir(tmp_path / "tmp") == []


def test_name_that_multiprocessing_gives_later(tmp_path: Path) -> None:
    """Also of a child that does not come to its end."""
    program = """
import multiprocessing, os, subprocess, time

def work(pipe):
    while True:
        pipe.send(os.getpid())
        time.sleep(0.01)

if __name__ == "__main__":
    here, there = multiprocessing.Pipe()
    child = multiprocessing.get_context("spawn").Process(target=work, args=(there,), name="worker 3")
    child.start()
    for _ in range(100):
        here.recv()
    subprocess.run(["sh", "-c", f"kill -9 {child.pid}"], check=True)
    child.join()
    print(child.pid)
"""
    out, _err = record(tmp_path, program=program)
    assert f"worker 3 ({out.strip()}): Main thread" in facts_of_recording(tmp_path / "out.tracy")


def test_child_of_another_environment_need_not_have_tracypy(tmp_path: Path) -> None:
    """Of the same Python. It does not find it either."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "other")], check=True)
    show = "import importlib.util, sys; print([p for p in sys.path if 'site-packages' in p], sys.prefix, sys.path[0])"
    words = [str(tmp_path / "other" / "bin" / "python"), "-c", f"{CHILD}{show}"]
    out, _err = record(tmp_path, program=f"{PROGRAM}subprocess.run({words}, check=True)\n")
    assert out == subprocess.run(words, capture_output=True, text=True, check=True, cwd=tmp_path).stdout
    assert calls_of(tmp_path / "out.tracy")["work"] == 307


def test_child_is_warned_of_nothing_that_is_ours(tmp_path: Path) -> None:
    """Of a fork with threads, of a resource that is not closed, in development mode; also when it has interpreters within."""
    child = """
import os, sys
for _ in range(3):
    if os.fork() == 0:
        os._exit(0)
    os.wait()
try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters
number = interpreters.create()
interpreters.run_string(number, "import sys; print([name for name in sys.modules if 'tracypy' in name], [p for p in sys.path if 'tracypy' in p], flush=True)")
interpreters.destroy(number)
print(len(os.listdir("/proc/self/task")))
"""
    program = f"{PROGRAM}print(subprocess.run([sys.executable, '-X', 'dev', '-W', 'always', '-c', {child!r}], check=True, capture_output=True, text=True))\n"
    out, err = record(tmp_path, program=program)
    assert "stdout='[] []\\n2\\n', stderr=''" in out
    assert "Warning" not in err
