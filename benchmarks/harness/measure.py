"""Interleaved rounds of one program under all variants, and the figures that they make."""

from __future__ import annotations

import importlib
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from statistics import median
from types import ModuleType

from harness.catalog import COUNT, FLOOR, PLAIN, PYPI_CONNECTED
from harness.variants import Variant
from harness.workers import Cores, Round, Worker

#: How far zones may be from calls where a program does not always make the same: scheduling decides.
TOLERANCE = 0.05

#: Zones of the worker itself, when all calls are zones: the frame of its module, which is open from the start. Calls
#: into tracypy (`tracypy.disable()`, with which it ends) are none. PyPI's does not open frames that already run.
OWN_ZONES = 1
OWN_ZONES_PYPI = 0


@dataclass(frozen=True)
class Figures:
    """What one program costs under one variant.

    Times are in nanoseconds. `cpu` is processor time of the program's threads, `wall` is what a clock on the wall
    says; both are of one round. `added` is cpu over plain Python, per call.
    """

    variant: str
    rounds: int
    cpu_least: float
    cpu_median: float
    wall_least: float
    wall_median: float
    added: float | None = None
    added_median: float | None = None
    added_wall: float | None = None
    to_floor: float | None = None
    to_pypi: float | None = None
    zones: int | None = None
    zones_expected: int | None = None
    zones_agree: bool | None = None


@dataclass(frozen=True)
class Result:
    """One program under all variants."""

    program: str
    units: int
    calls: int
    figures: list[Figures]
    failures: list[str]

    def as_json(self) -> dict[str, object]:
        return asdict(self)


def measure(name: str, variants: list[Variant], rounds: int, cores: Cores | None, divisor: int = 1) -> Result:
    """Run one program.

    Args:
        name: A module of programs/.
        variants: Plain and count among them.
        rounds: How many, after one that does not count.
        cores: What to keep to.
        divisor: Make the rounds so many times shorter.
    """
    program = importlib.import_module(f"programs.{name}")
    units = max(1, program.UNITS // divisor)
    fitting = [variant for variant in variants if _fits(variant, program)]
    failures: list[str] = []
    if getattr(program, "FRESH", False):
        workers = _run_fresh(name, fitting, max(2, rounds // 5), units, cores, failures)
    else:
        workers = _run_interleaved(name, fitting, rounds + 1, units, cores, failures)
    return _result(name, program, units, workers, failures)


def _fits(variant: Variant, program: ModuleType) -> bool:
    if getattr(program, "MARKUP", False):
        is_floor = variant.kind == "floor" and getattr(program, "FLOOR", False)
        return variant.kind == "plain" or is_floor or (variant.ours and not variant.options)
    return not (getattr(program, "THREADS", False) and variant.kind == "cprofile")  # it sees one thread


def _start(name: str, variant: Variant, cores: Cores | None, stack: ExitStack) -> Worker:
    worker = stack.enter_context(Worker(variant, name, cores))
    worker.await_ready()
    return worker


def _run_interleaved(
    name: str, variants: list[Variant], rounds: int, units: int, cores: Cores | None, failures: list[str]
) -> list[Worker]:
    with ExitStack() as stack:
        workers = [_start(name, variant, cores, stack) for variant in variants]
        for number in range(rounds):
            # Not always the same neighbour before: caches and drains remember it.
            shift = number % len(workers)
            for worker in workers[shift:] + workers[:shift]:
                worker.run_round(units)
        for worker in workers:
            _finish(worker, failures)
            del worker.rounds[0]
    return workers


def _run_fresh(
    name: str, variants: list[Variant], rounds: int, units: int, cores: Cores | None, failures: list[str]
) -> list[Worker]:
    """Each round by a process of its own; the last one of a variant keeps the rounds of all."""
    last: dict[str, Worker] = {}
    for _ in range(rounds):
        for variant in variants:
            with ExitStack() as stack:
                worker = _start(name, variant, cores, stack)
                worker.run_round(units)
                _finish(worker, failures)
            if variant.name in last:
                worker.rounds = last[variant.name].rounds + worker.rounds
            last[variant.name] = worker
    return list(last.values())


def _finish(worker: Worker, failures: list[str]) -> None:
    try:
        worker.finish()
    except RuntimeError as problem:
        failures.append(str(problem))


def _result(name: str, program: ModuleType, units: int, workers: list[Worker], failures: list[str]) -> Result:
    by_name = {worker.variant.name: worker for worker in workers}
    plain = by_name[PLAIN].rounds
    fresh = getattr(program, "FRESH", False)
    if getattr(program, "MARKUP", False):
        calls = program.PER_UNIT * units
        counted = calls * (len(plain) + 1)
    else:
        counting = by_name[COUNT].rounds
        counted = counting[-1].frames_so_far  # the warm-up included, as in the traces
        calls = counted if fresh else round((counted - counting[0].frames_so_far) / (len(counting) - 1))
    costs = {name: _added(worker.rounds, plain, calls) for name, worker in by_name.items()}
    figures = []
    for label, worker in by_name.items():
        if label == COUNT:
            continue
        expected = agree = None
        is_compared = bool(worker.variant.options) or not getattr(program, "TASKS", False)
        if worker.zones is not None and is_compared:
            expected, agree = _expectation(worker, program, counted)
            if not agree:
                failures.append(f"{name}, {label}: {worker.zones:,} zones, not {expected:,}")
        cpu = [float(one.processor_ns) for one in worker.rounds]
        wall = [float(one.wall_ns) for one in worker.rounds]
        least, middle, on_the_wall = costs[label]
        is_plain = label == PLAIN
        figures.append(
            Figures(
                label, len(cpu), min(cpu), median(cpu), min(wall), median(wall),
                added=None if is_plain else least,
                added_median=None if is_plain else middle,
                added_wall=None if is_plain else on_the_wall,
                to_floor=_ratio(least, costs.get(FLOOR), is_plain),
                to_pypi=_ratio(least, costs.get(PYPI_CONNECTED), is_plain),
                zones=worker.zones, zones_expected=expected, zones_agree=agree,
            )
        )  # fmt: skip
    return Result(name, units, calls, figures, failures)


def _added(rounds: list[Round], plain: list[Round], calls: int) -> tuple[float, float, float]:
    """Per call: of the best rounds, of the middle ones, and of the middle ones on the wall."""
    cpu, base = [one.processor_ns for one in rounds], [one.processor_ns for one in plain]
    wall, wall_base = [one.wall_ns for one in rounds], [one.wall_ns for one in plain]
    return (
        (min(cpu) - min(base)) / calls,
        (median(cpu) - median(base)) / calls,
        (median(wall) - median(wall_base)) / calls,
    )


def _ratio(least: float, of: tuple[float, float, float] | None, is_plain: bool) -> float | None:
    return None if is_plain or of is None or of[0] <= 0 else least / of[0]


def _expectation(worker: Worker, program: ModuleType, counted: int) -> tuple[int, bool]:
    variant = worker.variant
    markup = getattr(program, "MARKUP", False)
    if variant.options:
        return 0, worker.zones == 0
    own = 0 if markup else OWN_ZONES if variant.ours else OWN_ZONES_PYPI
    expected = counted + own
    assert worker.zones is not None
    if getattr(program, "EXACT", True):
        return expected, worker.zones == expected
    return expected, abs(worker.zones - expected) <= expected * TOLERANCE
