"""An operating system in small: a scheduler, tasks with states, and packets that they queue for one another.

After the idea of Martin Richards' benchmark; written for this suite.
"""

from __future__ import annotations

from collections import deque

UNITS = 5
DEVICES = 2
PACKETS = 120


class Packet:
    def __init__(self, kind: str, target: int) -> None:
        self.kind = kind
        self.target = target
        self.payload = [0, 0, 0, 0]


class Task:
    def __init__(self, system: System, number: int, priority: int) -> None:
        self.system = system
        self.number = number
        self.priority = priority
        self.inbox: deque[Packet] = deque()
        self.is_held = False
        self.runs = 0

    def is_ready(self) -> bool:
        return bool(self.inbox) and not self.is_held

    def take(self) -> Packet:
        self.runs += 1
        return self.inbox.popleft()

    def step(self) -> None:
        raise NotImplementedError


class Idle(Task):
    """Always has something to do, until its count is used up: lets devices go by a shift register's bits."""

    def __init__(self, system: System, number: int, count: int) -> None:
        super().__init__(system, number, 0)
        self.count = count
        self.register = 1

    def is_ready(self) -> bool:
        return self.count > 0

    def step(self) -> None:
        self.runs += 1
        self.count -= 1
        self.register = self.shifted(self.register)
        self.system.release(1 + (self.register & 1))

    @staticmethod
    def shifted(register: int) -> int:
        return (register >> 1) ^ 0xD008 if register & 1 else register >> 1


class Device(Task):
    """Sends back what it gets, and then is held until the idle task lets it go."""

    def step(self) -> None:
        packet = self.take()
        packet.kind = "done"
        self.system.send(packet, back_to=3)
        self.hold()

    def hold(self) -> None:
        self.is_held = True
        self.system.holds += 1


class Worker(Task):
    """Fills packets with letters, and sends them to one device and the other in turn."""

    def __init__(self, system: System, number: int, priority: int) -> None:
        super().__init__(system, number, priority)
        self.letter = 0
        self.turn = 0

    def step(self) -> None:
        packet = self.take()
        for index in range(len(packet.payload)):
            packet.payload[index] = self.next_letter()
        self.turn = (self.turn + 1) % DEVICES
        packet.kind = "work"
        self.system.send(packet, back_to=1 + self.turn)

    def next_letter(self) -> int:
        self.letter = (self.letter + 1) % 26
        return 65 + self.letter


class System:
    def __init__(self, count: int) -> None:
        self.holds = 0
        self.sent = 0
        self.tasks: list[Task] = [Idle(self, 0, count), Device(self, 1, 30), Device(self, 2, 20), Worker(self, 3, 10)]

    def send(self, packet: Packet, back_to: int) -> None:
        self.sent += 1
        packet.target = back_to
        self.tasks[back_to].inbox.append(packet)

    def release(self, number: int) -> None:
        self.tasks[number].is_held = False

    def next_task(self) -> Task | None:
        best: Task | None = None
        for task in self.tasks:
            if task.is_ready() and (best is None or task.priority > best.priority):
                best = task
        return best

    def schedule(self) -> None:
        while (task := self.next_task()) is not None:
            task.step()


def run(n: int) -> None:
    for _ in range(n):
        system = System(1500)
        for _ in range(PACKETS):
            system.send(Packet("work", 3), back_to=3)
        system.schedule()
        assert system.sent == sum(task.runs for task in system.tasks[1:]) + sum(len(t.inbox) for t in system.tasks)
