"""The recipes of docs/recipes: each runs as it stands there, and its recording shows what its page says."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

import tracypy
from tracypy.trace import Trace

from support.frameworks import required
from support.recorded_program import run

RECIPES = Path(__file__).parents[2] / "docs" / "recipes"


def programs() -> dict[str, str]:
    """The first piece of code below each heading."""
    found = {}
    for page in sorted(RECIPES.glob("*.md")):
        for part in page.read_text().split("\n## ")[1:]:
            name, _, rest = part.partition("\n")
            found[name] = rest.partition("```python\n")[2].partition("```\n")[0]
    return found


PROGRAMS = programs()
MOST_LINES = 40
SHAPES = {
    "CREATE TABLE users (id INTEGER, name TEXT)": 1,
    "INSERT INTO users VALUES (?, ?)": 10,
    "SELECT name FROM users WHERE name = ? AND id > ?": 1,
}


def names(trace: Trace) -> Counter[str]:
    return Counter(
        zone.name or trace.source_locations[zone.location].label for row in trace.threads for zone in row.iter_zones()
    )


def texts(trace: Trace, name: str) -> list[str]:
    return [
        zone.text or ""
        for row in trace.threads
        for zone in row.iter_zones()
        if (zone.name or trace.source_locations[zone.location].label) == name
    ]


def told(trace: Trace) -> list[tuple[str, str]]:
    return [(message.severity, message.text) for message in trace.messages]


def has_queries(trace: Trace) -> None:
    shapes = Counter({name.replace("%s", "?"): count for name, count in names(trace).items() if " " in name})
    assert {name: shapes[name] for name in SHAPES} == SHAPES
    assert not any(value in "".join(names(trace)) for value in ("Ada", "Grace", "4711"))


def has_tasks(name: str) -> Callable[[Trace], None]:
    def check(trace: Trace) -> None:
        numbers = texts(trace, name)
        assert len({number for number in numbers if number}) == 10

    return check


def has_structlog(trace: Trace) -> None:
    assert told(trace) == [("info", "order number=7"), ("warning", "late")]


def has_loguru(trace: Trace) -> None:
    assert told(trace) == [("info", "order 7"), ("warning", "late")]


def has_warnings(trace: Trace) -> None:
    assert told(trace) == [("warning", "DeprecationWarning: it is old"), ("warning", "UserWarning: it is slow")]
    assert all(message.callstack for message in trace.messages)


def has_spans(trace: Trace) -> None:
    assert texts(trace, "order") == ["items: 3"]
    (row,) = (row for row in trace.threads if row.name == "Main thread")
    depths = {trace.source_locations[zone.location].label: zone.depth for zone in row.iter_zones()}
    assert depths["pay"] == depths["order"] + 1


def has_pictures(trace: Trace) -> None:
    assert (names(trace)["rules"], names(trace)["draw"]) == (30, 30)
    assert (len(trace.frames[0]), len(trace.frame_images)) == (30, 3)
    assert [len(plot) for plot in trace.plots if plot.name == "x"] == [30]


def has_turns(trace: Trace) -> None:
    assert (names(trace)["frame"], names(trace)["turn"]) == (30, 60)  # the task, and the zone in it
    assert (len(trace.frames[0]), len(trace.frame_images)) == (30, 3)
    assert [len(plot) for plot in trace.plots if plot.name == "heading"] == [30]
    assert len(set(trace.frame_images[2].rgb())) > 10  # there is something to see


def has_sweeps(trace: Trace) -> None:
    assert (names(trace)["sweep"], names(trace)["numpy.zeros"]) == (10, 1)
    assert [len(plot) for plot in trace.plots if plot.name == "residual"] == [10]


def has_ranges(trace: Trace) -> None:
    assert names(trace) == {"step": 10, "inner": 10}
    assert {zone.depth for row in trace.threads for zone in row.iter_zones()} == {0, 1}


def has_training(trace: Trace) -> None:
    found = names(trace)
    assert (found["forward"], found["backward"], found["Optimizer.step#SGD.step"]) == (4, 4, 4)
    assert sum(count for name, count in found.items() if name.startswith("enumerate(DataLoader)")) == 5
    assert [len(plot) for plot in trace.plots if plot.name == "loss"] == [4]


def has_annotations(trace: Trace) -> None:
    assert names(trace)["one step"] == 5
    assert any("backend_compile" in text and "step" in text for _, text in told(trace))


def has_episodes(trace: Trace) -> None:
    assert (names(trace)["episode"], names(trace)["step"], len(trace.frames[0])) == (3, 15, 15)
    assert [len(plot) for plot in trace.plots if plot.name == "reward"] == [15]


CHECKS: dict[str, tuple[str, Callable[[Trace], None]]] = {
    "SQLAlchemy": ("sqlalchemy", has_queries),
    "Django": ("django", has_queries),
    "Celery": ("celery", has_tasks("add")),
    "RQ": ("rq", has_tasks("math.factorial")),
    "Dramatiq": ("dramatiq", has_tasks("add")),
    "structlog": ("structlog", has_structlog),
    "loguru": ("loguru", has_loguru),
    "warnings": ("warnings", has_warnings),
    "OpenTelemetry": ("opentelemetry", has_spans),
    "pygame": ("pygame", has_pictures),
    "Gymnasium": ("gymnasium", has_episodes),
    "Panda3D": ("panda3d", has_turns),
    "NumPy": ("numpy", has_sweeps),
    "NVTX": ("nvtx", has_ranges),
    "PyTorch": ("torch", has_training),
    "JAX": ("jax", has_annotations),
}
#: They take hundreds of megabytes.
HEAVY = {"Panda3D", "PyTorch", "JAX"}


@pytest.mark.parametrize(
    ("name", "check"),
    [
        pytest.param(name, check, marks=[required(module), *([pytest.mark.heavy] if name in HEAVY else [])], id=name)
        for name, (module, check) in CHECKS.items()
    ],
)
def test_recipe_does_what_its_page_says(tmp_path: Path, name: str, check: Callable[[Trace], None]) -> None:
    run(tmp_path, program=PROGRAMS[name])
    check(tracypy.open(tmp_path / "recipe.tracy"))


def test_recipes_are_short_and_use_what_is_public() -> None:
    assert set(PROGRAMS) == set(CHECKS)
    assert RECIPES.joinpath("queries.md").exists()
    for name, program in PROGRAMS.items():
        assert len(program.splitlines()) <= MOST_LINES, name
        assert set(re.findall(r"\btracypy\.(\w+)", program)) <= {*tracypy.__all__, "tracy"}, name
