"""What the strict viewer raises."""

from __future__ import annotations

HANDSHAKE_STATUS = {
    0: "pending",
    1: "welcome",
    2: "protocol mismatch",
    3: "not available",
    4: "dropped",
}


class ProtocolViolation(Exception):  # noqa: N818 - reads as what it is in `pytest.raises`
    """The program sent something that a real viewer refuses or would misread."""


class HandshakeRefused(Exception):  # noqa: N818 - likewise
    """The program answered the handshake with something other than a welcome.

    Attributes:
        status: the byte that came (2 protocol mismatch, 3 not available, 4 dropped), or None when the
            program closed the connection instead of answering.
    """

    def __init__(self, status: int | None) -> None:
        self.status = status
        word = "no answer" if status is None else HANDSHAKE_STATUS.get(status, f"unknown status {status}")
        super().__init__(f"the program refused the handshake: {word}")
