"""A server on asyncio that is slow, and why is not seen in its code: docs/questions/slow-server.md finds it.

python examples/slow_server.py             asks itself, says how long a greeting took at the median and at the worst
python examples/slow_server.py --mended    the same with the fault mended
"""

from __future__ import annotations

import asyncio
import hashlib
import statistics
import sys
import time

MENDED = "--mended" in sys.argv
ROUNDS = 240_000  # about 0.1 s


def check_password(name: str) -> bool:
    return bool(hashlib.pbkdf2_hmac("sha256", name.encode(), b"salt", ROUNDS))


async def login(name: str) -> str:
    known = await asyncio.to_thread(check_password, name) if MENDED else check_password(name)
    return f"welcome {name}" if known else "no"


async def greet(name: str) -> str:
    await asyncio.sleep(0.001)  # looks something up
    return f"hello {name}"


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    what, name = (await reader.readline()).decode().split()
    writer.write((await (login if what == "login" else greet)(name)).encode())
    await writer.drain()
    writer.close()


async def ask(port: int, what: str) -> float:
    start = time.perf_counter()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"{what} Ada\n".encode())
    await reader.read()
    writer.close()
    return time.perf_counter() - start


async def main() -> None:
    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        times = []
        for _ in range(5):
            taken = await asyncio.gather(ask(port, "login"), *(ask(port, "greet") for _ in range(10)))
            times += taken[1:]
    print(f"a greeting took {statistics.median(times) * 1000:.0f} ms, at most {max(times) * 1000:.0f} ms")


if __name__ == "__main__":
    asyncio.run(main())
