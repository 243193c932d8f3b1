"""Recordings, captures and what is read: places where no file can be, or where another program is at work."""

from __future__ import annotations

import os
import socket
import sys
import textwrap
from pathlib import Path

import pytest

import tracypy

from support.command_line import mistake, tracypy_command
from support.recording_facts import calls_of, files_in
from support.target import running

needs_raw_names = pytest.mark.skipif(sys.platform != "linux", reason="names of files are text here")


def _pipe(path: Path) -> Path:
    os.mkfifo(path)
    return path


def _left_behind(folder: Path) -> Path:
    """The journal of a program that was killed, and the room that it had reserved."""
    source = """
        import os, tracypy
        def work(): pass
        tracypy.start_recording("killed.tracy")
        for _ in range(100): work()
        for _ in range(2):
            size = os.stat("killed.tracy.journal").st_size
            while os.stat("killed.tracy.journal").st_size == size: pass
        os._exit(0)
    """
    with running(folder, textwrap.dedent(source)) as target:
        assert target.finish()[0] == 0
    assert files_in(folder, "killed") == ["killed.tracy.journal", "killed.tracy.part"]
    return folder / "killed.tracy.journal"


def test_no_pipe_and_no_device_is_replaced_by_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = _left_behind(tmp_path)
    pipe = _pipe(tmp_path / "out.tracy")
    with pytest.raises(FileExistsError, match="is a device or a pipe"):
        tracypy.start_recording(pipe, overwrite=True)
    with pytest.raises(FileExistsError, match="is a device or a pipe"):
        tracypy.recover(journal, pipe, overwrite=True)
    with pytest.raises(FileExistsError, match="is a device or a pipe"):
        tracypy.capture(pipe, overwrite=True, connect_timeout=0)
    with socket.socket(socket.AF_UNIX) as listener:
        monkeypatch.chdir(tmp_path)  # its name must be short
        listener.bind("socket")
        assert "is a device or a pipe" in mistake(
            tracypy_command("record", "-f", "-o", "socket", "-c", "0", cwd=tmp_path)
        )
    assert pipe.is_fifo()
    assert (tmp_path / "socket").is_socket()
    assert journal.exists()


def test_pipe_in_the_place_of_a_file_is_waited_for_by_nobody(tmp_path: Path) -> None:
    _pipe(tmp_path / "out.tracy.journal")
    with pytest.raises(FileExistsError, match="was left behind"):
        tracypy.start_recording(tmp_path / "out.tracy")
    with pytest.raises(OSError, match="is a pipe or a device, not a file"):
        tracypy.recover(tmp_path / "out.tracy.journal")
    with pytest.raises(OSError, match="is a pipe or a device, not a file"):
        tracypy.open(tmp_path / "out.tracy.journal")
    assert "is a pipe or a device, not a file" in mistake(tracypy_command("report", tmp_path / "out.tracy.journal"))
    assert files_in(tmp_path) == ["out.tracy.journal"]
    _pipe(tmp_path / "new.tracy.part")
    with tracypy.record(tmp_path / "new.tracy"):
        pass
    assert files_in(tmp_path, "new") == ["new.tracy"]


def test_recovering_elsewhere_leaves_nothing_behind(tmp_path: Path) -> None:
    tracypy.recover(_left_behind(tmp_path), tmp_path / "other.tracy")
    assert calls_of(tmp_path / "other.tracy")["work"] == 100
    assert files_in(tmp_path, "killed") == []


