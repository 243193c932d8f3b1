"""An hour of a server's life, in a clock that jumps over all waiting.

    server_hour.py REQUESTS_PER_SECOND SECONDS

Each request awaits two queries and a task of its own; some fail, some are cancelled by a timeout. The first second has the
most requests at a time. Prints the process's memory in MiB after a sixth of the time, and at the end.
"""

import asyncio
import random
import selectors
import sys

import tracypy

BURST = 100


class JumpingSelector(selectors.DefaultSelector):
    now = 0.0

    def select(self, timeout=None):
        self.now += timeout or 0.0
        return super().select(0)


class JumpingLoop(asyncio.SelectorEventLoop):
    def __init__(self):
        self.selector = JumpingSelector()
        super().__init__(self.selector)

    def time(self):
        return self.selector.now


def memory_mb():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096 / 2**20


async def query(chance):
    await asyncio.sleep(0.01 + chance * 0.03)


async def audit():
    await asyncio.sleep(0.02)


async def request(chance):
    audited = asyncio.create_task(audit())
    async with asyncio.timeout(0.045 if chance < 0.01 else None):
        await query(1 - chance)
        await query(1 - chance)
    await audited
    if chance > 0.99:
        raise ValueError


async def one_second(chances):
    tasks = []
    for chance in chances:
        tasks.append(asyncio.create_task(request(chance)))
        await asyncio.sleep(0 if len(chances) >= BURST else 0.9 / len(chances))
    await asyncio.gather(*tasks, return_exceptions=True)


async def serve(per_second, seconds):
    chances = random.Random(1)
    for second in range(seconds):
        if second == seconds // 6:
            print(memory_mb(), flush=True)
            tracypy.message("a sixth")
        count = BURST if second == 0 else per_second
        await one_second([chances.random() for _ in range(count)])


def main(per_second, seconds):
    with asyncio.Runner(loop_factory=JumpingLoop) as runner:
        runner.run(serve(per_second, seconds))
    print(memory_mb(), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
