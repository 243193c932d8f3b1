"""Sections (from protocol 82 on): named spans of the whole program, in categories."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .kind import Kind
from support.viewer.trace import UNKNOWN

if TYPE_CHECKING:
    from support.viewer.decoder import Decoder, Handler


@dataclass
class Section:
    """One section; without an end while it lasts."""

    id: int
    category: int
    text: str
    begin_tick: int
    end_tick: int | None = None


class SectionKind(Kind):
    """Handlers of sections. Both ends run on the clock of the current thread context, whichever thread that is."""

    def __init__(self, decoder: Decoder, tolerated: frozenset[str] = frozenset()) -> None:
        super().__init__(decoder, tolerated)
        self._open: dict[int, Section] = {}
        # The two ends may be on two threads, whose events the viewer may get in either order.
        self._left: dict[int, int] = {}

    def handlers(self) -> dict[str, Handler]:
        return {"SectionEnter": self._enter, "SectionLeave": self._leave, "SectionSetup": self._set_up}

    def _enter(self, time: int, identity: int, category: int) -> None:
        # W::ProcessSectionEnter.
        tick = self._decoder.advance(time)
        text = self._decoder.take_single("SectionEnter")
        self._check(identity, tick)
        if identity in self._open:
            raise self._decoder.refuse(f"section {identity} is entered twice")
        section = Section(identity, category, text, tick)
        self._trace.sections.append(section)
        if identity in self._left:
            self._end(section, self._left.pop(identity))
        else:
            self._open[identity] = section
        self._count("SectionEnter")

    def _leave(self, time: int, identity: int) -> None:
        # W::ProcessSectionLeave.
        tick = self._decoder.advance(time)
        self._check(identity, tick)
        section = self._open.pop(identity, None)
        if section is not None:
            self._end(section, tick)
        elif identity in self._left:
            raise self._decoder.refuse(f"section {identity} is left twice")
        else:
            self._left[identity] = tick
        self._count("SectionLeave")

    def _check(self, identity: int, tick: int) -> None:
        self._decoder.check_range(tick)
        if identity == 0:
            # The viewer keeps an open section as end = -id, and 0 is a time.
            raise self._decoder.refuse("a section has the number 0")

    def _end(self, section: Section, tick: int) -> None:
        if tick < section.begin_tick:
            raise self._decoder.refuse(f"section {section.text!r} ends before it begins")
        section.end_tick = tick

    def _set_up(self, category: int) -> None:
        # W::ProcessSectionSetup.
        if self._decoder.single is None and "SectionSetup" in self._tolerated:
            self._trace.section_categories.setdefault(category, UNKNOWN)
            self._count("SectionSetup without text")
            return
        self._trace.section_categories[category] = self._decoder.take_single("SectionSetup")
        self._count("SectionSetup")

    def at_terminate(self) -> None:
        if self._left:
            raise self._decoder.refuse(f"sections {sorted(self._left)} are left and were never entered")
