"""Programs that start themselves again, as reloaders do: all is as under plain python, and each start is recorded.

Those that are children are in the recording of the first one (test_children); here they are not followed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
import zipfile
from pathlib import Path

import pytest

import tracypy

from support.recording_facts import calls_of

SHOW = "import json, sys\nprint(json.dumps([sys.orig_argv, sys.argv]))\n"
# By the way that is named, with what is in AGAIN told; each process says which it is.
STARTS_AGAIN = """
    import os, subprocess, sys
    def work(): pass
    work()
    print(sys.argv[1:], sys.flags.dev_mode, os.environ.get("AGAIN"), flush=True)
    if os.environ.get("AGAIN"):
        sys.exit(7)
    os.environ["AGAIN"] = "1"
    command = [sys.executable, *sys.orig_argv[1:]]
"""
WAYS = {
    "run": "sys.exit(subprocess.run(command).returncode)",
    "posix_spawn": "sys.exit(subprocess.call(command, close_fds=False))",
    "bytes": "sys.exit(subprocess.call([os.fsencode(word) for word in command]))",
    "another name": "sys.exit(subprocess.call(['python', *command[1:]], executable=sys.executable))",
    "environment of its own": "sys.exit(subprocess.call(command, env={'AGAIN': '1'}))",
    "another folder": "os.chdir('..'); sys.exit(subprocess.call(command, cwd=os.path.dirname(os.path.abspath(__file__))))",
    "execv": "os.execv(sys.executable, command)",
    "execvp": "os.execvp(sys.executable, command)",
    "execve": "os.execve(sys.executable, command, os.environ)",
    "spawnv": "sys.exit(os.spawnv(os.P_WAIT, sys.executable, command))",
    "system's": "sys.exit(os.waitstatus_to_exitcode(os.waitpid(os.posix_spawn(sys.executable, command, os.environ), 0)[1]))",
    "as Django": "sys.exit(subprocess.run([sys.executable, *(f'-X{name}' for name in sys._xoptions), *sys.argv]).returncode)",
    "in a thread": """
        import threading
        codes = []
        thread = threading.Thread(target=lambda: codes.append(subprocess.call(command)))
        thread.start()
        thread.join()
        sys.exit(codes[0])
        """,
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "show.py").write_text(SHOW)
    (tmp_path / "skipped.py").write_text(f"this is no Python\n{SHOW}")
    with zipfile.ZipFile(tmp_path / "archive.pyz", "w") as archive:
        archive.writestr("__main__.py", SHOW)
    return tmp_path


def python(folder: Path, *words: str | Path, **environment: str) -> tuple[int, str, str]:
    result = subprocess.run(
        [sys.executable, *map(str, words)], cwd=folder, input=SHOW, capture_output=True, text=True, timeout=200,
        check=False, env={**os.environ, "TRACY_PORT": "0", "TRACYPY_ANNOUNCE": "0", "TRACYPY_CHILDREN": "0", **environment},
    )  # fmt: skip
    return result.returncode, result.stdout, result.stderr


PROGRAMS = {
    "script": ["show.py", "a", "-b"],
    "module": ["-m", "show", "a"],
    "module attached": ["-mshow"],
    "code": ["-c", SHOW, "a"],
    "archive": ["archive.pyz", "a"],
    "stdin": ["-", "a"],
    "skipped line": ["-x", "skipped.py", "a"],
}
OURS = {
    "module": ["-m", "tracypy"],
    "module attached": ["-mtracypy"],
    "record": ["-m", "tracypy", "record", "-o", "out.tracy"],
    "options": ["-m", "tracypy", "--port", "0", "--exclude", "x"],
    "script": [str(Path(sys.executable).with_name("tracypy")), "run"],
}


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
@pytest.mark.parametrize("ours", OURS.values(), ids=OURS)
def test_words_of_the_command_line_are_those_of_plain_python(folder: Path, ours: list[str], program: list[str]) -> None:
    flags = ["-X", "dev", "-Wdefault", "-O"]
    code, out, err = python(folder, *flags, *ours, *program)
    assert code == 0, err
    assert json.loads(out) == json.loads(python(folder, *flags, *program)[1])


def test_flags_that_are_written_together_with_ours_are_kept(folder: Path) -> None:
    assert json.loads(python(folder, "-Om", "tracypy", "show.py")[1])[0][1:] == ["-O", "show.py"]


def test_words_that_others_put_before_ours_are_kept(folder: Path) -> None:
    (folder / "launcher.py").write_text(
        "import runpy, sys\ndel sys.argv[:2]\nrunpy.run_module(sys.argv[0], run_name='__main__', alter_sys=True)\n"
    )
    assert json.loads(python(folder, "launcher.py", "-m", "tracypy", "show.py", "a")[1])[0][1:] == [
        "launcher.py", "show.py", "a",
    ]  # fmt: skip


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_start_of_a_child_is_in_the_same_recording(folder: Path, way: str) -> None:
    """And one by which the first process becomes itself again makes a recording of its own, as ever."""
    (folder / "app.py").write_text(textwrap.dedent(STARTS_AGAIN) + textwrap.dedent(way))
    words = ["-Xdev", "-m", "tracypy", "record", "-o", "out.tracy", "app.py", "x"]
    code, out, err = python(folder, *words, TRACYPY_CHILDREN="1")
    assert (code, out) == (7, "['x'] True None\n['x'] True 1\n") == python(folder, "-Xdev", "app.py", "x")[:2], err
    of_each = [calls_of(path)["work"] for path in folder.glob("*.tracy")]
    assert of_each == ([1, 1] if "os.exec" in way else [2])


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("command", ["record", "run"])
def test_program_that_starts_itself_again_does_as_under_python(folder: Path, command: str, way: str) -> None:
    (folder / "app.py").write_text(textwrap.dedent(STARTS_AGAIN) + textwrap.dedent(way))
    words = ["record", "-o", "out.tracy"] if command == "record" else ["run"]
    code, out, err = python(folder, "-Xdev", "-m", "tracypy", *words, "app.py", "x")
    assert (code, out) == (7, "['x'] True None\n['x'] True 1\n") == python(folder, "-Xdev", "app.py", "x")[:2], err
    if command == "record":
        again = [path for path in folder.glob("*.tracy") if path.name != "out.tracy"]
        assert [calls_of(path)["work"] for path in again] == [1]
        assert again[0].name.removeprefix("out-").removesuffix(".tracy").isdigit()


def test_subprocess_may_be_imported_before_us(folder: Path) -> None:
    (folder / "launcher.py").write_text(
        "import subprocess, runpy, sys\nrunpy.run_module('tracypy', run_name='__main__', alter_sys=True)\n"
    )
    (folder / "app.py").write_text(textwrap.dedent(STARTS_AGAIN) + WAYS["run"])
    code, _out, err = python(folder, "launcher.py", "record", "-o", "out.tracy", "app.py")
    assert code == 7, err
    assert len(list(folder.glob("*.tracy"))) == 2


def test_restarted_program_need_not_find_tracypy(folder: Path) -> None:
    """It is found by PYTHONPATH, which the program does not hand on; nor does the program find it then."""
    (folder / "app.py").write_text(
        textwrap.dedent(STARTS_AGAIN)
        + "import importlib.util\nprint([path for path in sys.path if path == os.environ['PLACE']])\n"
        + "del os.environ['PYTHONPATH']\n"
        + WAYS["run"]
    )
    (folder / "place").mkdir()
    (folder / "place" / "tracypy").symlink_to(Path(tracypy.__file__).parent)
    place = str(folder / "place")
    command = [sys.executable, "-S", "-m", "tracypy", "record", "-o", "out.tracy", "app.py"]
    result = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=200, check=False,
        env={**os.environ, "PYTHONPATH": place, "PLACE": place, "TRACYPY_CHILDREN": "0"},
    )  # fmt: skip
    assert (result.returncode, result.stdout) == (7, f"[] False None\n['{place}']\n[] False 1\n"), result.stderr
    assert len(list(folder.glob("out-*.tracy"))) == 1


def test_each_start_is_recorded_under_a_name_of_its_own(folder: Path) -> None:
    (folder / "app.py").write_text(
        textwrap.dedent("""
        import os, subprocess, sys
        def work(): pass
        left = int(os.environ.get("LEFT", "4"))
        for _ in range(left): work()
        if left > 1:
            again = [sys.executable, *sys.orig_argv[1:]]
            sys.exit(subprocess.call(again, env={**os.environ, "LEFT": str(left - 1)}) + 1)
        """)
    )
    code, _out, err = python(folder, "-m", "tracypy", "record", "--only-user-code", "app.py")
    assert code == 3, err
    names = sorted(path.name for path in folder.glob("*.tracy"))
    assert sorted(calls_of(folder / name)["work"] for name in names) == [1, 2, 3, 4]
    assert len({name.count("-") for name in names}) == 2  # app-DATE-TIME, and the same with the number of a process


def test_other_programs_are_left_alone(folder: Path) -> None:
    (folder / "app.py").write_text(
        textwrap.dedent("""
        import os, subprocess, sys
        if len(sys.argv) > 1:
            print(sys.orig_argv[1:], "tracypy" in sys.modules, flush=True)
            sys.exit()
        here = os.path.abspath(__file__)
        for words in ([here, "other words"], ["-c", "import sys; print('tracypy' in sys.modules)"], ["show.py"]):
            subprocess.run([sys.executable, *words], check=True)
        subprocess.run("echo from a shell", shell=True, check=True)
        subprocess.run(["echo", sys.executable, *sys.orig_argv[1:]], check=True)
        try:
            subprocess.run([sys.executable, 7])
        except TypeError as problem:
            print(problem)
        """)
    )
    code, out, err = python(folder, "-m", "tracypy", "record", "-o", "out.tracy", "app.py")
    assert (code, out) == python(folder, "app.py")[:2], err
    assert [path.name for path in folder.glob("*.tracy")] == ["out.tracy"]


def test_looking_at_what_is_started_makes_no_zones(folder: Path) -> None:
    (folder / "app.py").write_text(
        "import os, sys\ndef start():\n    return os.spawnv(os.P_WAIT, sys.executable, [sys.executable, *sys.argv, 'x'])\n"
        "if len(sys.argv) == 1:\n    sys.exit(start())\n"
    )
    code, _out, err = python(folder, "-m", "tracypy", "record", "-o", "out.tracy", "app.py")
    assert code == 0, err
    assert set(calls_of(folder / "out.tracy")) - {"_shutdown", "garbage collection"} == {
        "<module>",
        "start",
        "spawnv",
        "_spawnvef",
    }


def test_start_that_cannot_be_recorded_is_told_and_done(folder: Path) -> None:
    (folder / "app.py").write_text(
        textwrap.dedent(STARTS_AGAIN) + "import shutil; shutil.rmtree('out'); " + WAYS["run"]
    )
    (folder / "out").mkdir()
    code, out, err = python(folder, "-m", "tracypy", "record", "-o", "out/x.tracy", "app.py")
    assert (code, out) == (7, "[] False None\n[] False 1\n")
    assert "tracypy: the program that was started again is not recorded: " in err


def test_functions_that_start_programs_look_as_ever(folder: Path) -> None:
    (folder / "app.py").write_text(
        textwrap.dedent("""
        import inspect, os, pickle, posix, types
        for name in ("execv", "execve", "posix_spawn", "posix_spawnp", "unshare", "setns"):
            function = getattr(os, name, None)
            print(function, inspect.signature(function) if function else "", function in os.supports_fd, pickle.dumps(function),
                  function and (function.__module__, function.__self__ is posix, function.__doc__, type(function)))
        for call in (lambda: os.execv("x"), lambda: os.execv("x", []), lambda: os.execv("/no/such", ["x"]), lambda: os.execve(path="x")):
            try: call()
            except Exception as problem: print(repr(problem), problem.__traceback__.tb_next.tb_next)
        """)
    )
    for children in ("0", "1"):
        assert python(folder, "-m", "tracypy", "app.py", TRACYPY_CHILDREN=children)[:2] == python(folder, "app.py")[:2]


@pytest.mark.parametrize("fixed_port", ["", "-p"])
def test_restarted_program_listens_beside_the_first(folder: Path, fixed_port: str) -> None:
    """With a port that was asked for, too: the first one has it."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1] if fixed_port else 0
    listens = "import tracypy, tracypy.server; print(tracypy.is_listening(), tracypy.server.place(), flush=True)\n"
    (folder / "app.py").write_text(listens + textwrap.dedent(STARTS_AGAIN) + WAYS["run"])
    code, out, err = python(folder, "-m", "tracypy", "--port", str(port), "app.py")
    assert (code, err) == (7, "")
    places = [line.split()[1] for line in out.splitlines() if line.startswith("True")]
    assert len(set(places)) == 2
    assert tracypy.__version__