def test_journal_that_is_damaged_before_its_end_is_kept(tmp_path: Path) -> None:
    source = """
        import os, tracypy
        def work(number):
            with tracypy.zone("numbered") as zone:
                zone.text(str(number * 2654435761 % 2**32))
        tracypy.start_recording("out.tracy")
        number = 0
        while os.stat("out.tracy.journal").st_size < 2_000_000:
            number += 1
            work(number)
        os._exit(0)
    """
    with running(tmp_path, source) as target:
        assert target.finish(60)[0] == 0
    journal = tmp_path / "out.tracy.journal"
    content = bytearray(journal.read_bytes())
    content[len(content) // 2] ^= 0xFF
    journal.write_bytes(content)
    result = tracypy_command("recover", journal, cwd=tmp_path)
    assert result.returncode == 0
    assert "out.tracy.journal is damaged: " in result.stderr
    assert "it is kept" in result.stderr
    assert journal.read_bytes() == content
    assert tracypy.open(tmp_path / "out.tracy").zone_count > 0


def test_a_file_that_is_being_made_is_left_to_its_maker(tmp_path: Path) -> None:
    journal = _left_behind(tmp_path)
    out = tmp_path / "out.tracy"
    with tracypy.record(out):
        with pytest.raises(FileExistsError, match="is being written just now"):
            tracypy.recover(journal, out, overwrite=True)
        with pytest.raises(FileExistsError, match="is being written just now"):
            tracypy.capture(out, overwrite=True, connect_timeout=0)
        tracypy.frame_mark("after")
    assert "after" in [frames.name for frames in tracypy.open(out).frames]
    assert files_in(tmp_path, "killed") == ["killed.tracy.journal", "killed.tracy.part"]


@needs_raw_names
@pytest.mark.parametrize("words", [["record", "-o", "out.tracy"], ["run"]], ids=["record", "run"])
def test_script_may_have_a_name_that_is_no_text(tmp_path: Path, words: list[str]) -> None:
    name = os.fsdecode(b"scr\xff.py")
    (tmp_path / name).write_text("def work(): print('done')\nwork()\n")
    result = tracypy_command(*words, name, cwd=tmp_path, TRACY_PORT="0")
    assert (result.returncode, result.stdout) == (0, "done\n"), result.stderr
    if words[0] == "record":
        assert tracypy.open(tmp_path / "out.tracy").info.program == "scr\\udcff.py"
        assert calls_of(tmp_path / "out.tracy")["work"] == 1


def test_journal_is_its_programs_own_until_the_trace_is_made(tmp_path: Path) -> None:
    source = """
        import tracypy
        def fib(n):
            return n if n < 2 else fib(n - 1) + fib(n - 2)
        tracypy.start_recording("out.tracy", max_size=2_000_000)
        while tracypy.is_recording():
            fib(12)
        try:
            tracypy.recover("out.tracy.journal", "other.tracy")
        except (tracypy.RecordingError, FileNotFoundError):  # it is being made, or has been
            print("refused")
        print(tracypy.stop_recording().ended_by)
    """
    with running(tmp_path, source) as target:
        code, out, _err = target.finish(60)
    assert (code, out) == (0, "refused\nmax_size\n")
    assert files_in(tmp_path) == ["out.tracy"]
    assert files_in(tmp_path, "other") == []


def test_descriptors_that_the_program_has_closed_are_its_own(tmp_path: Path) -> None:
    """A daemon closes all there are; what it opens then has the numbers of the recording's files."""
    source = """
        import os, tracypy
        def work(): pass
        tracypy.start_recording("out.tracy")
        work()
        for _ in range(2):
            size = os.stat("out.tracy.journal").st_size
            while os.stat("out.tracy.journal").st_size == size: work()
        os.closerange(3, 256)
        files = [open(f"{number}.log", "w") for number in range(8)]
        while tracypy.is_recording(): work()
        try:
            tracypy.stop_recording()
        except tracypy.RecordingError as problem:
            assert "tracypy recover" in str(problem)
        for file in files:
            print("all that is in it", file=file, flush=True)
        print(*{os.path.getsize(file.name) for file in files})
    """
    with running(tmp_path, source) as target:
        code, out, err = target.finish(60)
    assert (code, out) == (0, "18\n")
    assert "out.tracy.journal was closed by the program" in err
    assert tracypy.recover(tmp_path / "out.tracy").ended_by == "killed"
    assert calls_of(tmp_path / "out.tracy")["work"] > 0


@needs_raw_names
def test_name_of_a_recording_may_be_no_text(tmp_path: Path) -> None:
    name = os.fsdecode(b"out\xff.tracy")
    with tracypy.record(tmp_path / name) as recording:
        pass
    assert recording.summary is not None
    assert recording.summary.path == str(tmp_path / name)
    assert tracypy_command("report", name, cwd=tmp_path).returncode == 0
    assert files_in(tmp_path, "out") == [name]


def test_folder_that_is_gone_is_one_line(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (tmp_path / "script.py").write_text("print('done')")
    source = f"""
        import os, subprocess, sys
        os.chdir({str(folder)!r})
        os.rmdir({str(folder)!r})
        for words in (
            ["record", {str(tmp_path / "script.py")!r}],
            ["record", "-o", "out.tracy", {str(tmp_path / "script.py")!r}],
            ["record", "-o", {str(tmp_path / "out.tracy")!r}, "-c", "0"],
            ["record", "-o", {str(tmp_path / "out.tracy")!r}, {str(tmp_path / "script.py")!r}],
        ):
            done = subprocess.run([sys.executable, "-m", "tracypy", *words], capture_output=True, text=True)
            print(done.returncode, done.stderr.splitlines()[0])
    """
    with running(tmp_path, source) as target:
        code, out, err = target.finish(60)
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[:3] == ["2 tracypy: there is no current folder any more: No such file or directory"] * 3
    assert lines[3].startswith("0 tracypy: ")
    assert files_in(tmp_path) == ["out.tracy"]


@pytest.mark.parametrize("stderr", ["None", "open(os.devnull, 'w')"], ids=["none", "closed"])
def test_port_that_is_taken_breaks_no_program_without_stderr(tmp_path: Path, stderr: str) -> None:
    source = f"""
        import os, socket, sys
        taken = socket.socket()
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        os.environ["TRACY_PORT"] = str(taken.getsockname()[1])
        sys.stderr = {stderr}
        getattr(sys.stderr, "close", bool)()
        import tracypy
        tracypy.enable()
        with tracypy.zone("a"):
            print("done")
        tracypy.disable()
    """
    with running(tmp_path, source) as target:
        code, out, err = target.finish()
    assert (code, out) == (0, "done\n")
    assert all(line.startswith("tracypy: no viewer can connect: ") for line in err.splitlines())


@needs_raw_names
def test_error_about_a_name_that_is_no_text(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="cannot open"):
        tracypy.open(tmp_path / os.fsdecode(b"no\xff.tracy"))
