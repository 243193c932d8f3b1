"""Small methods: attributes read and written through objects, properties, static, class and inherited methods."""

from __future__ import annotations

UNITS = 15


class Shape:
    made = 0

    def __init__(self, name: str) -> None:
        self.name = name
        Shape.count()

    @classmethod
    def count(cls) -> None:
        cls.made += 1

    def area(self) -> float:
        raise NotImplementedError

    def is_larger(self, other: Shape) -> bool:
        return self.area() > other.area()


class Box(Shape):
    def __init__(self, width: float, height: float) -> None:
        super().__init__("box")
        self.width = width
        self.height = height

    @property
    def ratio(self) -> float:
        return self.width / self.height

    def area(self) -> float:
        return self.width * self.height

    def __add__(self, other: Box) -> Box:
        return Box(self.width + other.width, max(self.height, other.height))

    def __len__(self) -> int:
        return int(self.width)


class Disc(Shape):
    def __init__(self, radius: float) -> None:
        super().__init__("disc")
        self.radius = radius

    def area(self) -> float:
        return self.square(self.radius) * 3.14159

    @staticmethod
    def square(value: float) -> float:
        return value * value


def compare(n: int) -> int:
    larger = 0
    sum_of_all = Box(1.0, 1.0)
    for step in range(n):
        box, disc = Box(step % 7 + 1.0, step % 5 + 1.0), Disc(step % 3 + 1.0)
        larger += box.is_larger(disc) + disc.is_larger(box)
        larger += box.ratio > 1.0
        sum_of_all = sum_of_all + box
        larger += len(box)
    return larger


def run(n: int) -> None:
    for _ in range(n):
        compare(400)
