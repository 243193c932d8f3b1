"""`--python`: a program that runs with another interpreter than the one that tracypy is installed in.

Tools are installed in environments of their own (`uvx tracypy …`, `pipx run tracypy …`), where the program's packages
are not. So the program's interpreter is started, and given the tracypy that it can load: the one it has; this one, if
it is of the same kind; or one that is installed for it, once, in the user's cache.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import tracypy
from tracypy.cli.errors import CommandError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from tracypy.cli.program import Program

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_SECONDS = 60
_INSTALL_SECONDS = 600
_FLAG = "--python"
# Asks an interpreter what native modules it loads, and whether it has a tracypy. In words that every Python knows.
_QUESTION = """
import sys
try:
    from importlib.machinery import EXTENSION_SUFFIXES
    from importlib.util import find_spec
    version = "%d.%d" % sys.version_info[:2]
    print("|".join((sys.implementation.name, version, EXTENSION_SUFFIXES[0], str(bool(find_spec("tracypy"))))))
except ImportError:
    print("python|%d.%d||False" % sys.version_info[:2])
"""


class _Interpreter:
    """Another Python.

    Args:
        path: Of its executable.
        answer: To the question.
    """

    __slots__ = ("has_tracypy", "kind", "path", "suffix", "version")

    def __init__(self, path: str, answer: str) -> None:
        self.path: str = path
        self.kind, self.version, self.suffix, has = answer.strip().splitlines()[-1].split("|")
        self.has_tracypy: bool = has == "True"

    @property
    def is_known(self) -> bool:
        """Whether tracypy can be there at all."""
        return self.kind == "cpython" and tuple(map(int, self.version.split("."))) >= (3, 12)


def run_with(python: str, command: str, program: Program) -> NoReturn:
    """Become that interpreter, which does the same command.

    Args:
        python: A path, a name, or the folder of a virtual environment.
        command: "record" or "run".
        program: What to run, with our options.

    Raises:
        CommandError: There is no such interpreter, or no tracypy for it.
    """
    path = _find(python)
    package = _package_for(_ask(path))
    main = os.path.join(package, "__main__.py")
    words = [path, main, command, *_without_flag(program.options), *program.words]
    try:
        os.execv(path, words)  # noqa: S606  # as its user says
    except OSError as problem:
        raise CommandError(f"cannot run {path}: {problem.strerror}") from None


def _find(python: str) -> str:
    if os.path.isdir(python):
        places = [os.path.join(python, *each) for each in (("bin", "python"), ("Scripts", "python.exe"))]
        found = next((each for each in places if os.path.exists(each)), None)
        if found is None:
            raise CommandError(f"there is no Python in the folder {python}: is it a virtual environment?")
    else:
        found = shutil.which(python)
        if found is None:
            raise CommandError(f"there is no Python {python}: name its path, or the folder of a virtual environment")
    return os.path.abspath(found)  # not its real path: by this one it finds its packages


def _ask(path: str) -> _Interpreter:
    try:
        # As the program will find it: with the variables and packages of its environment, but not the current folder.
        asked = subprocess.run(  # noqa: S603  # as its user says
            [path, "-c", "import sys; sys.path[:1] = []" + _QUESTION],
            capture_output=True,
            check=True,
            stdin=subprocess.DEVNULL,
            text=True,
            timeout=_SECONDS,
        )
        return _Interpreter(path, asked.stdout)
    except subprocess.CalledProcessError as problem:
        said = problem.stderr.strip().splitlines()
        raise CommandError(f"{path} is not a working Python: {said[-1] if said else 'it says nothing'}") from None
    except (OSError, subprocess.TimeoutExpired, ValueError, IndexError):
        raise CommandError(f"{path} is not a working Python") from None


def _package_for(interpreter: _Interpreter) -> str:
    """Return the folder of the package that this interpreter is given."""
    if not interpreter.is_known:
        raise CommandError(
            f"tracypy needs CPython 3.12 or later, and {interpreter.path} is {interpreter.kind} {interpreter.version}"
        )
    if interpreter.has_tracypy:
        return _installed_in(interpreter)
    if interpreter.suffix == _own_suffix():
        return _PACKAGE
    return _installed_for(interpreter)


def _own_suffix() -> str:
    from importlib.machinery import EXTENSION_SUFFIXES

    return EXTENSION_SUFFIXES[0]


def _installed_in(interpreter: _Interpreter) -> str:
    code = "import sys; sys.path[:1] = []; import tracypy; print(tracypy.__path__[0])"
    asked = subprocess.run(  # noqa: S603
        [interpreter.path, "-c", code], capture_output=True, check=False, stdin=subprocess.DEVNULL, text=True
    )
    if asked.returncode:
        said = asked.stderr.strip().splitlines()
        raise CommandError(
            f"the tracypy that {interpreter.path} has cannot be imported there: {said[-1] if said else ''}"
        )
    return asked.stdout.strip().splitlines()[-1]


def _installed_for(interpreter: _Interpreter) -> str:
    """Return the folder of a tracypy in the user's cache, and install it there first if it is not there."""
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    kind = interpreter.suffix.strip(".").rpartition(".")[0]
    folder = os.path.join(cache, "tracypy", tracypy.__version__, kind)
    package = os.path.join(folder, "tracypy")
    if os.path.isdir(package):
        return package
    requirement = f"tracypy=={tracypy.__version__}"
    print(f"tracypy: installing {requirement} for {interpreter.path} into {folder}", file=sys.stderr, flush=True)
    unfinished = f"{folder}.{os.getpid()}"
    try:
        said = _install(interpreter, requirement, unfinished)
        if said:
            raise CommandError(
                f"{interpreter.path} (CPython {interpreter.version}) cannot load this tracypy, which is for another "
                f"kind of Python, and none could be installed for it ({said}). "
                f"Install it there: {interpreter.path} -m pip install {requirement}"
            )
        os.makedirs(os.path.dirname(folder), exist_ok=True)
        os.rename(unfinished, folder)
    except OSError as problem:
        if not os.path.isdir(package):  # else another one was faster
            raise CommandError(f"cannot install tracypy into {folder}: {problem.strerror}") from None
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return package


