"""Programs that run as many processes with a number each, their ranks: `mpirun -n 4 …`, `torchrun …`.

The launcher says in the environment which one a process is.
"""

from __future__ import annotations

import os

from tracypy.interpreter import host_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

#: Where launchers say the rank, how many there are, and which job it is: Open MPI, MPICH and its kin, PMIx under Slurm,
#: torchrun. That of the innermost launcher counts, but torchrun's names are taken only where it is.
_LAUNCHERS = (
    ("OMPI_COMM_WORLD_RANK", ("OMPI_COMM_WORLD_SIZE",), ("PMIX_NAMESPACE", "OMPI_MCA_ess_base_jobid")),
    ("PMI_RANK", ("PMI_SIZE",), ("PMI_JOBID", "SLURM_JOB_ID", "SLURM_STEP_ID")),
    ("PMIX_RANK", ("SLURM_STEP_NUM_TASKS", "SLURM_NTASKS"), ("PMIX_NAMESPACE", "SLURM_JOB_ID", "SLURM_STEP_ID")),
)
_TORCH = ("RANK", ("WORLD_SIZE",), ("TORCHELASTIC_RUN_ID", "MASTER_PORT"))


class Rank:
    """Which of the processes of a job this is.

    Args:
        number: Its rank.
        count: How many there are.
        job: The same text in all of them, and as a rule in no other job.
    """

    __slots__ = ("count", "job", "number")

    def __init__(self, number: int, count: int, job: str) -> None:
        self.number: int = number
        self.count: int = count
        self.job: str = job

    @property
    def name(self) -> str:
        """What its rows are called after."""
        return f"rank {self.number} on {host_name()}"

    @property
    def tag(self) -> str:
        """A short text for the job."""
        import zlib

        return f"{zlib.crc32(self.job.encode('utf-8', 'replace')):08x}"


def own_rank(environment: Mapping[str, str] = os.environ) -> Rank | None:
    """Return which rank this process is; None if it is not one of several."""
    launchers = (_TORCH, *_LAUNCHERS) if "TORCHELASTIC_RUN_ID" in environment else _LAUNCHERS
    for number, counts, jobs in launchers:
        count = next((environment[name] for name in counts if name in environment), "")
        rank = environment.get(number, "")
        if rank.isdecimal() and count.isdecimal() and int(rank) < int(count) > 1:
            said = [environment[name] for name in jobs if name in environment]
            return Rank(int(rank), int(count), "/".join(said) or str(os.getppid()))
    return None
