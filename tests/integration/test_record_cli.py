"""`tracypy record` and `tracypy recover`: the program as ever, its recording, and a summary on stderr."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import tracypy

from support.command_line import tracypy_command
from support.recording_facts import calls_of, facts_of_recording, files_in, tree_of

PROGRAMS = {
    "plain.py": """
        import sys
        def work(): print("out"); print("err", file=sys.stderr)
        work()
        """,
    "fails.py": """
        def fail(n):
            if n == 0: raise ValueError("no")
            fail(n - 1)
        fail(5)
        """,
    "exits.py": """
        import sys
        def leave(): sys.exit(7)
        leave()
        """,
    "exits_with_text.py": "import sys\nsys.exit('a text')\n",
    "interrupted.py": """
        import os, signal, time
        def wait():
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(60)
        wait()
        """,
    "handlers.py": """
        import atexit
        def at_exit(): print("at exit")
        atexit.register(at_exit)
        """,
    "thread.py": """
        import threading
        def late():
            threading.main_thread().join()
            work()
        def work(): print("late")
        threading.Thread(target=late).start()
        """,
    "excepthook.py": """
        import sys
        sys.excepthook = lambda *_: print("my hook")
        1 / 0
        """,
    "arguments.py": "import sys\nprint(sys.argv, sys.path[0], __name__, sorted(globals()))\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in PROGRAMS.items():
        (tmp_path / name).write_text(textwrap.dedent(text))
    return tmp_path


def python(folder: Path, *words: str, **options: object) -> tuple[int, str, str]:
    result = subprocess.run(
        [sys.executable, *words],
        cwd=folder,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUTF8": "1", **options.pop("environment", {})},  # type: ignore[dict-item]
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
        **options,  # type: ignore[call-overload]
    )
    return result.returncode, result.stdout, result.stderr


def record(folder: Path, *words: str, **options: object) -> tuple[int, str, str]:
    return python(folder, "-m", "tracypy", "record", *words, **options)


#: The program's own end of what is on stderr; then the summary.
SUMMARY = re.compile(
    r"(.*?)tracypy: (?P<span>[\d.,]+ (?:s|ms|µs)), (?P<zones>[\d,]+) zones?, (?P<threads>\d+) threads?"
    r"(?:, (?P<frames>\d+) frames?)?(?:, \d+ messages?)?: [\d.,]+ (?:bytes|kB|MB) in (?P<path>.*?)\n"
    r"(?P<remarks>.*?)\n *self time +total time +calls +function +place\n(?P<table>.*)\n"
    r"Open it:  tracy-profiler (?P<open>.*?)\nMore:     tracypy view (?P<view>.*?), tracypy report (?P<report>.*?)\n",
    re.DOTALL,
)


def parts(err: str) -> tuple[str, re.Match[str]]:
    """The program's part of stderr, and the summary."""
    found = SUMMARY.fullmatch(err)
    assert found, err
    return found[1], found


@pytest.mark.parametrize(
    "words",
    [*([name, "x", "-f", "--", "-o"] for name in PROGRAMS), ["-m", "plain", "y"], ["-c", "print(1)\n1/0", "z"]],
    ids=lambda words: " ".join(words[:2]),
)
def test_program_runs_as_under_python(folder: Path, words: list[str]) -> None:
    code, out, err = record(folder, "-o", "out.tracy", *words)
    expected_code, expected_out, expected_err = python(folder, *words)
    own, summary = parts(err)
    assert (code, out, own) == (expected_code, expected_out, expected_err)
    assert int(summary["zones"].replace(",", "")) == tracypy.open(folder / "out.tracy").zone_count
    assert files_in(folder) == ["out.tracy"]


def chain(name: str, length: int) -> tuple[str, tuple[object, ...]]:
    return (name, (chain(name, length - 1),) if length > 1 else ())


