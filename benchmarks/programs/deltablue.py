"""Constraints with strengths over variables, solved by propagating values along one-way methods.

After the idea of the DeltaBlue solver (Freeman-Benson, Maloney); written for this suite.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

UNITS = 5
REQUIRED, STRONG, NORMAL, WEAK, WEAKEST = range(5)


class Variable:
    def __init__(self, name: str, value: int = 0) -> None:
        self.name = name
        self.value = value
        self.constraints: list[Constraint] = []
        self.decided_by: Constraint | None = None
        self.strength = WEAKEST
        self.mark = 0

    def consumers(self) -> Iterator[Constraint]:
        for constraint in self.constraints:
            if constraint is not self.decided_by and constraint.is_satisfied():
                yield constraint


class Constraint:
    def __init__(self, strength: int, *variables: Variable) -> None:
        self.strength = strength
        self.variables = variables
        self.output: Variable | None = None

    def is_satisfied(self) -> bool:
        return self.output is not None

    def attach(self) -> None:
        for variable in self.variables:
            variable.constraints.append(self)

    def detach(self) -> None:
        for variable in self.variables:
            variable.constraints.remove(self)
        self.output = None

    def choose_output(self, mark: int) -> Variable | None:
        free = [variable for variable in self.candidates() if variable.mark != mark]
        weakest = max(free, key=weakness, default=None)
        return weakest if weakest is not None and weakest.strength > self.strength else None

    def candidates(self) -> tuple[Variable, ...]:
        return self.variables

    def inputs(self) -> list[Variable]:
        return [variable for variable in self.variables if variable is not self.output]

    def recalculate(self) -> None:
        assert self.output is not None
        self.output.strength = max([self.strength, *map(weakness, self.inputs())])
        self.execute()

    def execute(self) -> None:
        """Give the output its value; constraints that only hold a value leave it."""


def weakness(variable: Variable) -> int:
    return variable.strength


class Stay(Constraint):
    pass


class Edit(Constraint):
    pass


class Equal(Constraint):
    def execute(self) -> None:
        assert self.output is not None
        self.output.value = self.inputs()[0].value


class Scaled(Constraint):
    """destination = source * factor + offset, in that direction only."""

    def __init__(self, strength: int, source: Variable, destination: Variable, factor: int, offset: int) -> None:
        super().__init__(strength, source, destination)
        self.factor = factor
        self.offset = offset

    def candidates(self) -> tuple[Variable, ...]:
        return self.variables[1:]

    def execute(self) -> None:
        self.variables[1].value = self.variables[0].value * self.factor + self.offset


class Planner:
    def __init__(self) -> None:
        self.mark = 0

    def add(self, constraint: Constraint) -> None:
        constraint.attach()
        self.mark += 1
        overridden: Constraint | None = constraint
        while overridden is not None:
            overridden = self.satisfy(overridden)

    def satisfy(self, constraint: Constraint) -> Constraint | None:
        output = constraint.choose_output(self.mark)
        constraint.output = output
        if output is None:
            return None
        overridden = output.decided_by
        if overridden is not None:
            overridden.output = None
        output.decided_by = constraint
        output.mark = self.mark
        self.propagate(constraint)
        return overridden

    def remove(self, constraint: Constraint) -> None:
        output = constraint.output
        constraint.detach()
        if output is not None:
            output.decided_by = None
            output.strength = WEAKEST

    def propagate(self, start: Constraint) -> None:
        for constraint in self.plan(start):
            constraint.recalculate()

    def plan(self, start: Constraint) -> list[Constraint]:
        steps: list[Constraint] = [start]
        for step in steps:  # grows while it is walked
            assert step.output is not None
            steps.extend(consumer for consumer in step.output.consumers() if consumer not in steps)
        return steps


def chain(length: int) -> None:
    planner = Planner()
    variables = [Variable(f"v{index}") for index in range(length)]
    for one, other in pairwise(variables):
        planner.add(Equal(REQUIRED, one, other))
    planner.add(Stay(WEAK, variables[-1]))
    edit = Edit(STRONG, variables[0])
    planner.add(edit)
    plan = planner.plan(edit)
    for value in range(20):
        variables[0].value = value
        for constraint in plan:
            constraint.recalculate()
        assert variables[-1].value == value
    planner.remove(edit)


def projection(count: int) -> None:
    planner = Planner()
    for index in range(count):
        source, destination = Variable(f"s{index}", index), Variable(f"d{index}")
        planner.add(Stay(NORMAL, source))
        planner.add(Scaled(REQUIRED, source, destination, 10, 1000))
        assert destination.value == index * 10 + 1000


def run(n: int) -> None:
    for _ in range(n):
        chain(50)
        projection(100)
