"""What to watch: the options that were given, over those of the project that the program belongs to."""

from __future__ import annotations

import os

from tracypy import stderr
from tracypy.cli.errors import CommandError
from tracypy.config import Config
from tracypy.errors import SettingError
from tracypy.filters import Watch
from tracypy.following import lead
from tracypy.project import project_settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tracypy.cli.program import Program


def lead_children(watched: Watch, *, records: bool, is_rank: bool = False) -> None:
    """Follow the program's children from now on; if that cannot be had, say so.

    Args:
        watched: Which calls, and what besides.
        records: As in `tracypy.following.lead`.
        is_rank: As there.
    """
    try:
        lead(watched, records=records, is_rank=is_rank)
    except RuntimeError as problem:
        stderr.say(str(problem))


def gather_clients(clients: tuple[tuple[int | None, str], ...]) -> None:
    """Take in these Tracy clients, too.

    Args:
        clients: Ports and addresses.
    """
    if not clients:
        return
    from tracypy.gathering import gather

    for client in clients:
        gather(*client)


def chosen(program: Program, given: dict[str, object], *, children: bool | None) -> tuple[Watch, bool]:
    """Return which calls become zones, and what is recorded besides; and whether children are followed.

    Args:
        program: Where the project is looked for.
        given: What the options of the command line say; None and () are not given.
        children: What its option for children says.

    Raises:
        CommandError: An option or a setting has an invalid value.
    """
    try:
        options = project_settings(program.folder)
    except SettingError as problem:
        raise CommandError(str(problem)) from None
    of_project = options.pop("children", None)
    if children is None and of_project is not None and not os.environ.get("TRACYPY_CHILDREN"):
        children = bool(of_project)
    follows = Config(os.environ, children=None if children is None else int(children)).children
    options |= {name: value for name, value in given.items() if value not in (None, ())}
    try:
        return Watch(**options), follows  # type: ignore[arg-type]  # which it checks itself
    except (TypeError, ValueError) as problem:
        raise CommandError(str(problem)) from None
