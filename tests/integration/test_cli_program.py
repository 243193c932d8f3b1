"""A program run by tracypy sees, prints and returns what it does when `python` runs it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import textwrap
import zipfile
from pathlib import Path

import pytest

SHOW = """
import json, sys
names = {name: re_repr for name, re_repr in ((name, repr(value)) for name, value in sorted(globals().items()))
         if name not in ("json", "sys")}
print(json.dumps({
    "argv": sys.argv, "path0": sys.path[0], "path": sys.path, "names": names, "flags": str(sys.flags),
    "file": sys._getframe().f_code.co_filename, "is main": sys.modules["__main__"].__dict__ is globals(),
    "excepthook": sys.excepthook is sys.__excepthook__, "stdin": sys.stdin.read(), "here": __import__("os").getcwd(),
    "doc": __doc__, "foreign": sorted({"click", "rich"} & {name.partition(".")[0] for name in sys.modules}),
}, indent=1))
"""

FAIL = """
import atexit, sys, threading
def report():
    print(repr(sys.last_exc), sys.last_type is type(sys.last_value), sys.last_traceback is sys.last_exc.__traceback__)
    print(sys.last_traceback.tb_frame.f_code.co_name, sys.excepthook is sys.__excepthook__)
atexit.register(report)
started = threading.Event()
def work():
    started.wait()
    print("the thread is waited for")
threading.Thread(target=work).start()
def fail(n):
    if n == 0:
        try:
            {}["a"]
        except KeyError as problem:
            raise ValueError("größe") from problem
    fail(n - 1)
