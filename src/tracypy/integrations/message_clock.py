"""How two ranks compare their clocks: by messages of MPI, there and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tracypy import _core
from tracypy.integrations.parts import QUESTIONS, Question, best
from tracypy.merging import ClockReading

if TYPE_CHECKING:
    from mpi4py import MPI

_BYTES = 8


def ask(communicator: MPI.Comm, rank: int) -> ClockReading:
    """Ask for the counter of a rank, which must `answer`.

    Args:
        communicator: By which it is reached.
        rank: Its number there.
    """
    answer, readings = bytearray(_BYTES), []
    for _ in range(QUESTIONS):
        question = Question()
        communicator.Send(_buffer(bytes(_BYTES)), rank)
        communicator.Recv(_buffer(answer), rank)
        here, error_ns = question.answered()
        readings.append(ClockReading(here, int.from_bytes(answer, "little"), error_ns))
    return best(readings)


def answer(communicator: MPI.Comm, rank: int) -> None:
    """Answer what that rank asks.

    Args:
        communicator: By which it is reached.
        rank: Its number there.
    """
    question = bytearray(_BYTES)
    for _ in range(QUESTIONS):
        communicator.Recv(_buffer(question), rank)
        communicator.Send(_buffer(_core.ticks().to_bytes(_BYTES, "little")), rank)


def _buffer(what: bytes | bytearray) -> Any:  # noqa: ANN401  # mpi4py's own type for it
    return [what, _mpi().BYTE]


def _mpi() -> Any:  # noqa: ANN401
    import sys

    return sys.modules["mpi4py.MPI"]  # whoever has a communicator has imported it
