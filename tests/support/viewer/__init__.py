"""A strict viewer: the TCP client's side of the Tracy protocol, for tests.

`StrictViewer` connects to a program; `Session` is the same without a socket. Both refuse with `ProtocolViolation`
whatever a real viewer refuses or would misread. What they understood is a `Trace`.

The tables, sizes and rules are derived here a second time from the protocol's facts and shared with nothing else.
"""

from .client import StrictViewer
from .errors import HandshakeRefused, ProtocolViolation
from .queries import Query
from .session import Session
from .tables import PROTOCOLS
from .trace import Frame, Message, SourceLocation, ThreadTrace, Trace, Zone

__all__ = [
    "PROTOCOLS",
    "Frame",
    "HandshakeRefused",
    "Message",
    "ProtocolViolation",
    "Query",
    "Session",
    "SourceLocation",
    "StrictViewer",
    "ThreadTrace",
    "Trace",
    "Zone",
]
