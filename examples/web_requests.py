"""A FastAPI server whose requests are zones and frames. It asks itself, and makes web_requests.tracy."""

from __future__ import annotations

import asyncio
import socket
import threading
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import uvicorn
from fastapi import FastAPI

import tracypy
from tracypy.integrations.asgi import TracyMiddleware

app = FastAPI()
app.add_middleware(TracyMiddleware)


async def price_of(fruit: int) -> float:
    await asyncio.sleep(0.01)
    return fruit / 2


@app.get("/fruits/{fruit}")
async def show(fruit: int) -> float:
    return await price_of(fruit)


@app.get("/cart")
async def cart() -> float:
    return sum(await asyncio.gather(*map(price_of, range(5))))


def ask(server: uvicorn.Server, port: int) -> None:
    paths = [f"/fruits/{number}" for number in range(50)] + ["/cart"] * 10
    with ThreadPoolExecutor(8) as pool:
        answers = pool.map(lambda path: urllib.request.urlopen(f"http://127.0.0.1:{port}{path}").status, paths)
        print(f"{sum(status == 200 for status in answers)} requests")
    server.should_exit = True


def main() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
        client = threading.Thread(target=ask, args=(server, listener.getsockname()[1]))
        client.start()  # it may ask: the socket is there
        with tracypy.record("web_requests.tracy", overwrite=True, only_user_code=True):
            server.run([listener])
        client.join()


if __name__ == "__main__":
    main()
