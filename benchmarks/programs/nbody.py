"""Bodies that attract one another: arithmetic, and few calls for much work."""

from __future__ import annotations

import math

UNITS = 10
STEP = 0.01

# Position, velocity, mass: a star and planets, in units that were made up.
START = [
    ([0.0, 0.0, 0.0], [0.0, 0.0, 0.0], 40.0),
    ([5.0, -1.0, -0.1], [0.6, 2.8, 0.0], 0.04),
    ([8.0, 4.0, -0.4], [-1.0, 1.8, 0.01], 0.01),
    ([12.0, -15.0, -0.2], [1.0, 0.8, -0.01], 0.002),
    ([15.0, -25.0, 0.2], [0.9, 0.6, -0.03], 0.002),
]

Body = tuple[list[float], list[float], float]


def attract(one: Body, other: Body) -> None:
    (x1, y1, z1), v1, m1 = one
    (x2, y2, z2), v2, m2 = other
    dx, dy, dz = x1 - x2, y1 - y2, z1 - z2
    distance = dx * dx + dy * dy + dz * dz
    pull = STEP / (distance * math.sqrt(distance))
    for axis, difference in enumerate((dx, dy, dz)):
        v1[axis] -= difference * m2 * pull
        v2[axis] += difference * m1 * pull


def move(body: Body) -> None:
    place, velocity, _ = body
    for axis in range(3):
        place[axis] += STEP * velocity[axis]


def energy(bodies: list[Body]) -> float:
    total = 0.0
    for index, (place, velocity, mass) in enumerate(bodies):
        total += mass * sum(v * v for v in velocity) / 2
        for other_place, _, other_mass in bodies[index + 1 :]:
            total -= mass * other_mass / math.dist(place, other_place)
    return total


def advance(bodies: list[Body], steps: int) -> None:
    pairs = [(one, other) for index, one in enumerate(bodies) for other in bodies[index + 1 :]]
    for _ in range(steps):
        for one, other in pairs:
            attract(one, other)
        for body in bodies:
            move(body)


def run(n: int) -> None:
    for _ in range(n):
        bodies = [(list(place), list(velocity), mass) for place, velocity, mass in START]
        before = energy(bodies)
        advance(bodies, 300)
        assert abs(energy(bodies) - before) < abs(before) / 100
