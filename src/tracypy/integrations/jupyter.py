"""Jupyter and IPython: `%load_ext tracypy`, then `%%tracypy` for a cell and `%tracypy` for a line.

What ran is shown below the cell: a summary, a flame graph and a timeline. The kernel's own calls and threads are left
out. A cell that awaits runs in the kernel's loop, as without: a transformer makes it an `await` of what records it.
"""

from __future__ import annotations

import ast
import contextlib
import html
import inspect
import os
import sys
import tempfile
import threading
from typing import TYPE_CHECKING, Any

from IPython.core.error import UsageError
from IPython.core.magic_arguments import MagicArgumentParser
from IPython.display import display

import tracypy
import tracypy.exporters
from tracypy import _core
from tracypy.errors import RecordingError, SettingError
from tracypy.profiler import leave_out_callers_of
from tracypy.server import ensure_listening
from tracypy.summary import FunctionTotals

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import CodeType

    from tracypy.summary import RecordingSummary
    from tracypy.trace import Thread, Trace

    type Shell = Any  # of IPython, which need not be there

__all__ = ["load_ipython_extension", "unload_ipython_extension"]

#: What runs cells, and what its threads run.
_KERNEL = (
    *("IPython", "ipykernel", "ipykernel_launcher", "traitlets", "comm", "jupyter_client", "jupyter_core", "zmq"),
    *("tornado", "debugpy", "nest_asyncio", "matplotlib_inline"),
)
#: What the kernel's threads run besides: a loop, and what every thread begins with.
_OF_ITS_THREADS = ("asyncio", "selectors", "threading")
_NOT_KEPT = "a file that is gone (-o FILE keeps it)"
_VALUE = "__tracypy_value__"
_HEIGHT = 480
_TITLE = "Flame graph"
_TIMELINE_HEIGHT = 600
_MOST_ZONES = 20_000  # of the timeline, likewise
_MOST_NODES = 5_000  # a page of a few hundred kilobytes: notebooks keep it
_ZONE = "cell"
_NAME = "tracypy"


def load_ipython_extension(shell: Shell) -> None:
    """Do what `%load_ext tracypy` does.

    Args:
        shell: Which gets the magics.
    """
    ensure_listening()
    magic = _Magic(shell)
    shell.register_magic_function(magic.run, "line_cell", _NAME)
    shell.input_transformers_cleanup.append(magic.awaited)
    cells = _Cells(shell)
    shell.events.register("pre_run_cell", cells.begin)
    shell.events.register("post_run_cell", cells.end)
    _loaded[shell] = magic, cells


def unload_ipython_extension(shell: Shell) -> None:
    """Do what `%unload_ext tracypy` does.

    Args:
        shell: Which had the magics.
    """
    if shell not in _loaded:
        return
    magic, cells = _loaded.pop(shell)
    shell.events.unregister("pre_run_cell", cells.begin)
    shell.events.unregister("post_run_cell", cells.end)
    shell.input_transformers_cleanup.remove(magic.awaited)
    for kind in ("line", "cell"):
        shell.magics_manager.magics[kind].pop(_NAME, None)


class _Cells:
    """Makes each cell a zone, for a viewer, or a recording that goes on longer."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell
        self._zone: _core.Zone | None = None

    def begin(self, info: Any) -> None:  # noqa: ANN401  # IPython's
        """Begin the zone of a cell that is to be kept in the history."""
        self.end()
        if info.store_history:
            self._zone = _core.zone_at(None, _cell_name(_cells_so_far(self._shell) + 1), _ZONE, 0, 0, 0)
            self._zone.__enter__()

    def end(self, _result: object = None) -> None:
        """End it."""
        zone, self._zone = self._zone, None
        if zone is not None:
            zone.__exit__(None, None, None)


_loaded: dict[Shell, tuple[_Magic, _Cells]] = {}


def _cells_so_far(shell: Shell) -> int:
    """Return the number of the newest cell. The shell's own count is that, or the next one, as releases go."""
    return len(shell.user_ns["In"]) - 1


def _cell_name(number: int) -> str:
    return f"In [{number}]"


def _parser() -> Any:  # noqa: ANN401
    parser = MagicArgumentParser(_NAME, description="Record a cell, or a line, and show what took the time.")
    add = parser.add_argument
    add("-o", "--output", metavar="FILE", help="Keep the recording, as a .tracy file.")
    add("-f", "--force", action="store_true", help="Overwrite that file.")
    add("--only-user-code", action="store_true", help="Leave out the standard library and installed packages.")
    add("--include", action="append", default=[], metavar="PATTERN", help="Watch only what matches; repeatable.")
    add("--exclude", action="append", default=[], metavar="PATTERN", help="Do not watch it; repeatable.")
    add("--no-flamegraph", action="store_true", help="Show no flame graph, and no timeline: the summary only.")
    add("--no-timeline", action="store_true", help="Show no timeline.")
    return parser