@pytest.mark.parametrize(
    ("name", "expected"),
    [("fails.py", chain("fail", 6)), ("exits.py", chain("leave", 1)), ("interrupted.py", chain("wait", 1))],
    ids=["exception", "sys.exit", "Ctrl-C"],
)
def test_recording_is_complete_however_the_program_ends(folder: Path, name: str, expected: tuple[str, object]) -> None:
    record(folder, "-o", "out.tracy", name)
    assert tree_of(folder / "out.tracy", expected[0]) == expected


def test_exit_handlers_and_late_threads_are_recorded(folder: Path) -> None:
    record(folder, "-o", "a.tracy", "handlers.py")
    assert calls_of(folder / "a.tracy")["at_exit"] == 1
    record(folder, "-o", "b.tracy", "thread.py")
    assert calls_of(folder / "b.tracy")["work"] == 1


def test_program_that_uses_a_profiler_of_its_own_is_recorded(folder: Path) -> None:
    (folder / "profiles.py").write_text(
        "import cProfile\ndef work(): pass\nprofile = cProfile.Profile()\nprofile.runcall(work)\nwork()\n"
        "print([entry.callcount for entry in profile.getstats() if entry.code is work.__code__])\n"
    )
    code, out, _err = record(folder, "-o", "out.tracy", "profiles.py")
    assert (code, out) == (0, "[1]\n")
    assert calls_of(folder / "out.tracy")["work"] == 2


def test_summary_names_the_functions_with_the_most_self_time(folder: Path) -> None:
    (folder / "many.py").write_text(
        textwrap.dedent("""
        import time
        def fast(): pass
        def slow(): time.sleep(0.4)  # more than others may have to wait
        def caller(): slow(); fast()
        for _ in range(3): caller()
        """)
    )
    _code, _out, err = record(folder, "-o", "out.tracy", "--only-user-code", "--no-gc", "many.py")
    own, summary = parts(err)
    assert (own, summary["remarks"], summary["zones"], summary["threads"]) == ("", "", "10", "1")
    rows = [line.split() for line in summary["table"].splitlines()]
    assert [row[-3:] for row in rows[:1]] == [["3", "slow", "many.py:4"]]
    assert {row[-2] for row in rows} == {"slow", "fast", "caller", "<module>"}
    assert summary["path"] == summary["open"] == summary["report"] == "out.tracy"


def test_summary_names_the_file_as_seen_from_where_the_command_was_typed(folder: Path) -> None:
    _code, _out, err = record(folder, "-o", "out.tracy", "-c", "import os; os.chdir('/')")
    _own, summary = parts(err)
    assert summary["path"] == summary["open"] == summary["report"] == "out.tracy"


@pytest.mark.parametrize(
    "program",
    [
        "import sys; sys.stderr.close()",
        "import sys; sys.stderr = None",
        "import os; os.close(2)",
        "import sys, os; sys.stderr = open(os.devnull); sys.stdout = None",
        "import sys; sys.stderr = object()",
        "import sys; sys.path.clear(); sys.modules.clear()",
        "import sys; sys.path[:] = ['nowhere']; sys.modules['rich'] = sys.modules['json'] = None",
    ],
)
def test_summary_is_no_trouble_for_a_program_that_breaks_things(folder: Path, program: str) -> None:
    code, out, _err = record(folder, "-o", "out.tracy", "-c", program)
    assert (code, out) == (python(folder, "-c", program)[0], "")
    assert files_in(folder) == ["out.tracy"]


def test_summary_does_not_take_the_programs_modules_for_its_own(folder: Path) -> None:
    for name in ("rich", "click", "dataclasses", "contextlib", "typing"):
        (folder / f"{name}.py").write_text(f"print('the program has its own {name}')\n")
    (folder / "own.py").write_text("import rich\nrich.__spec__\n")
    code, out, err = record(folder, "-o", "out.tracy", "own.py")
    own, _summary = parts(err)
    assert (code, out, own) == (0, "the program has its own rich\n", "")


