"""Tasks and an actor of Ray and their driver in one trace, each task a zone with its id. Makes ray_tasks.tracy."""

from __future__ import annotations

import math
from typing import Any

import ray

import tracypy.integrations.ray


def primes(below: int) -> int:
    return sum(all(number % divisor for divisor in range(2, math.isqrt(number) + 1)) for number in range(2, below))


class Total:
    def __init__(self) -> None:
        self.value = 0

    def add(self, number: int) -> int:
        self.value += number
        return self.value


def main() -> None:
    ray.init(num_cpus=2, include_dashboard=False, runtime_env=tracypy.integrations.ray.runtime_env())
    with tracypy.integrations.ray.record("ray_tasks.tracy", overwrite=True) as recording:
        total: Any = ray.remote(Total).remote()
        task: Any = ray.remote(primes)
        found = [total.add.remote(task.remote(below)) for below in range(100, 2000, 100)]
        print(f"{len(found)} tasks, {max(ray.get(found))} primes")
    assert recording.summary is not None
    print(f"{recording.summary.zones} zones of {len(recording.summary.parts)} processes")


if __name__ == "__main__":
    main()
