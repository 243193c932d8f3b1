"""A Python program started the way `python` itself would start it, from inside our own interpreter.

The program finds `sys.argv`, `sys.path[0]`, `__main__` and its attributes as without us. An exception it does not catch
leaves through our few frames, but without them in its traceback; all the rest (exit codes, SystemExit, the death by
SIGINT after Ctrl-C, waiting for threads) is done by the interpreter itself, since the exception goes on to it.
"""

from __future__ import annotations

import os
import sys

# What importlib.machinery and importlib.util offer, without their import, which takes long.
from _frozen_importlib import BuiltinImporter
from _frozen_importlib_external import MAGIC_NUMBER, SourceFileLoader, SourcelessFileLoader

from tracypy.cli import first_collection
from tracypy.cli.errors import CommandError
from tracypy.cli.orig_argv import set_orig_argv
from tracypy.profiler import compile_program
from tracypy.uncaught import save_for_program

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType, ModuleType, TracebackType

    type Body = Callable[[], object]


KINDS = {"-m": "module", "-c": "code"}
STANDARD_INPUT = "-"


class Program:
    """What to run.

    Args:
        kind: "script", "module", "code" or "stdin".
        target: The path, the module's name, the code, or "-".
        arguments: What comes after it on the command line.
        words: All of that as it was written.

        options: Ours, that came before, as they were written.

    Attributes:
        skips_first_line: Whether the script's first line is not Python.
    """

    __slots__ = ("arguments", "kind", "options", "skips_first_line", "target", "words")

    def __init__(self, kind: str, target: str, arguments: list[str], words: list[str], options: list[str]) -> None:
        self.kind: str = kind
        self.target: str = target
        self.arguments: list[str] = arguments
        self.words: list[str] = words
        self.options: list[str] = options
        self.skips_first_line: bool = False

    @classmethod
    def of(cls, words: list[str], options: list[str]) -> Program | None:
        """Return the program that is meant; None if something is missing.

        Args:
            words: From the one on that says which.
            options: Ours, before it.
        """
        word, rest = words[0], words[1:]
        kind, attached = KINDS.get(word[:2]), word[2:]
        if kind is None:
            return cls("stdin" if word == STANDARD_INPUT else "script", word, rest, words, options)
        if attached:
            return cls(kind, attached, rest, words, options)
        return cls(kind, rest[0], rest[1:], words, options) if rest else None

    @property
    def name(self) -> str:
        """What to call the program in a viewer."""
        if self.kind in ("code", "stdin"):
            return "python -c" if self.kind == "code" else "python"
        return os.path.basename(self.target.rstrip(os.sep)) if self.kind == "script" else self.target

    @property
    def folder(self) -> str:
        """Where the program is, as far as it can be told before it runs."""
        if self.kind != "script":
            return current_folder()
        return self.target if os.path.isdir(self.target) else os.path.dirname(self.target) or current_folder()

    def prepare(self) -> Body:
        """Set up `sys` and `__main__` for the program.

        Returns:
            That which runs it.

        Raises:
            CommandError: There is no such program, or it cannot be read.
        """
        kinds = {"script": self._script, "module": self._module, "code": self._code, "stdin": self._stdin}
        body = kinds[self.kind]()
        flags = ["-x"] if self.skips_first_line else []
        dashes = ["--"] if self.kind == "script" and self.target.startswith("-") else []
        set_orig_argv([*flags, *dashes, *self.words])
        first_collection.hold()
        return body

    def _find_script(self) -> None:
        """Take a program of this environment, such as `pytest`, if there is no file of that name."""
        if self.target.endswith(".py"):
            return
        from tracypy.cli.console_scripts import script_meant

        path = script_meant(self.target)
        if path != self.target:
            self.target = path
            self.words = [path, *self.arguments]

    def _script(self) -> Body:
        self._find_script()
        path = (
            os.path.abspath(self.target) if os.path.isabs(self.target) else os.path.join(current_folder(), self.target)
        )
        if _is_importable_from(path):  # a directory or an archive with a __main__.py
            _set_up(self.target, self.arguments, path, even_if_safe=True)
            _new_main()
            return _main_of("__main__", alter_argv=False)
        loader, code = _load(path, self.target, skips_first_line=self.skips_first_line)
        _set_up(self.target, self.arguments, os.path.dirname(os.path.realpath(path)))
        main = _new_main(__file__=path, **_CACHED, __loader__=loader)
        return lambda: exec(code() or "", vars(main))  # noqa: S102

    def _module(self) -> Body:
        _set_up("-m", self.arguments, current_folder())
        top = self.target.partition(".")[0]
        # Only the top: finding what is below imports its parents, which is the program's own business.
        from importlib.util import find_spec

        if not top or find_spec(top) is None:
            raise CommandError(f"there is no module named {self.target!r}")
        _new_main()
        return _main_of(self.target, alter_argv=True)

    def _code(self) -> Body:
        _set_up("-c", self.arguments, "")
        main = _new_main()
        try:
            code = _compile_command(self.target)
        except (SyntaxError, ValueError):  # the program's failure, not ours: let it happen again when the program runs
            return lambda: _compile_command(self.target)
        return lambda: exec(code, vars(main))  # noqa: S102

    def _stdin(self) -> Body:
        _set_up("-", self.arguments, "")
        main = _new_main(__file__="<stdin>", **_CACHED)
        return lambda: exec(_compile_stdin(), vars(main))  # noqa: S102