started.set()
fail(3)
"""

FILES = {
    "show.py": SHOW,
    "latin.py": "# -*- coding: latin-1 -*-\nprint('gr\xf6\xdfe')\n",
    "fail.py": FAIL,
    "syntax.py": "def f(:\n    pass\n",
    "late_syntax.py": "import syntax\n",
    "skipped.py": f"this is no Python{SHOW}",
    "skipped_fails.py": f"#! no Python{FAIL}",
    "exits.py": "import sys\nsys.exit(7)\n",
    "exits_big.py": "raise SystemExit(300)\n",
    "exits_text.py": "raise SystemExit('bye')\n",
    "exits_none.py": "print('out')\nraise SystemExit\n",
    "interrupts.py": "def f():\n    raise KeyboardInterrupt\nf()\n",
    "signals_itself.py": "import signal\nsignal.raise_signal(signal.SIGINT)\n",
    "hook.py": "import sys\nsys.excepthook = lambda kind, value, tb: print(kind, tb.tb_frame.f_code.co_name)\n1 / 0\n",
    "hook_exits.py": "import sys\ndef hook(*_):\n    sys.exit(9)\nsys.excepthook = hook\n1 / 0\n",
    "group.py": "raise ExceptionGroup('several', [ValueError(1), TypeError(2)])\n",
    "recurses.py": "def f():\n    f()\ntry:\n    f()\nexcept RecursionError as e:\n    print(e)\n",
    "os_exit.py": "import os, sys\nprint('out')\nsys.stdout.flush()\nos._exit(5)\n",
    "sibling.py": "import show\n",
    "package/__init__.py": "print('package', __name__)\n",
    "package/__main__.py": SHOW,
    "package/inner.py": SHOW,
    "folder/__main__.py": SHOW,
    "folder_fails/__main__.py": FAIL,
    "click.py": "print('the program has a click of its own')\n",
    "uses_click.py": "import click\n",
    "pool.py": """
        import multiprocessing, os
        def square(x):
            return x * x
        if __name__ == "__main__":
            with multiprocessing.get_context("spawn").Pool(2) as pool:
                print(pool.map(square, range(5)))
        """,
    "profiles.py": """
        import cProfile, pstats
        def work(): pass
        with cProfile.Profile() as profile:
            work()
        print([(name, calls) for (_, _, name), (calls, *_) in pstats.Stats(profile).stats.items() if name == "work"])
        """,
    "pickles.py": "import pickle\nclass A: pass\nprint(type(pickle.loads(pickle.dumps(A()))) is A)\n",
    "daemon.py": """
        import threading, time
        threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
        print("done")
        """,
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("programs")
    for name, text in FILES.items():
        path = root / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(textwrap.dedent(text).encode("latin-1" if name == "latin.py" else "utf-8"))
    with zipfile.ZipFile(root / "archive.zip", "w") as archive:
        archive.write(root / "show.py", "__main__.py")
    (root / "link.py").symlink_to("folder/__main__.py")
    (root / "no_suffix").write_text("print('no suffix')\n")
    import py_compile

    py_compile.compile(str(root / "show.py"), cfile=str(root / "compiled.pyc"))
    return root


def _run(
    folder: Path, *words: str, program: str = sys.executable, given: str = "from stdin", **environment: str
) -> tuple[int, str, str]:
    result = subprocess.run(
        [program, *words],
        cwd=folder,
        env={**os.environ, "PYTHONIOENCODING": "utf-8", "PYTHONDONTWRITEBYTECODE": "1", **environment},
        input=given,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=200,
        check=False,
    )
    addresses = re.compile(r"0x[0-9a-f]+")
    return result.returncode, addresses.sub("0x", result.stdout), addresses.sub("0x", result.stderr)


LINES = {
    **{name: [name] for name in FILES if "/" not in name and name != "click.py" and "skipped" not in name},
    "arguments": ["show.py", "a", "--port", "x", "-h", "--", "-m"],
    "dotted path": ["./show.py"],
    "path with parent": ["package/../show.py"],
    "symbolic link": ["link.py"],
    "no suffix": ["no_suffix"],
    "compiled": ["compiled.pyc", "a"],
    "directory": ["folder", "a"],
    "directory with slash": ["folder/"],
    "directory fails": ["folder_fails"],
    "archive": ["archive.zip", "a"],
    "module": ["-m", "show", "a", "-m"],
    "module attached": ["-mshow"],
    "module fails": ["-m", "fail"],
    "module with bad syntax": ["-m", "syntax"],
    "package": ["-m", "package", "a"],
    "inner module": ["-m", "package.inner"],
    "missing inner module": ["-m", "package.nothing"],
    "package without main": ["-m", "xml"],
    "code": ["-c", SHOW, "a", "-c"],
    "code attached": ["-cprint(1)"],
    "code fails": ["-c", "def f():\n    1 / 0\n\nf()"],
    "code fails in exec": ["-c", "exec('1 / 0')"],
    "code with bad syntax": ["-c", "1 +"],
    "first line skipped": ["-x", "skipped.py", "a"],
    "failure after a skipped line": ["-x", "skipped_fails.py"],
}
STDIN = {
    "show": SHOW,
    "fails": FAIL,
    "bad syntax": "1 +\n",
    "nothing": "",
}


@pytest.mark.parametrize("words", LINES.values(), ids=LINES)
def test_program_runs_as_under_python(folder: Path, words: list[str]) -> None:
    assert _run(folder, "-m", "tracypy", *words) == _run(folder, *words)


@pytest.mark.parametrize("source", STDIN.values(), ids=STDIN)
def test_program_on_standard_input_runs_as_under_python(folder: Path, source: str) -> None:
    assert _run(folder, "-m", "tracypy", "-", "a", given=source) == _run(folder, "-", "a", given=source)


@pytest.mark.parametrize("flags", [["-P"], ["-I"], ["-O"], ["-Xutf8"], ["-Wdefault"]], ids=lambda flags: flags[0])
@pytest.mark.parametrize("words", [["show.py"], ["folder"], ["-c", SHOW]], ids=lambda words: words[0])
def test_flags_of_python_hold(folder: Path, flags: list[str], words: list[str]) -> None:
    assert _run(folder, *flags, "-m", "tracypy", *words) == _run(folder, *flags, *words)


def test_run_takes_a_script_with_the_name_of_a_command(folder: Path) -> None:
    (folder / "run").write_text("print('I am run')\n")
    assert _run(folder, "-m", "tracypy", "run", "run") == (0, "I am run\n", "")


def test_console_script_does_the_same(folder: Path) -> None:
    script = str(Path(sys.executable).with_name("tracypy"))
    assert _run(folder, "show.py", "a", program=script) == _run(folder, "show.py", "a")


@pytest.mark.parametrize("line", ["fail.py", "syntax.py", "code fails", "code with bad syntax", "module fails"])
def test_program_that_a_script_starts_ends_as_under_python(folder: Path, tmp_path: Path, line: str) -> None:
    """After a script, such as the one that is installed, the interpreter still uses its `__main__`, which we replaced."""
    script = tmp_path / "tracypy"
    script.write_text("import sys\nfrom tracypy.cli import main\nif __name__ == '__main__':\n    sys.exit(main())\n")
    assert _run(folder, str(script), *LINES[line], PYTHONMALLOC="debug") == _run(folder, *LINES[line])


def test_interrupted_program_dies_by_the_signal(folder: Path) -> None:
    (folder / "sleeps.py").write_text("import time\nprint('ready', flush=True)\nwhile True:\n    time.sleep(0.05)\n")
    command = [sys.executable, "-m", "tracypy", "sleeps.py"]
    with subprocess.Popen(command, cwd=folder, stdout=-1, stderr=-1, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGINT)
        _out, err = process.communicate(timeout=200)
    assert process.returncode == -signal.SIGINT
    assert err.splitlines()[-1] == "KeyboardInterrupt"
    assert re.findall('File "(.*)"', err) == [str(folder / "sleeps.py")]


def test_traceback_shows_no_frame_of_ours(folder: Path) -> None:
    _code, _out, err = _run(folder, "-m", "tracypy", "fail.py")
    assert "tracypy" not in err.replace(str(folder), "")
    assert "runpy" not in err
