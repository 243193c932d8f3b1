"""Calls and nothing else: a function that does almost no work."""

UNITS = 9


def fib(n: int) -> int:
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def run(n: int) -> None:
    for _ in range(n):
        fib(20)