def current_folder() -> str:
    """Return the folder where the command was started.

    Raises:
        CommandError: That folder is gone.
    """
    try:
        return os.getcwd()
    except OSError as problem:
        raise CommandError(f"there is no current folder any more: {problem.strerror}") from None


def run(body: Body) -> None:
    """Run what `Program.prepare` made. An exception passes through, and is reported without our frames."""
    first_collection.release()
    try:
        body()
    except SystemExit:
        raise
    except BaseException as problem:
        save_for_program(problem)
        # The first two entries are this frame and the body's.
        traceback = problem.__traceback__
        while traceback is not None and _is_ours(traceback.tb_frame.f_code):
            traceback = traceback.tb_next
        _report_as(problem, traceback)
        raise


def _is_ours(code: CodeType) -> bool:
    return code.co_filename == __file__


def _report_as(problem: BaseException, traceback: TracebackType | None) -> None:
    """Have the interpreter, which is about to report `problem`, show `traceback` for it."""
    hook = getattr(sys, "excepthook", None)
    if hook is None:
        return

    def report(kind: type[BaseException], value: BaseException, full: TracebackType | None) -> object:
        sys.excepthook = hook
        if value is problem:
            full = value.__traceback__ = sys.last_traceback = traceback
        return hook(kind, value, full)

    sys.excepthook = report


def leave_own_path() -> None:
    """Remove what the interpreter put first on `sys.path` for us: where `tracypy` lies, or was started.

    Before anything else is imported, so that a file there, `types.py` say, is not taken for the library's.
    """
    if not sys.flags.safe_path:
        del sys.path[0]


def forget_imports(before: set[str]) -> None:
    """Unload packages that only the command line needs: a program may bring its own `click`.

    Args:
        before: The names of the modules that were loaded before.
    """
    for name in set(sys.modules) - before:
        top = name.partition(".")[0]
        if top != "tracypy" and top not in sys.stdlib_module_names:
            del sys.modules[name]


def _set_up(argv0: str, arguments: list[str], path0: str, *, even_if_safe: bool = False) -> None:
    sys.argv[:] = [argv0, *arguments]
    if even_if_safe or not sys.flags.safe_path:
        sys.path.insert(0, path0)


_CACHED: dict[str, object] = {"__cached__": None} if sys.version_info < (3, 15) else {}
_own_main: ModuleType | None = None


def _new_main(**attributes: object) -> ModuleType:
    """Make a `__main__` as the interpreter does, in place of ours."""
    import builtins

    global _own_main
    # The interpreter takes things out of its dictionary at the end, and relies on `sys.modules` to keep it alive.
    _own_main = sys.modules.get("__main__")
    main = type(sys)("__main__")
    contents = vars(main)
    contents["__loader__"] = BuiltinImporter
    if sys.version_info < (3, 14):
        contents["__annotations__"] = {}
    contents["__builtins__"] = builtins
    contents.update(attributes)
    sys.modules["__main__"] = main
    return main


def _is_importable_from(path: str) -> bool:
    for hook in sys.path_hooks:
        try:
            hook(path)
        except ImportError:
            continue
        return True
    return False


def _load(path: str, shown: str, *, skips_first_line: bool) -> tuple[object, Callable[[], CodeType | None]]:
    try:
        with open(path, "rb") as file:
            content = file.read()
    except OSError as problem:
        raise CommandError(f"cannot open {shown!r}: {problem.strerror}") from None
    if path.endswith(".pyc") or content.startswith(MAGIC_NUMBER):
        loader = SourcelessFileLoader("__main__", path)
        return loader, lambda: loader.get_code("__main__")
    if skips_first_line:  # but not its end: later lines keep their numbers
        content = content[content.find(b"\n") :] if b"\n" in content else b""
    # Compiled when it runs: a syntax error is the program's failure, not ours.
    return SourceFileLoader("__main__", path), lambda: compile_program(content, path)


def _compile_stdin() -> CodeType:
    source = b"" if sys.stdin is None else sys.stdin.buffer.read()
    return compile_program(source, "<stdin>")


def _compile_command(source: str) -> CodeType:
    if sys.version_info >= (3, 14):
        import textwrap

        source = textwrap.dedent(source)
    code = compile_program(source + "\n", "<string>")
    if sys.version_info >= (3, 13):
        _show_in_tracebacks(code, source)
    return code


def _show_in_tracebacks(code: CodeType, source: str) -> None:
    """Hand the lines of `-c` to linecache, as the interpreter does from 3.13 on, for tracebacks."""
    import linecache

    register = getattr(linecache, "_register_code", None)
    if register is not None:
        # 3.13.0 files them under the file name, later releases under the code object.
        register(code if hasattr(linecache, "_interactive_cache") else "<string>", source, "<string>")


def _main_of(module: str, *, alter_argv: bool) -> Body:
    import runpy

    # What `python -m` itself calls; the name has been the same since 2.5.
    return lambda: runpy._run_module_as_main(module, alter_argv)  # type: ignore[attr-defined]  # noqa: SLF001
