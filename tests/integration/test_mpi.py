"""`mpirun -n 4 tracypy record script.py`, and ranks that record themselves: one trace, a row for each of them."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

import tracypy
from tracypy.ranks import own_rank

from support.clusters import BIN, NOW, clocks_differ_by, elsewhere, mpirun, needs, zones_by_row

pytestmark = [needs("mpi4py"), pytest.mark.skipif(not (BIN / "mpirun").exists(), reason="there is no mpirun")]

HERE = os.uname().nodename
RECORD = [str(BIN / "tracypy"), "record", "--no-gc", "--only-user-code"]
WORK = """
from mpi4py import MPI
world = MPI.COMM_WORLD

def work():
    pass

def do(calls):
    for _ in range(calls):
        work()
"""
#: As many calls as ten times the number of ranks up to this one.
PROGRAM = f"{WORK}\ndo(10 * (world.rank + 1))\nworld.Barrier()\n"


def write(folder: Path, program: str) -> None:
    (folder / "p.py").write_text(program)


def test_ranks_are_one_trace(tmp_path: Path) -> None:
    write(tmp_path, PROGRAM)
    _, said = mpirun(tmp_path, "-n", "4", *RECORD, "-o", "out.tracy", "p.py")
    zones = zones_by_row(tmp_path / "out.tracy")
    for rank in range(4):
        assert zones[f"rank {rank} on {HERE}", "work"] == 10 * (rank + 1)
        assert zones[f"rank {rank} on {HERE}", "do"] == 1
    # Some versions of mpi4py execute texts, on some interpreters: each is a "<module>", too.
    assert set(zones) == {(f"rank {rank} on {HERE}", name) for rank in range(4) for name in ("work", "do", "<module>")}
    assert f"{zones.total()} zones of 4 ranks" in said
    assert said.count("tracypy:") == 1  # the others say nothing
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.tracy", "p.py"]


def test_the_example(tmp_path: Path) -> None:
    example = Path(__file__).parents[2] / "examples" / "mpi_ranks.py"
    said, _ = mpirun(tmp_path, "-n", "3", *RECORD, "-o", "out.tracy", str(example))
    assert said == "333328333350000 by 3 ranks\n"
    zones = zones_by_row(tmp_path / "out.tracy")
    assert [zones[f"rank {rank} on {HERE}", "squares"] for rank in range(3)] == [1, 1, 1]


def test_without_a_name_the_ranks_agree_on_one(tmp_path: Path) -> None:
    write(tmp_path, PROGRAM)
    mpirun(tmp_path, "-n", "2", *RECORD, "p.py")
    (path,) = tmp_path.glob("*.tracy")
    assert re.fullmatch(r"p-\d{8}-[0-9a-f]{8}\.tracy", path.name)
    assert zones_by_row(path)[f"rank 1 on {HERE}", "work"] == 20


def test_ranks_without_mpi_and_their_children(tmp_path: Path) -> None:
    write(
        tmp_path,
        "import subprocess, sys\ndef work(): pass\nwork()\n"
        "if len(sys.argv) == 1: subprocess.run([sys.executable, 'p.py', 'child'], check=True)\n",
    )
    mpirun(tmp_path, "-n", "2", *RECORD, "-o", "out.tracy", "p.py")
    names = [thread.name for thread in tracypy.open(tmp_path / "out.tracy").threads]
    assert [re.sub(r"\d{2,}", "N", name) for name in names] == [
        f"rank {rank} on {HERE} (N): {row}" for rank in range(2) for row in ("Main thread", "p.py (N): Main thread")
    ]


def test_one_that_is_killed_leaves_its_part(tmp_path: Path) -> None:
    write(
        tmp_path,
        f"{WORK}\nimport os, signal\ndo(10)\nworld.Barrier()\n"
        "if world.rank == 1: import time; time.sleep(0.5); os.kill(os.getpid(), signal.SIGKILL)\n"
        "world.Barrier()\n",
    )
    mpirun(tmp_path, "-n", "2", *RECORD, "-o", "out.tracy", "p.py", code=137)
    parts = [tmp_path / f"out.rank{rank}.tracy" for rank in range(2)]
    for part in parts:
        tracypy._core.await_trace_of(f"{part}.journal")
    tracypy.merge(parts, tmp_path / "out.tracy")
    zones = zones_by_row(tmp_path / "out.tracy")
    assert [zones[f"rank {rank} on {HERE}", "work"] for rank in range(2)] == [10, 10]


def test_an_exception_says_what_becomes_of_the_parts(tmp_path: Path) -> None:
    write(tmp_path, f"{WORK}\ndo(10)\nif world.rank == 1: raise ValueError('no')\n")
    _, said = mpirun(tmp_path, "-n", "2", *RECORD, "-o", "out.tracy", "p.py", code=1)
    assert "ValueError: no" in said
    assert "the part of rank 1 is " in said
    assert "out.rank*.tracy -o " in said
    zones = [zones_by_row(path) for path in tmp_path.glob("*.tracy")]  # rank 0 may have been ended before it has merged
    assert sum(found[f"rank 1 on {HERE}", "work"] for found in zones) == 10


def test_ranks_that_are_not_recorded_are_not_waited_for(tmp_path: Path) -> None:
    write(tmp_path, PROGRAM)
    python = str(BIN / "python")
    _, said = mpirun(
        tmp_path, "-n", "2", *RECORD, "-o", "out.tracy", "p.py", ":", "-n", "2", python, "p.py"
    )  # fmt: skip
    assert "without ranks 2, 3, whose parts are not here" in said
    zones = zones_by_row(tmp_path / "out.tracy")
    assert {row for row, _ in zones} == {f"rank {rank} on {HERE}" for rank in range(2)}


def test_a_file_that_is_there_is_kept(tmp_path: Path) -> None:
    write(tmp_path, PROGRAM)
    (tmp_path / "out.tracy").write_text("kept")
    _, said = mpirun(tmp_path, "-n", "2", *RECORD, "-o", "out.tracy", "p.py", code=2)
    assert "out.tracy exists already" in said
    assert (tmp_path / "out.tracy").read_text() == "kept"


def test_clocks_of_hosts_are_aligned_and_the_error_is_said(tmp_path: Path) -> None:
    write(tmp_path, f"{NOW}\n{WORK}\nfor _ in range(20): now()\nworld.Barrier()\n")
    there = elsewhere(tmp_path)
    record = [*RECORD, "-o", "out.tracy", "p.py"]
    _, said = mpirun(tmp_path, "-n", "2", *record, ":", "-n", "2", *there, *record)
    assert "Clocks of rank 2 on elsewhere: aligned by round trips, to within " in said
    lines = tracypy.open(tmp_path / "out.tracy").info.app_info
    (error,) = {
        int(us)
        for line in lines
        for us in re.findall(r"rank 2 on elsewhere \(\d+\) is aligned to within (\d+) us", line)
    }
    assert len(lines) == 2  # and rank 3, which has the same counter as rank 2
    difference, exact_to = clocks_differ_by(tmp_path / "out.tracy", "elsewhere")
    assert difference <= error * 1000 + exact_to


BY_MESSAGES = """
import os, sys
{work}
{now}
import tracypy.integrations.mpi
os.chdir(os.path.join(sys.argv[1], str(world.rank)))  # nothing that others see
try:
    with tracypy.integrations.mpi.record("out.tracy", only_user_code=True, gc=False) as recording:
        do(10 * (world.rank + 1))
        for _ in range(20): now()
