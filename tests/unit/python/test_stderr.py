"""What is told on stderr, whatever a program has made of it."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pytest

from tracypy import stderr


class Raising:
    def write(self, text: str) -> None:
        raise RuntimeError

    isatty = write


class Text:
    """All that a program's own stderr may have."""

    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str) -> None:
        self.text += text


def test_lines_say_who_speaks(capsys: pytest.CaptureFixture[str]) -> None:
    stderr.say("it is so")
    assert capsys.readouterr().err == "tracypy: it is so\n"


@pytest.mark.parametrize(
    ("encoding", "expected"),
    [("utf-8", "1.50 µs, µ計"), ("latin-1", r"1.50 us, µ\u8a08"), ("ascii", r"1.50 us, \xb5\u8a08")],
)
def test_what_the_encoding_has_not_can_still_be_read(
    monkeypatch: pytest.MonkeyPatch, encoding: str, expected: str
) -> None:
    bytes_written = io.BytesIO()
    monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(bytes_written, encoding, errors="strict"))
    stderr.write("1.50 µs, µ計")
    assert bytes_written.getvalue().decode(encoding) == expected


def test_whatever_is_in_its_place_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    for other in (None, Raising(), 7):
        monkeypatch.setattr(sys, "stderr", other)
        stderr.say("nobody hears this")
        assert not stderr.is_terminal()
    text = Text()
    monkeypatch.setattr(sys, "stderr", text)
    stderr.say("somebody does")
    assert text.text == "tracypy: somebody does\n"


@pytest.mark.parametrize("redirection", ["2>&-", "2>/dev/full"])
def test_program_that_cannot_be_told_goes_on(tmp_path: Path, redirection: str) -> None:
    """No viewer can connect, since the port is taken; that is told on stderr."""
    (tmp_path / "program.py").write_text("""\
import os, socket
taken = socket.create_server(("127.0.0.1", 0))
os.environ["TRACY_PORT"] = str(taken.getsockname()[1])
import tracypy
tracypy.enable()
print("went on")
""")
    line = f'"{sys.executable}" program.py {redirection}'
    result = subprocess.run(
        ["bash", "-c", line], cwd=tmp_path, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
        check=False,
    )  # fmt: skip
    assert (result.returncode, result.stdout) == (0, "went on\n")