class _Magic:
    """`%%tracypy` and `%tracypy`."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell
        self._parser = _parser()
        self.run.__func__.__doc__ = self._parser.format_help()  # type: ignore[attr-defined]  # what `%tracypy?` shows

    def run(self, line: str, cell: str | None = None) -> object:
        __tracebackhide__ = True
        words, code = (line, cell) if cell is not None else _split(line)
        options = self._parser.parse_argstring(words)
        if not code.strip():
            raise UsageError("%tracypy: what is to be run? %tracypy f(), or %%tracypy at the top of a cell")
        run = _Run(self._shell, code)
        if run.awaits:
            raise UsageError("%tracypy: a line cannot await; %%tracypy at the top of a cell can")
        with _shown(options) as recording:
            return run.recorded(recording)

    async def run_awaiting(self, words: str, cell: str) -> object:
        """Do the same for a cell that awaits."""
        __tracebackhide__ = True
        options = self._parser.parse_argstring(words)
        run = _Run(self._shell, cell)
        made = sys._getframe(1).f_code.co_filename  # noqa: SLF001  # the cell that `awaited` has made
        options.exclude = [*options.exclude, made]
        with _shown(options) as recording:
            return await run.recorded_awaiting(recording)

    def awaited(self, lines: list[str]) -> list[str]:
        """Make a cell with the magic that awaits one that does without magic. Others stay as they are."""
        head = lines[0].split(None, 1) if lines else []
        if not head or head[0] != f"%%{_NAME}":
            return lines
        cell = "".join(lines[1:])
        try:
            code = _compiled(ast.parse(self._shell.transform_cell(cell)), _NAME, _NAME)
        except SyntaxError:
            return lines  # to be told when it runs
        if not _awaits(code):
            return lines
        words, quiet = " ".join(head[1:]).strip(), ";" if _is_quiet(cell) else ""
        magic = f"get_ipython().find_cell_magic({_NAME!r}).__self__"
        return [f"await {magic}.run_awaiting({words!r}, {cell!r}){quiet}\n"]


@contextlib.contextmanager
def _shown(options: Any) -> Iterator[tracypy.record]:  # noqa: ANN401  # of argparse
    """Give what records to a file, and show what is in it."""
    with tempfile.TemporaryDirectory(prefix="tracypy-cell-") as folder:
        recording = _recording(options.output or os.path.join(folder, "cell.tracy"), options)
        try:
            yield recording
        finally:
            if recording.summary is not None:
                graphs = 0 if options.no_flamegraph else 1 if options.no_timeline else 2
                _show(recording.summary, is_kept=bool(options.output), graphs=graphs)


def _split(line: str) -> tuple[str, str]:
    """Return the options of a line, and what it runs."""
    words: list[str] = []
    rest = line.strip()
    while rest.startswith("-"):
        word, _, rest = rest.partition(" ")
        words.append(word)
        rest = rest.lstrip()
        if word in ("-o", "--output", "--include", "--exclude"):
            value, _, rest = rest.partition(" ")
            words.append(value)
            rest = rest.lstrip()
    return " ".join(words), rest


def _recording(path: str, options: Any) -> tracypy.record:  # noqa: ANN401  # of argparse
    try:
        return tracypy.record(
            path,
            overwrite=options.force,
            include=options.include,
            exclude=[*options.exclude, *_KERNEL, *_OF_ITS_THREADS],
            only_user_code=options.only_user_code,
            hide_imports=True,
        )
    except (SettingError, ValueError) as problem:
        raise UsageError(f"%tracypy: {problem}") from None


class _Run:
    """A cell, to be run as IPython runs it: its last expression is its value."""

    def __init__(self, shell: Shell, text: str) -> None:
        self._names = shell.user_ns
        source = shell.transform_cell(text)
        file = shell.compile.cache(source, _cells_so_far(shell), raw_code=text)
        tree = shell.transform_ast(ast.parse(source, file))
        if tree.body and isinstance(tree.body[-1], ast.Expr) and not _is_quiet(source):
            last = tree.body[-1]
            target = ast.copy_location(ast.Name(_VALUE, ast.Store()), last)
            tree.body[-1] = ast.copy_location(ast.Assign([target], last.value), last)
        self._code = _compiled(tree, file, _cell_name(_cells_so_far(shell)))
        self.awaits = _awaits(self._code)

    def recorded(self, recording: tracypy.record) -> object:
        """Run it while it is recorded, and return its value."""
        __tracebackhide__ = True
        _begin(recording, _Run.recorded.__code__)
        try:
            exec(self._code, self._names)  # noqa: S102  # as cells are for
        finally:
            recording.__exit__(*sys.exc_info())
        return self._names.pop(_VALUE, None)

    async def recorded_awaiting(self, recording: tracypy.record) -> object:
        """Do the same with one that awaits."""
        __tracebackhide__ = True
        _begin(recording, _Run.recorded_awaiting.__code__)
        try:
            await eval(self._code, self._names)  # noqa: S307  # as cells are for
        finally:
            recording.__exit__(*sys.exc_info())
        return self._names.pop(_VALUE, None)


def _begin(recording: tracypy.record, root: CodeType) -> None:
    leave_out_callers_of(root)  # the calls around that are the kernel's
    try:
        recording.__enter__()
    except (OSError, RecordingError) as problem:
        raise UsageError(f"%tracypy: {getattr(problem, 'strerror', None) or problem}") from None


def _is_quiet(source: str) -> bool:
    return source.rstrip().endswith(";")


def _awaits(code: CodeType) -> bool:
    return bool(code.co_flags & inspect.CO_COROUTINE)


def _compiled(tree: ast.Module, file: str, name: str) -> CodeType:
    code: CodeType = compile(tree, file, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    return code.replace(co_qualname=name)


def _show(summary: RecordingSummary, *, is_kept: bool, graphs: int) -> None:
    """Show the summary, and so many of the flame graph and the timeline."""
    trace = tracypy.open(summary.path)
    own = _kernel_threads()
    rows = [row for row in trace.threads if row.zone_count and row.id not in own]
    shown = _without_kernel(summary, trace, rows, summary.path if is_kept else _NOT_KEPT)
    display({"text/plain": str(shown), "text/html": shown._repr_html_()}, raw=True)  # IPython's name
    if rows and graphs > 0:
        page = _frame(_flame_graph(trace, rows), "flame graph", _HEIGHT)
        display({"text/plain": "(a flame graph)", "text/html": page}, raw=True)
    if rows and graphs > 1:
        hidden = {index for index, row in enumerate(trace.threads) if row.id in own}
        page = _frame(_timeline(summary.path, hidden), "timeline", _TIMELINE_HEIGHT)
        display({"text/plain": "(a timeline)", "text/html": page}, raw=True)


def _without_kernel(summary: RecordingSummary, trace: Trace, rows: Sequence[Thread], path: str) -> RecordingSummary:
    """Return the summary of these rows."""
    values = {name: getattr(summary, name) for name in summary.__slots__}
    values |= {
        "path": path,
        "zones": sum(row.zone_count for row in rows),
        "threads": sum(row.thread_count for row in rows),
        "functions": _functions(trace, rows),
    }
    return type(summary)(**values)


def _functions(trace: Trace, rows: Sequence[Thread]) -> tuple[FunctionTotals, ...]:
    totals: dict[int, list[int]] = {}
    for row in rows:
        for function in trace.functions(row):
            numbers = totals.setdefault(function.location, [0, 0, 0])
            for index, number in enumerate((function.calls, function.total_ns, function.self_ns)):
                numbers[index] += number
    found = []
    for location, (calls, total_ns, self_ns) in sorted(totals.items(), key=lambda each: each[1][2], reverse=True):
        place = trace.source_locations[location]
        found.append(FunctionTotals(place.label, place.file, place.line, calls, total_ns, self_ns))
    return tuple(found)


def _kernel_threads() -> set[int | None]:
    """Return the system's numbers of threads that run the kernel's own code."""
    return {
        thread.native_id
        for thread in threading.enumerate()
        if any(
            str(getattr(what, "__module__", "")).partition(".")[0] in _KERNEL
            for what in (type(thread), getattr(thread, "_target", None))
        )
    }


def _flame_graph(trace: Trace, rows: Sequence[Thread]) -> str:
    with tempfile.TemporaryDirectory(prefix="tracypy-page-") as folder:
        page = os.path.join(folder, "page.html")
        words = [str(row.id) for row in rows]
        tracypy.exporters.export(trace, page, to="flamegraph", threads=words, title=_TITLE, most_nodes=_MOST_NODES)
        with open(page, encoding="utf-8") as file:
            return file.read()


def _timeline(path: str, hidden: set[int]) -> str:
    from tracypy.view.answers import read
    from tracypy.view.single import page

    text, _ = page(read(path, hidden), _MOST_ZONES)
    return text


def _frame(page: str, title: str, height: int) -> str:
    """Return a page within a page, which can reach nothing of that."""
    return (
        f'<iframe srcdoc="{html.escape(page)}" sandbox="allow-scripts" title="{title}" '
        f'style="width: 100%; height: {height}px; border: 1px solid #8888"></iframe>'
    )