except tracypy.RecordingError as problem:
    print(f"rank {{world.rank}}: {{problem}}")
else:
    print(f"rank {{world.rank}}: {{recording.summary is not None}}")
"""


def test_parts_come_by_messages_where_no_folder_is_shared(tmp_path: Path) -> None:
    write(tmp_path, BY_MESSAGES.format(work=WORK, now=NOW))
    for rank in range(4):
        (tmp_path / str(rank)).mkdir()
    program = [str(BIN / "python"), "p.py", str(tmp_path)]
    there = elsewhere(tmp_path)
    said, _ = mpirun(tmp_path, "-n", "2", *program, ":", "-n", "2", *there, *program)
    assert sorted(said.splitlines()) == ["rank 0: True", *(f"rank {rank}: False" for rank in range(1, 4))]
    path = tmp_path / "0" / "out.tracy"
    assert [*(tmp_path / "0").iterdir()] == [path]
    zones = zones_by_row(path)
    assert [zones[f"rank {rank} on {HERE if rank < 2 else 'elsewhere'}", "work"] for rank in range(4)] == [
        10,
        20,
        30,
        40,
    ]
    difference, exact_to = clocks_differ_by(path, "elsewhere")
    (error,) = {int(us) for line in tracypy.open(path).info.app_info for us in re.findall(r"rank 2 .* (\d+) us", line)}
    assert difference <= error * 1000 + exact_to


def test_one_that_cannot_be_recorded_is_an_error_in_all(tmp_path: Path) -> None:
    write(tmp_path, BY_MESSAGES.format(work=WORK, now=NOW))
    for rank in range(2):
        (tmp_path / str(rank)).mkdir()
    (tmp_path / "0" / "out.tracy").write_text("kept")
    said, _ = mpirun(tmp_path, "-n", "2", str(BIN / "python"), "p.py", str(tmp_path))
    assert [line.partition(" cannot be recorded: it exists already")[0] for line in sorted(said.splitlines())] == [
        "rank 0: rank 0", "rank 1: rank 0",
    ]  # fmt: skip
    assert (tmp_path / "0" / "out.tracy").read_text() == "kept"


@pytest.mark.parametrize(
    ("environment", "rank"),
    [
        ({}, None),
        ({"OMPI_COMM_WORLD_RANK": "3", "OMPI_COMM_WORLD_SIZE": "4", "PMIX_NAMESPACE": "j"}, (3, 4, "j")),
        ({"PMI_RANK": "1", "PMI_SIZE": "2", "SLURM_JOB_ID": "7", "SLURM_STEP_ID": "0"}, (1, 2, "7/0")),
        ({"PMIX_RANK": "1", "SLURM_NTASKS": "2", "PMIX_NAMESPACE": "n"}, (1, 2, "n")),
        ({"OMPI_COMM_WORLD_RANK": "0", "OMPI_COMM_WORLD_SIZE": "1"}, None),
        ({"OMPI_COMM_WORLD_RANK": "x", "OMPI_COMM_WORLD_SIZE": "4"}, None),
        ({"RANK": "1", "WORLD_SIZE": "2"}, None),
        ({"RANK": "1", "WORLD_SIZE": "2", "TORCHELASTIC_RUN_ID": "r", "MASTER_PORT": "5"}, (1, 2, "r/5")),
    ],
)
def test_what_launchers_say(environment: dict[str, str], rank: tuple[int, int, str] | None) -> None:
    found = own_rank(environment)
    assert (None if found is None else (found.number, found.count, found.job)) == rank
