"""Who called: call stacks of zones, messages and blocks of memory. Makes call_stacks.tracy, and says what is in it."""

from __future__ import annotations

import tracypy


def ask(key: str) -> None:
    with tracypy.zone("query", callstack=8):
        tracypy.message(f"asks for {key}", callstack=62)


def from_page(key: str) -> None:
    ask(key)


def from_job(key: str) -> None:
    tracypy.memory_alloc(0x1000, 100, "jobs", callstack=4)
    ask(key)
    tracypy.memory_free(0x1000, "jobs", callstack=4)


def main() -> None:
    for number in range(3):
        from_page(f"user {number}")
    from_job("everybody")


if __name__ == "__main__":
    with tracypy.record("call_stacks.tracy", overwrite=True):
        main()
    for message in tracypy.open("call_stacks.tracy").messages:
        print(message.text, "<", " < ".join(f"{call.function}:{call.line}" for call in message.callstack))
