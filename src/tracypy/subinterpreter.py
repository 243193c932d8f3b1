"""`import tracypy` in an interpreter that is not the main one: its calls are recorded, and that is all.

The native module belongs to the main interpreter. So the other modules of tracypy are empty here. What marks code up
does nothing, and says so once: the same code may run in the main interpreter, too. Whatever else is called is an error.
"""

from __future__ import annotations

import sys
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Self

#: Of the real modules, those that need nothing native.
_PRESENT = {"tracypy._sub", "tracypy.errors", "tracypy.interpreter", "tracypy.subinterpreter"}
_WITHOUT_RESULT = {
    *("app_info", "frame_image", "frame_mark", "frame_mark_end", "frame_mark_start", "memory_alloc", "memory_free"),
    *("message", "plot", "plot_config", "set_program_name", "set_thread_name", "zone_end"),
}  # fmt: skip
_BLOCKS = {"frame", "section", "zone", "zone_begin"}
_DECORATORS = {"profiled"}


def join() -> None:
    """Have this interpreter's calls recorded, and put empty modules in the places of ours.

    Raises:
        ImportError: That cannot be: the interpreter is too old, or tracypy is not imported in the main one.
    """
    sys.modules["tracypy._sub"] = sub = _load()
    sys.meta_path.insert(0, _Finder(_Words(sub)))


def _load() -> ModuleType:
    """Import the second module of the native library, whose file has the name of the first one."""
    import _imp

    core = PathFinder.find_spec("tracypy._core", sys.modules["tracypy"].__path__)
    if core is None or core.origin is None:
        raise ImportError("tracypy's native module is not there: install tracypy again")
    sub = _imp.create_dynamic(ModuleSpec("tracypy._sub", None, origin=core.origin))
    _imp.exec_dynamic(sub)
    return sub


class _Words:
    """What stands for each name of tracypy."""

    def __init__(self, sub: ModuleType) -> None:
        self._sub = sub
        self._has_said = False

    def stand_in(self, name: str) -> object:
        """Return what is used in place of `name`."""
        if name == "VERSION":
            return self._sub.VERSION
        if name in ("NATIVE", "PROTOCOLS", "PROFILER_ID"):
            return ()
        if name == "set_words":  # the package itself calls it
            return lambda *_: None
        if name in _WITHOUT_RESULT:
            return self._saying(name, lambda: None)
        if name in _BLOCKS:
            return self._saying(name, _Block)
        if name in _DECORATORS:
            return self._decorator(name)
        return self._refusing(name)

    def _say(self, name: str) -> None:
        if not self._has_said:
            self._has_said = True
            self._sub.say(
                f"interpreter {self._sub.ID}: its calls are recorded, but what marks up code, as tracypy.{name} here, "
                "does nothing there"
            )

    def _saying(self, name: str, make: Callable[[], object]) -> Callable[..., object]:
        def does_nothing(*_args: object, **_options: object) -> object:
            self._say(name)
            return make()

        return does_nothing

    def _decorator(self, name: str) -> Callable[..., object]:
        def decorate(function: object = None, *_args: object, **_options: object) -> object:
            self._say(name)
            return function if callable(function) else lambda decorated: decorated

        return decorate

    def _refusing(self, name: str) -> Callable[..., object]:
        def refuse(*_args: object, **_options: object) -> object:
            raise RuntimeError(
                f"tracypy.{name} works in the main interpreter only, and this is interpreter {self._sub.ID}: its calls "
                "are recorded when those of the main one are"
            )

        return refuse


class _Block:
    """A context that does nothing, whatever is said about it."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_info: object) -> None:
        return

    def __getattr__(self, name: str) -> Callable[..., None]:
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *_args, **_options: None


class _Empty(ModuleType):
    """A module of ours that is not there."""

    def __init__(self, name: str, words: _Words) -> None:
        super().__init__(name)
        self._words = words

    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):
            raise AttributeError(name)
        return self._words.stand_in(name)


class _Finder:
    """Finds an empty module for each of ours."""

    def __init__(self, words: _Words) -> None:
        self._words = words

    def find_spec(self, name: str, _path: Sequence[str] | None, _target: ModuleType | None = None) -> ModuleSpec | None:
        if not name.startswith("tracypy.") or name in _PRESENT:
            return None
        return ModuleSpec(name, self, is_package=True)  # type: ignore[arg-type]

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _Empty(spec.name, self._words)

    def exec_module(self, _module: ModuleType) -> None:
        return
