"""The command `tracypy` as a whole: its subcommands, its help, and which of them is meant."""

from __future__ import annotations

import click

import tracypy
from tracypy import clocks
from tracypy.cli.commands import COMMANDS, DEFAULT, bare_name, command_and_rest, launch_of, module_of
from tracypy.cli.console_scripts import is_known
from tracypy.cli.target import ProgramCommand
from tracypy.formatting import quoted

_HELP = """The Tracy profiler for Python: see every call of a program, live or in a recording.

\b
  tracypy script.py              run it; connect a viewer to 127.0.0.1 at any time
  tracypy -m package.module      run a module (as `python -m`)
  tracypy -c 'print(6 * 7)'      run a line of code
  tracypy --wait script.py       start it when the viewer has connected
  tracypy --no-exit script.py    at the end, stay until a viewer has received everything

\b
  tracypy record script.py       no viewer at hand: record it to a .tracy file, and sum it up
  tracypy report FILE.tracy      what took the time, in tables
  tracypy flamegraph FILE.tracy  the same as a page for a browser
  tracypy view FILE.tracy        the timeline in the browser, without a viewer
  tracypy top                    a running program in the terminal, as a live table

A viewer is the program tracy-profiler of https://github.com/wolfpld/tracy; it shows running programs, and opens
recordings.

The first word is a script unless it is one of the commands below; `tracypy run` takes a script of any name. Options
stand before the script, and what stands after it is the script's.
"""


#: What is answered at once, without a program.
_ALONE = ("--help", "-h", "--version", "--include-dir", "--cmake-dir")


class App(click.Group):
    """Imports a subcommand when it is used, and takes any other first word for a script."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """List the subcommands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the subcommand of that name."""
        return load(cmd_name) if cmd_name in COMMANDS else None

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the subcommand first."""
        if not args:
            args = ["--help"]
        if args[0] not in _ALONE:
            _refuse_mistake(args)
            name, rest = command_and_rest(args)
            args = [name, *rest]
        return super().parse_args(ctx, args)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Show the options of `run` too, since they may be given without it."""
        parameters = (*load(DEFAULT).params, *self.get_params(ctx))
        own = [parameter.get_help_record(ctx) for parameter in parameters]
        with formatter.section("Options"):
            formatter.write_dl([record for record in own if record is not None])
        self.format_commands(ctx, formatter)


def load(name: str) -> click.Command:
    """Return the command of that name."""
    launch = launch_of(name)
    if launch is not None:
        return ProgramCommand(launch)
    command: click.Command = module_of(name).command
    return command


def _refuse_mistake(words: list[str]) -> None:
    word = bare_name(words)
    if word is None:
        return
    if word.endswith(".tracy"):
        raise click.UsageError(
            f"{word} is a recording, not a program: `tracypy report {quoted(word)}` shows what is in it"
        )
    if not is_known(word):
        raise click.UsageError(f"there is no command and no script {word!r}; `tracypy --help` shows the commands")


def version_text() -> str:
    """Return what `--version` prints: the package, and which viewers it serves."""
    lines = [f"tracypy {tracypy.__version__}"]
    lines += [f"  protocol {number:3}  Tracy {releases}" for number, releases in tracypy.PROTOCOLS]
    lines.append(f"  clock         {clocks.text()}")
    return "\n".join(lines)


def _show_version(ctx: click.Context, _option: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        click.echo(version_text())
        ctx.exit()


def _show_folder(ctx: click.Context, option: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        find = {"include_dir": tracypy.get_include, "cmake_dir": tracypy.get_cmake_dir}[str(option.name)]
        click.echo(find())
        ctx.exit()


@click.group(
    cls=App,
    help=_HELP,
    subcommand_metavar="SCRIPT | -m MODULE | -c CODE | COMMAND  [ARGS]...",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help="Show the version, and the protocols and Tracy releases it speaks.",
)
@click.option(
    "--include-dir",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_folder,
    help="Show the folder of tracypy.h, for native code that records into tracypy.",
)
@click.option(
    "--cmake-dir",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_folder,
    help="Show where CMake's find_package(tracypy) finds it.",
)
def app() -> None:
    """Hold the subcommands."""