def _install(interpreter: _Interpreter, requirement: str, folder: str) -> str:
    """Install the wheel alone: a watched program needs nothing of what the other commands are made with.

    Returns:
        What went wrong, in a few words; empty if nothing did.
    """
    said = "it has no pip, and there is no uv"
    for installer in _installers(interpreter):
        words = [*installer, "--quiet", "--no-deps", "--only-binary", ":all:", "--target", folder, requirement]
        try:
            done = subprocess.run(  # noqa: S603
                words, capture_output=True, check=False, stdin=subprocess.DEVNULL, text=True, timeout=_INSTALL_SECONDS
            )
        except (OSError, subprocess.TimeoutExpired) as problem:
            said = f"{installer[0]}: {type(problem).__name__}"
            continue
        if done.returncode == 0:
            is_ours = os.path.exists(os.path.join(folder, "tracypy", "_follow", "sitecustomize.py"))
            return "" if is_ours else f"what {requirement} is there, is another program of that name"
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        if "No module named pip" not in done.stderr:
            said = lines[-1].strip() if lines else f"exit code {done.returncode}"
    return said


def _installers(interpreter: _Interpreter) -> list[list[str]]:
    uv = shutil.which("uv")
    with_uv = [[uv, "pip", "install", "--python", interpreter.path]] if uv else []
    return [*with_uv, [interpreter.path, "-m", "pip", "--disable-pip-version-check", "install"]]


def _without_flag(options: list[str]) -> list[str]:
    left, rest = [], iter(options)
    for word in rest:
        if word == _FLAG:
            next(rest, None)
        elif not word.startswith(f"{_FLAG}="):
            left.append(word)
    return left
