"""What to watch: the options that were given, over those of the project that the program belongs to."""

from __future__ import annotations

from tracypy.cli.errors import CommandError
from tracypy.cli.project import watch_settings
from tracypy.filters import Watch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tracypy.cli.program import Program


def chosen_watch(program: Program, given: dict[str, object]) -> Watch:
    """Return which calls become zones, and what is recorded besides.

    Args:
        program: Where the project is looked for.
        given: What the options of the command line say; None and () are not given.

    Raises:
        CommandError: An option or a setting has an invalid value.
    """
    options = watch_settings(program.folder)
    options |= {name: value for name, value in given.items() if value not in (None, ())}
    try:
        return Watch(**options)  # type: ignore[arg-type]  # which it checks itself
    except (TypeError, ValueError) as problem:
        raise CommandError(str(problem)) from None