def test_default_name_is_the_programs_and_the_time(folder: Path) -> None:
    for words in (["plain.py"], ["-m", "plain"], ["-c", "pass"]):
        code, _out, err = record(folder, *words)
        assert code == 0, err
    names = sorted(path.name for path in folder.glob("*.tracy"))
    assert [re.sub(r"\d{8}-\d{6}(-2)?", "TIME", name) for name in names] == [
        "plain-TIME.tracy",
        "plain-TIME.tracy",
        "python-c-TIME.tracy",
    ]


def test_nothing_is_overwritten_without_f(folder: Path) -> None:
    path = folder / "out.tracy"
    path.write_bytes(b"precious")
    code, out, err = record(folder, "-o", "out.tracy", "plain.py")
    assert (code, out) == (2, "")
    assert err.startswith("tracypy: cannot record: ")
    assert "out.tracy exists already" in err
    assert err.count("\n") == 1
    assert path.read_bytes() == b"precious"
    assert record(folder, "-f", "-o", "out.tracy", "plain.py")[0] == 0
    assert calls_of(path)["work"] == 1


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["-o", "no/such/folder/out.tracy", "plain.py"], "No such file or directory"),
        (["-o", ".", "plain.py"], "is a folder"),
        (["-f", "-o", "./plain.py", "plain.py"], "./plain.py is the program itself"),
        (["-o", "out.tracy", "missing.py"], "cannot open 'missing.py'"),
        (["--seconds", "0", "plain.py"], "--seconds"),
        (["--max-size", "big", "plain.py"], "--max-size: 'big' is not a size, such as 500MB or 2GiB"),
        (["-o", "out.tracy"], "nothing to run: "),
        (["--max-depth", "0", "plain.py"], "--max-depth"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_mistake_is_one_line_and_exit_code_2(folder: Path, words: list[str], text: str) -> None:
    code, out, err = record(folder, *words)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert text in err
    assert not list(folder.glob("*.tracy*"))


def test_limit_ends_the_recording_in_mid_program(folder: Path) -> None:
    (folder / "long.py").write_text(
        textwrap.dedent("""
        import os, tracypy
        def work(): pass
        while not os.path.exists("out.tracy"):
            work()
        with tracypy.zone("after"): pass
        assert not tracypy.is_listening()
        print("to its end")
        """)
    )
    code, out, err = record(folder, "-o", "out.tracy", "--seconds", "1.5", "--only-user-code", "long.py")
    assert (code, out) == (0, "to its end\n")
    own, summary = parts(err)
    assert own.startswith("tracypy: the recording has reached its limit of 1.5 seconds")
    assert "ended early" in summary["remarks"]
    calls = calls_of(folder / "out.tracy")
    assert set(calls) == {"<module>", "work"}


def test_recording_without_a_call_says_so(folder: Path) -> None:
    code, _out, err = record(folder, "-o", "out.tracy", "--include", "nothing.at.all", "plain.py")
    assert code == 0
    assert "\nNo call was recorded.\n\nOpen it:  tracy-profiler out.tracy\n" in err
    assert "self time" not in err


def test_settings_of_the_project_apply(folder: Path) -> None:
    (folder / "pyproject.toml").write_text("[tool.tracypy]\nexclude = ['*/plain.py']\n")
    record(folder, "-o", "out.tracy", "plain.py")
    assert "work" not in calls_of(folder / "out.tracy")


def test_program_is_told_that_it_is_recorded_already(folder: Path) -> None:
    program = "import tracypy\ntry:\n  tracypy.start_recording('x.tracy')\nexcept tracypy.RecordingError as e: print(e)"
    code, out, _err = record(folder, "-o", "out.tracy", "-c", program)
    assert code == 0
    assert "out.tracy is being recorded already" in out
    assert files_in(folder, "x.tracy") == []


@pytest.fixture
def journal(folder: Path) -> Path:
    """What is left of a program that was killed."""
    (folder / "killed.py").write_text(
        textwrap.dedent("""
        import os, signal, tracypy
        def work(): pass
        tracypy.start_recording("out.tracy")
        for _ in range(1000): work()
        # Whatever grows twice has been written out once since.
        for _ in range(2):
            size = os.stat("out.tracy.journal").st_size
            while os.stat("out.tracy.journal").st_size == size: pass
        os.kill(os.getpid(), signal.SIGKILL)
        """)
    )
    code, _out, err = python(folder, "killed.py")
    assert (code, err) == (-signal.SIGKILL, "")
    assert files_in(folder) == ["out.tracy.journal", "out.tracy.part"]
    return folder / "out.tracy.journal"


def recover(folder: Path, *words: str) -> tuple[int, str, str]:
    return python(folder, "-m", "tracypy", "recover", *words)


@pytest.mark.parametrize("words", [["out.tracy.journal"], ["out.tracy"], ["out.tracy.journal", "-o", "other.tracy"]])
def test_recover_makes_the_trace_of_a_killed_program(folder: Path, journal: Path, words: list[str]) -> None:
    code, out, err = recover(folder, *words)
    assert (code, out) == (0, "")
    _own, summary = parts(err)
    name = words[-1] if "-o" in words else "out.tracy"
    assert summary["path"] == name
    assert "did not come to its end" in summary["remarks"]
    assert calls_of(folder / name)["work"] == 1000
    assert not journal.exists()


def test_leftover_journal_is_named_and_kept(folder: Path, journal: Path) -> None:
    before = journal.read_bytes()
    code, out, err = record(folder, "-o", "out.tracy", "plain.py")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert f"`tracypy recover {journal}`" in err
    assert journal.read_bytes() == before
    code, _out, err = record(folder, "-f", "-o", "out.tracy", "plain.py")
    assert code == 0, err
    assert calls_of(folder / "out.tracy")["work"] == 1
    assert files_in(folder) == ["out.tracy"]


def test_hint_can_be_typed_whatever_the_file_is_called(tmp_path: Path) -> None:
    folder = tmp_path / "it's a folder"
    folder.mkdir()
    killed = """
import os, signal, tracypy
tracypy.start_recording("my out.tracy")
while not os.stat("my out.tracy.journal").st_size: pass
os.kill(os.getpid(), signal.SIGKILL)
"""
    assert python(folder, "-c", killed)[0] == -signal.SIGKILL
    _code, _out, err = record(folder, "-o", "my out.tracy", "-c", "pass")
    (hint,) = re.findall("`tracypy (recover .*?)`", err)
    subprocess.run(["bash", "-c", f'"$0" -m tracypy {hint}', sys.executable], cwd=tmp_path, check=True)
    assert files_in(folder, "my") == ["my out.tracy"]


def test_recover_overwrites_nothing_without_f(folder: Path, journal: Path) -> None:
    (folder / "out.tracy").write_bytes(b"precious")
    code, _out, err = recover(folder, str(journal))
    assert (code, err.count("\n")) == (2, 1)
    assert "exists already" in err
    assert (folder / "out.tracy").read_bytes() == b"precious"
    assert recover(folder, "-f", str(journal))[0] == 0
    assert calls_of(folder / "out.tracy")["work"] == 1000


def test_recover_of_something_else_is_one_line(folder: Path, journal: Path) -> None:
    head = journal.read_bytes()
    (folder / "empty.journal").write_bytes(b"")
    (folder / "foreign.journal").write_bytes(os.urandom(10_000))
    (folder / "cut.journal").write_bytes(head[:20])
    assert record(folder, "-o", "trace.journal", "plain.py")[0] == 0
    for name in ("empty", "foreign", "cut", "trace", "missing"):
        code, out, err = recover(folder, f"{name}.journal")
        assert (code, out, err.count("\n")) == (2, "", 1), err
        assert f"{name}.journal" in err
        assert files_in(folder, f"{name}") == ([] if name == "missing" else [f"{name}.journal"])
    code, _out, err = recover(folder, str(journal), "-o", str(folder))
    assert (code, err.count("\n")) == (2, 1)
    code, _out, err = recover(folder, "plain.py")
    assert (code, err.count("\n")) == (2, 1)
    assert err.startswith(f"tracypy: {folder / 'plain.py'} is not named like a journal (OUT.tracy.journal)")


@pytest.mark.parametrize("share", [0.3, 0.6, 0.99])
def test_recover_takes_what_is_whole_of_a_cut_journal(folder: Path, journal: Path, share: float) -> None:
    content = journal.read_bytes()
    journal.write_bytes(content[: int(len(content) * share)])
    assert recover(folder, str(journal))[0] == 0
    assert 0 <= calls_of(folder / "out.tracy")["work"] <= 1000


def test_recover_leaves_a_running_recording_alone(tmp_path: Path) -> None:
    with (
        tracypy.record(tmp_path / "out.tracy") as recording,
        pytest.raises(tracypy.RecordingError, match="is being written by a program that runs"),
    ):
        tracypy.recover(tmp_path / "out.tracy.journal")
    assert recording.summary is not None
    assert facts_of_recording(tmp_path / "out.tracy")


def test_help_says_what_there_is(folder: Path) -> None:
    code, out, _err = record(folder, "--help")
    assert code == 0
    for word in ("--output", "--force", "--seconds", "--max-size", "--include", "--only-user-code", "recover"):
        assert word in out
    assert "record " in python(folder, "-m", "tracypy", "--help")[1]


def test_says_which_viewers_open_a_file_that_older_ones_refuse(folder: Path) -> None:
    for severity in ("info", "warning"):
        (folder / f"{severity}.py").write_text(f"import tracypy\ntracypy.message('said', severity='{severity}')\n")
    told = {name: record(folder, "-o", f"{name}.tracy", f"{name}.py")[2] for name in ("info", "warning")}
    assert "opens in viewers" not in told["info"]
    assert "It opens in viewers from Tracy 0.14.0 on: the files of older ones have no room for" in told["warning"]


def test_says_so_of_sections_too(folder: Path) -> None:
    (folder / "parts.py").write_text("import tracypy\nwith tracypy.section('loading'): pass\n")
    told = record(folder, "-o", "parts.tracy", "parts.py")[2]
    assert "It opens in viewers from Tracy 0.14.0 on: the files of older ones have no room for sections." in told


def test_imports_and_waiting_are_said_apart(tmp_path: Path) -> None:
    """The table is about the program's own work, whatever else took longer."""
    (tmp_path / "mine.py").write_text(
        "import fractions\n\ndef only_while_imported(): return [n for n in range(50_000)]\n\nonly_while_imported()\n"
    )
    (tmp_path / "program.py").write_text(
        "import threading\n"
        "def work(): return sum(number * number for number in range(20_000))\n"
        "def waits():\n"
        "    done = threading.Event()\n"
        "    threading.Timer(0.2, done.set).start()\n"
        "    done.wait()\n"
        "work()\n"
        "import mine\n"
        "waits()\n"
    )
    result = tracypy_command("record", "-o", "out.tracy", "program.py", cwd=tmp_path)
    assert result.returncode == 0
    table, _, rest = result.stderr.partition("Imports:")
    assert "work" in table.splitlines()[3] + table.splitlines()[4]
    assert "only_while_imported" not in table
    assert "importlib" not in table
    assert "Condition.wait" not in table
    imports, waiting, *_ = rest.splitlines()
    assert re.fullmatch(r" +[\d.]+ (ms|s) for \d+ modules", imports)
    assert re.fullmatch(r"Waiting: +[\d.]+ (ms|s) in (Condition|Event)\.wait\b.*", waiting)
    # What was recorded is whole.
    names = {row.name for row in tracypy.open(tmp_path / "out.tracy").functions()}
    assert {"only_while_imported", "import mine", "work"} <= names
