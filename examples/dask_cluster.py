"""Three workers of Dask and their client in one trace, each task a zone with its key. Makes dask_cluster.tracy."""

from __future__ import annotations

import math
from typing import Any

from distributed import Client, LocalCluster

import tracypy.integrations.dask

NO_DASHBOARD: Any = None  # Dask takes it, but has no type for it


def primes(below: int) -> int:
    return sum(all(number % divisor for divisor in range(2, math.isqrt(number) + 1)) for number in range(2, below))


def main() -> None:
    with (
        LocalCluster(n_workers=3, threads_per_worker=1, dashboard_address=NO_DASHBOARD, host="127.0.0.1") as cluster,
        Client(cluster) as client,
    ):
        with tracypy.integrations.dask.record(client, "dask_cluster.tracy", overwrite=True) as recording:
            found: Any = client.gather(client.map(primes, range(100, 2000, 100)))
        print(f"{len(found)} tasks, {sum(found)} primes")
    assert recording.summary is not None
    print(f"{recording.summary.zones} zones of {len(recording.summary.parts)} processes")


if __name__ == "__main__":
    main()
