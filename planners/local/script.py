"""Turns as what is fed: texts with pictures, cut where a prefix is worth keeping, and what the model said itself."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from ...jsonable import JsonObject
from ..base import Decision, Role
from ..rendering.render import flat
from ..rendering.turns import Turn, View
from .glue import Glue


@dataclass(frozen=True, slots=True)
class Read:
    """Text for the model to read, with a placeholder for each of the pictures.

    Attributes:
        text: the text.
        views: the pictures.
        worth_keeping: whether other conversations may begin with everything up to its end.
    """

    text: str
    views: tuple[View, ...] = ()
    worth_keeping: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """What the planner decided."""

    decision: Decision


Line: TypeAlias = Read | Said


@dataclass(frozen=True, slots=True)
class Script:
    """How a model's conversations are written down.

    Attributes:
        glue: what stands between turns.
        placeholder: of a picture.
        specials: special tokens, at which a text may be cut.
    """

    glue: Glue
    placeholder: str
    specials: Collection[str]

    def lines(self, turns: Sequence[Turn], told: str, tools: Sequence[JsonObject]) -> list[Line]:
        """Everything up to the point where the model goes on.

        Args:
            turns: of the conversation; those of the system come first.
            told: what the model must be told besides the turns of the system.
            tools: the tools as the template takes them.
        """
        rules = [turn for turn in turns if turn.role is Role.SYSTEM]
        system = "\n\n".join(text for text in (*(turn.text for turn in rules), told) if text)
        head, opening = self._cut(self.glue.head(system, tools), system)
        spoken = [turn for turn in turns if turn.role is not Role.SYSTEM]
        return [Read(head, worth_keeping=True), *self._after(opening, spoken)]

    def _after(self, opening: str, turns: Sequence[Turn]) -> Iterator[Line]:
        text, views, before, begun, asked = opening, list[View](), Role.USER, False, True
        for turn in turns:
            text += self.glue.step(before, turn.role) if begun or turn.role is Role.PLANNER else ""
            before, begun = turn.role, True
            if turn.decision is not None:
                yield Read(text, tuple(views))
                yield Said(turn.decision)
                text, views, asked = "", [], turn.decision.answer is not None
                continue
            words, seen = flat(turn, self.placeholder)
            text += words
            views += seen
            if seen and asked:
                until = text.rindex(self.placeholder) + len(self.placeholder)
                yield Read(text[:until], tuple(views), worth_keeping=True)
                text, views = text[until:], []
        yield Read(text + self.glue.step(before, Role.PLANNER), tuple(views))

    def _cut(self, head: str, system: str) -> tuple[str, str]:
        """The head up to what opens the user's turn, and that; the whole head where the system has no turn."""
        at = max((head.rfind(token) for token in self.specials), default=-1)
        if at <= 0 or (system and system not in head[:at]):
            return head, ""
        return head[:at], head[at:]
