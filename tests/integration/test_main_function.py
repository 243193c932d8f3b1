"""`tracypy.__main__.main`: the command line, called from Python."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import tracypy
from tracypy.__main__ import main


def test_it_records_a_program_and_reports_on_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("script.py").write_text("import sys\ndef work(): pass\nwork()\nsys.exit(len(sys.argv))\n")
    before = list(sys.argv), list(sys.path), sys.modules["__main__"]
    assert main(("record", "-o", "out.tracy", "script.py", "one", "two")) == 3
    assert {row.name for row in tracypy.open("out.tracy").functions()} == {"<module>", "work"}
    assert main(["report", "out.tracy"]) == 0
    assert "work" in capsys.readouterr().out
    assert (sys.argv, sys.path, sys.modules["__main__"]) == before


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--version"], 0),
        ([], 0),
        (["report", "no-such-file.tracy"], 2),
        (["report", "--no-such-option"], 2),
        (["no-such-file.py"], 2),
    ],
)
def test_exit_codes_and_words_are_those_of_the_command(tmp_path: Path, words: list[str], code: int) -> None:
    wrapper = "from tracypy.__main__ import main\nraise SystemExit(main())\n"
    (tmp_path / "wrapper.py").write_text(wrapper)
    ways = [
        subprocess.run([sys.executable, *way, *words], cwd=tmp_path, capture_output=True, text=True, timeout=100)
        for way in (["wrapper.py"], ["-m", "tracypy"])
    ]
    ours, theirs = [(way.returncode, way.stdout, way.stderr) for way in ways]
    assert ours == theirs
    assert ours[0] == code
    assert bool(ours[2]) == bool(code)


def test_a_program_that_a_signal_ends(tmp_path: Path) -> None:
    (tmp_path / "ends.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n")
    assert main([str(tmp_path / "ends.py")]) == 128 + 9
