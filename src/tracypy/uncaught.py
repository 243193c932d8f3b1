"""A recording that is saved before the interpreter reports an exception that nobody caught (`save_on="error"`).

The hooks of the program are called as ever, after that. They see nothing of ours.
"""

from __future__ import annotations

import sys

from tracypy import _core, stderr

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from threading import ExceptHookArgs
    from types import ModuleType, TracebackType

#: They end a program or a thread as its author wants.
_NO_ERRORS = (SystemExit, KeyboardInterrupt, GeneratorExit)

_is_watching = False
_saved_for: BaseException | None = None
_undo: list[Callable[[], None]] = []


def save_for_program(problem: BaseException) -> None:
    """Save the recording, if that was asked for, because of an exception that has left the main program.

    Lets no exception out. What `sys.excepthook` gets in a moment is the same one, if the program has not replaced it.

    Args:
        problem: What nobody has caught.
    """
    global _saved_for
    if _is_watching:
        _saved_for = problem
        _save_for(problem)


def _save_for(problem: BaseException | None) -> None:
    if not _is_watching or problem is None or isinstance(problem, _NO_ERRORS):
        return
    if not _core.is_recording():  # a forked child, or it is over
        return
    try:
        _core.save_because(f"nobody caught {type(problem).__name__}")
    except KeyboardInterrupt:
        pass  # the error is the more important
    except Exception as reason:  # noqa: BLE001  # a full disk, say; that it was not made was said
        if not isinstance(reason, OSError | RuntimeError):
            stderr.say(f"not saved: {reason}")


def watch() -> None:
    """Watch exceptions that leave the main program, or a thread, from now on."""
    global _is_watching
    _is_watching = True
    import threading

    _put_before(sys, "excepthook", _of_program)
    _put_before(threading, "excepthook", _of_thread)


def unwatch() -> None:
    """Undo that. Hooks that the program has installed meanwhile stay; ours do nothing."""
    global _is_watching
    _is_watching = False
    while _undo:
        _undo.pop()()


def _of_program(_kind: object, value: BaseException | None, _traceback: TracebackType | None) -> None:
    global _saved_for
    if value is not None and value is _saved_for:
        _saved_for = None
    else:
        _save_for(value)


def _of_thread(args: ExceptHookArgs) -> None:
    _save_for(args.exc_value)


def _put_before(module: ModuleType, name: str, before: Callable[..., None]) -> None:
    previous = getattr(module, name)

    def hook(*args: object) -> object:
        before(*args)
        return previous(*args)

    def undo() -> None:
        if getattr(module, name) is hook:
            setattr(module, name, previous)

    setattr(module, name, hook)
    _undo.append(undo)
