"""Child processes: what happens in them goes where that of their root goes, into one file or to one viewer.

The root listens on a local socket, and hands on to its children how to find it: in the environment of the process,
where the program does not see it, and in every environment that it gives to a child itself. A child of Python's finds
our `sitecustomize` on its PYTHONPATH (`tracypy/_follow`), and joins. One that is forked joins when it has been forked.
"""

from __future__ import annotations

import atexit
import marshal
import os
import sys

from tracypy import _core, profiler, server
from tracypy.config import Config
from tracypy.endings import Endings
from tracypy.interpreter import call_in_forked_child, embedding_program, system

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self

    from tracypy.filters import NativeWatch, Watch
    from tracypy.ranks import Rank

_FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "_follow")
#: Of what ends a process, as a rule: SIGHUP, SIGINT, SIGQUIT, SIGABRT, SIGKILL, SIGTERM.
_DEADLY = (1, 2, 3, 6, 9, 15)
#: How this interpreter's native modules are named: a child of another kind cannot load ours.
TAG = f"{sys.implementation.cache_tag}{getattr(sys, 'abiflags', '')}"


class _Family:
    """What a process has to know to join.

    Args:
        path: Of the root's socket.
        secret: What it wants to hear.
        settings: What is watched.
        session: The number of the one that goes on when the process starts; 0: the root says it.
        has_rank: Whether a process that this one descends from is a rank of several: no other one is then.

    Attributes:
        descriptor: A connection to the root that was made for this process alone; -1 for none.
    """

    __slots__ = ("__weakref__", "descriptor", "has_rank", "path", "secret", "session", "settings")

    def __init__(
        self, path: bytes, secret: bytes, settings: NativeWatch, *, session: int, has_rank: bool = False
    ) -> None:
        self.path: bytes = path
        self.secret: bytes = secret
        self.settings: NativeWatch = settings
        self.session: int = session
        self.has_rank: bool = has_rank
        self.descriptor: int = -1

    @classmethod
    def read(cls, said: str) -> Self:
        """Return what the environment says."""
        _tag, _clock, session, ranks, secret, settings, path = said.split("|", 6)
        connection, _at, path = ("", "", path) if path.startswith(os.sep) else path.partition("@")
        watched: NativeWatch = marshal.loads(bytes.fromhex(settings))  # noqa: S302  # the root's own
        family = cls(os.fsencode(path), bytes.fromhex(secret), watched, session=int(session), has_rank=bool(ranks))
        family.descriptor = int(connection or -1)
        return family

    @property
    def said(self) -> bytes:
        """What the environment says to children."""
        settings = marshal.dumps(self.settings)  # type: ignore[arg-type]  # of lists, dicts, texts and numbers
        ranks = "ranks" if self.has_rank else ""
        clock = "counter" if _core.clock()[0] else "monotonic"
        words = (TAG, clock, str(self.session), ranks, self.secret.hex(), settings.hex(), os.fsdecode(self.path))
        return os.fsencode("|".join(words))


_family: _Family | None = None
_endings: Endings | None = None
_own_name = ""  # of what was forked, too


def lead(watch: Watch, *, records: bool, is_rank: bool = False) -> None:
    """Follow all processes that descend from this one, from now on.

    Args:
        watch: Which calls, and what besides.
        records: Whether they are recorded from their begin; else from when a viewer comes.
        is_rank: Whether this process is a rank of several, and recorded as such: those that descend from it are not.

    Raises:
        RuntimeError: The system has no local sockets, or refuses one.
    """
    global _family, _own_name
    path, secret = _core.lead_family(for_one_session=records)
    _family = _Family(path, secret, watch.native(), session=1 if records else 0, has_rank=is_rank)
    _own_name = server.encodable(server.program_name())
    server.children_are_followed = True
    _prepare(_FOLDER)


def _prepare(folder: str) -> None:
    if _family is None:
        return
    _core.set_child_variables(_family.said, os.fsencode(folder), _family.path)
    _core.tell_of_starts(_before_start)
    _watch_kills()
    atexit.register(_at_exit)


def follow(said: str, folder: str) -> None:
    """Join, in a process that was started just now.

    Args:
        said: What the environment says.
        folder: Where our `sitecustomize` was found.
    """
    global _family, _own_name
    _family = _Family.read(said)
    server.apply(Config(os.environ))
    profiler.leave_out_callers_of(follow.__code__)
    rank = None if _family.has_rank else rank_here()
    _family.has_rank = _family.has_rank or rank is not None
    _own_name = _program_name() if rank is None else server.encodable(rank.name)
    _core.watch_process_name()
    _join(_own_name)
    _prepare(folder)


