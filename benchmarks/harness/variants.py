"""What a program is run under."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Variant:
    """One way to run a program.

    Attributes:
        name: As the table shows it.
        kind: What worker.py does with it.
        python: The interpreter to run.
        paths: Put in front of its module search path.
        options: Arguments for `tracypy.enable`.
        protocol: The capture program that connects; None for none.
        isolated: In a network namespace with nothing but loopback, because it broadcasts.
        ours: Whether it is the tracypy of this checkout (or another build of it).
    """

    name: str
    kind: str
    python: str
    paths: tuple[str, ...] = ()
    options: dict[str, object] = field(default_factory=dict)
    protocol: int | None = None
    isolated: bool = False
    ours: bool = False

    @property
    def is_connected(self) -> bool:
        return self.protocol is not None
