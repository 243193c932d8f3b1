"""The pages of `docs/questions`: their commands run as they stand there, and say what is shown below them."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import tracypy
from tracypy.trace import Trace

from support.recorded_program import clean_environment
from support.recording_facts import calls_of
from support.snippets import ROOT, snippets

PAGES = ("slow-server", "slow-test", "two-versions", "container")
#: What a command ends with, if its comment does not say otherwise.
EXIT_CODE = re.compile(r"# exit code (\d+)")


def runs_of(page: str) -> list[tuple[str, list[str]]]:
    """The commands that a page shows, each with the lines below it."""
    found: list[tuple[str, list[str]]] = []
    for part in snippets(f"docs/questions/{page}.md", "console"):
        for line in part.text.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], []))
            else:
                found[-1][1].append(line)
    return found


def words(lines: list[str]) -> set[str]:
    """What must be the same in every run: names, but no numbers and units."""
    return set(re.findall(r"[A-Za-z_]{4,}", " ".join(lines)))


@pytest.mark.parametrize("page", PAGES)
def test_commands_say_what_the_page_shows(tmp_path: Path, page: str) -> None:
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    (tmp_path / "traces").mkdir()
    environment = clean_environment() | {"COLUMNS": "200", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONWARNINGS": "ignore"}
    commands = runs_of(page)
    assert commands
    for command, shown in commands:
        name, *rest = shlex.split(command, comments=True)
        result = subprocess.run(
            [sys.executable, "-m", name, *rest, *(["-p", "no:cacheprovider"] if name == "pytest" else [])],
            cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=200, check=False,
        )  # fmt: skip
        expected = EXIT_CODE.search(command)
        assert result.returncode == (int(expected[1]) if expected else 0), result.stdout + result.stderr
        assert words(shown) <= words([result.stdout, result.stderr]), (command, result.stdout, result.stderr)
    facts = FACTS.get(page)
    if facts is not None:
        facts(tmp_path)


def spans(trace: Trace, name: str) -> list[tuple[str, int, int]]:
    """The calls of a function: row, begin and end."""
    return [
        (row.name, zone.start_ns, zone.end_ns)
        for row in trace.threads
        for zone in row.iter_zones()
        if trace.source_locations[zone.location].label == name
    ]


def has_blocked_answers(folder: Path) -> None:
    slow, mended = (tracypy.open(folder / name) for name in ("slow.tracy", "mended.tracy"))
    checks = spans(slow, "check_password")
    assert {row for row, *_ in checks} == {"answer"}  # a task of the loop
    for _, begin, end in checks:
        # Whoever is answered meanwhile does not run.
        assert not [zone for zone in spans(slow, "greet") if begin < zone[1] < end]
    assert {row.partition("_")[0] for row, *_ in spans(mended, "check_password")} == {"asyncio"}  # a thread


def has_waited(folder: Path) -> None:
    assert calls_of(folder / "traces/job.tracy")["wait_for_shop"] == 20


FACTS = {"slow-server": has_blocked_answers, "container": has_waited}

CONTAINER = """
mount --bind traces traces || exit 77
for place in $(cut -d' ' -f2 /proc/mounts | sort -r); do mount -o remount,bind,ro $place 2>/dev/null; done
mount -o remount,bind,rw traces && ! touch /tmp/writable 2>/dev/null || exit 77
exec "$@"
"""


def in_container(folder: Path, *, orders: int) -> subprocess.Popen[str]:
    """The first process of what is like a container, with a read-only root: the job, recorded to traces/job.tracy."""
    (folder / "traces").mkdir()
    command = [
        sys.executable,
        "-m",
        "tracypy",
        "record",
        "-o",
        "traces/job.tracy",
        str(ROOT / "examples/container_job.py"),
    ]
    unshare = ["unshare", "-m", "-p", "-f", "--kill-child"]
    return subprocess.Popen(
        [*unshare, "sh", "-c", CONTAINER, "sh", *command],
        cwd=folder, env=clean_environment() | {"ORDERS": str(orders)}, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def test_job_in_a_container_is_recorded_to_the_folder_that_stays(tmp_path: Path) -> None:
    with in_container(tmp_path, orders=20) as job:
        out, _ = job.communicate(timeout=200)
    if job.returncode == 77 or "orders" not in out:
        pytest.skip("this user makes no namespaces")
    assert os.listdir(tmp_path / "traces") == ["job.tracy"]
    assert calls_of(tmp_path / "traces/job.tracy")["wait_for_shop"] == 20


def test_job_of_a_container_that_was_killed_is_recovered(tmp_path: Path) -> None:
    with in_container(tmp_path, orders=1_000_000) as job:
        journal = tmp_path / "traces/job.tracy.journal"
        while job.poll() is None and not (journal.exists() and journal.stat().st_size > 10_000):
            pass
        job.send_signal(signal.SIGKILL)  # and with it all that is inside
    if not journal.exists():
        pytest.skip("this user makes no namespaces")
    words = [sys.executable, "-m", "tracypy", "recover", "traces/job.tracy.journal"]
    subprocess.run(words, cwd=tmp_path, env=clean_environment(), check=True, timeout=200, capture_output=True)
    assert calls_of(tmp_path / "traces/job.tracy")["wait_for_shop"] > 1