def rank_here() -> Rank | None:
    """Return which rank of several this process is, if a launcher says so: as `ranks.own_rank`, and imported for it."""
    if not any("RANK" in name for name in os.environ):
        return None
    from tracypy.ranks import own_rank

    return own_rank()


def _join(name: str) -> None:
    global _endings
    family = _family
    if family is None:
        return
    try:
        profiler.enable_as_root(family.settings)
    except RuntimeError:  # another tool has taken all there is
        return
    if not _core.follow_family(
        path=family.path, descriptor=family.descriptor, secret=family.secret, name=name, session=family.session
    ):
        _core.let_go()
        return
    if _endings is not None:
        _endings.move_to_this_process()
        return
    _endings = Endings(_leave, _core.hand_over_to_family, _core.is_followed)
    _endings.watch()


def _after_fork() -> None:
    if _family is None:
        return
    _family.descriptor = -1
    _join(_name_now())
    util = sys.modules.get("multiprocessing.util")
    if util is not None:  # what it forks gets its name a moment later
        util.register_after_fork(_family, _rename)


call_in_forked_child(_after_fork)


def rename(name: str) -> None:
    """Call this process so, and those that it forks, in the names of its rows in the recording of its root.

    Args:
        name: Which stays until the process has another one from multiprocessing.
    """
    global _own_name
    _own_name = server.encodable(name)
    _core.set_family_name(_own_name)


def _rename(_owner: object) -> None:
    _core.set_family_name(_name_now())


def _leave() -> None:
    if "multiprocessing.process" in sys.modules:  # one that it has spawned has got its name meanwhile
        _rename(None)
    profiler.leave_family()


def _name_now() -> str:
    process = sys.modules.get("multiprocessing.process")
    current = getattr(process, "_current_process", None)
    name = getattr(current, "_name", None)  # what its properties return
    if not isinstance(name, str) or name == "MainProcess":
        return _own_name
    return server.encodable(name)


def _program_name() -> str:
    """Return what to call a process that was started just now: its script or module, or what Python is embedded in."""
    if embedding := embedding_program():
        return server.encodable(embedding)
    words = iter(sys.orig_argv[1:])
    for word in words:
        if word in ("-m", "-c"):
            rest = next(words, "")
            return server.encodable(rest) if word == "-m" else _name_of_code(rest)
        if word in ("-W", "-X"):
            next(words, None)
        elif not word.startswith("-"):
            return server.encodable(os.path.basename(word))
    return "python"


def _name_of_code(code: str) -> str:
    before, _import, _rest = code.partition(" import ")
    if before.startswith("from multiprocessing."):
        return before.removeprefix("from ")
    return "python -c"


#: Options of the interpreter by which it does not find us.
_ALONE = {"I": "-I", "E": "-E", "S": "-S"}
_has_told = False


def _before_start(path: object, words: object) -> None:
    """Say, once, that a Python is started that will not find us."""
    global _has_told
    if _has_told or not isinstance(words, list | tuple):
        return
    path = path[0] if isinstance(path, tuple | list) and path else path
    name = os.path.basename(_text(path))
    if not name.startswith("python"):
        return
    for word in map(_text, words[1:]):
        if not word.startswith("-") or word.startswith("--") or len(word) < 2:
            return
        for letter in word[1:]:
            if letter in _ALONE:
                _has_told = True
                text = (
                    f"tracypy: {name} {_ALONE[letter]} was started, which finds nothing of tracypy: it is not followed"
                )
                _core.message(text, severity="warning")
                return
            if letter in "mcWX":
                break
        if word[1] in "mcWX":
            return


def _text(word: object) -> str:
    return word if isinstance(word, str) else word.decode(errors="replace") if isinstance(word, bytes) else ""


_is_watching_kills = False


def _watch_kills() -> None:
    """Let a process that this one is about to kill hand over what it has: it may have done its work just now."""
    global _is_watching_kills
    if _is_watching_kills:
        return
    _is_watching_kills = True
    for name in ("kill", "killpg"):
        original = getattr(system, name, None)
        if original is None:
            continue
        try:
            ours = _core.preceded(original, _before_kill if name == "kill" else _before_kill_of_group)
        except TypeError:  # somebody else has replaced it
            continue
        for holder in (system, os):
            if getattr(holder, name, None) is original:
                setattr(holder, name, ours)


def _before_kill(pid: int, signal: int, /) -> None:
    if pid > 0 and signal in _DEADLY and pid != system.getpid():
        _core.settle_in_family(pid)


def _before_kill_of_group(_group: int, signal: int, /) -> None:
    if signal in _DEADLY:
        _core.settle_in_family(0)


def _at_exit() -> None:
    _leave()
    _core.hide_family()
