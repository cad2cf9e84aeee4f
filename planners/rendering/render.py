"""Conversations as turns: what any model reads and looks at, whatever serves it.

Turns are a function of the conversation and grow at their end: those of a longer conversation begin with those of the
shorter one, so that whatever a model or a server has read stays read. Only when the visual budget is exceeded are old
pictures rewritten into stubs, many at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import groupby, takewhile
from typing import Literal, TypeAlias, cast

from ...tools.calls import ToolResult
from ...vision.frame import SizeWh
from ...vision.image import Image
from ...vision.units import CoordinateUnit
from ..base import Conversation, Decision, ImagePart, Kind, Message, Part, Role
from .budget import Fate, Showing, VisualBudget, fates
from .eyes import ShutEyes, bounded
from .neutral import neutralised, neutralised_decision
from .turns import Eyes, Turn, TurnPart, View
from .well_formed import check_well_formed

PicturesIn: TypeAlias = Literal["user", "tool"]
"""Where the pictures of results go: into a user turn after the turns of the tools, or into the tool's own turn."""

BLIND = "You cannot see pictures yourself. They are named here with their sizes; use tools to read and measure them."
KEPT_VIEWS = 512

_ROLES = {
    Kind.INSTRUCTION: Role.SYSTEM,
    Kind.QUESTION: Role.USER,
    Kind.DECISION: Role.PLANNER,
    Kind.RESULT: Role.TOOL,
    Kind.PICTURES: Role.USER,
    Kind.NOTICE: Role.USER,
}


@dataclass(frozen=True, slots=True)
class _Picture:
    """A picture on its way into a turn."""

    image: Image
    views: tuple[View, ...]
    number: int


@dataclass(slots=True)
class _Sketch:
    """A turn before it is known which pictures stay."""

    role: Role
    parts: list[str | _Picture] = field(default_factory=list)
    decision: Decision | None = None
    call_id: str = ""
    brought: frozenset[str] = frozenset()


class Rendering:
    """Turns conversations into turns for one model. Keeps nothing but the views of pictures; any thread may use it.

    Args:
        eyes: how the model sees.
        budget: how many visual tokens it may be given; bounds the eyes too (`shown_wh`).
        pictures_in: where pictures of results go.
        specials: role markers and special tokens of the model: its tokenizer's special tokens, picture placeholders
            and the tags of its call format.
    """

    def __init__(
        self,
        eyes: Eyes,
        *,
        budget: VisualBudget | None = None,
        pictures_in: PicturesIn = "user",
        specials: Collection[str] = (),
    ) -> None:
        self.budget = budget or VisualBudget()
        self.eyes = bounded(eyes, self.budget.per_picture)
        self.pictures_in = pictures_in
        self.specials = frozenset(specials)
        self._views = lru_cache(KEPT_VIEWS)(self.eyes.views)
        self._shown_wh = lru_cache(KEPT_VIEWS)(self.eyes.shown_wh)

    @property
    def sees(self) -> bool:
        """Whether the model is shown pictures at all."""
        return not isinstance(self.eyes, ShutEyes)

    @property
    def unit(self) -> CoordinateUnit:
        """The unit in which the model reads and writes boxes."""
        return self.eyes.unit

    def shown_wh(self, image: Image) -> SizeWh:
        """The size at which the model really sees the whole picture; a planner passes this on to the agent."""
        return self._shown_wh(image)

    def views(self, image: Image) -> tuple[View, ...]:
        """The picture as it is handed over; empty for a text-only model."""
        return self._views(image)

    def turns(self, conversation: Conversation) -> tuple[Turn, ...]:
        """What the model reads and looks at.

        Raises:
            UsageError: for a conversation that is none: a result without its call, a call without its result.
            LimitReached: when the pictures of a question do not fit into the visual budget.
        """
        check_well_formed(conversation)
        desk = _Desk(self)
        for number, message in enumerate(conversation.messages):
            desk.add(number, message)
        return desk.turns()

    def cleaned(self, text: str) -> str:
        """Text as the model may read it: see `neutralised`."""
        return neutralised(text, self.specials)


class _Desk:
    """One conversation at work."""

    def __init__(self, rendering: Rendering) -> None:
        self._rendering = rendering
        self._sketches: list[_Sketch] = []
        self._showings: list[Showing] = []
        self._question = -1
        self._knows_it_is_blind = False

    def add(self, number: int, message: Message) -> None:
        """Sketch the turn of a message."""
        self._question = number if message.kind is Kind.QUESTION else self._question
        pieces = [self._sketched(number, message, piece) for piece in _pieces(message.parts)]
        answers = self._last_answers()
        if message.kind is Kind.PICTURES and self._rendering.pictures_in == "tool" and answers:
            self._hand_to_tools(pieces, answers)
            return
        sketch = _Sketch(_ROLES[message.kind], [part for _, parts in pieces for part in parts])
        if message.decision is not None:
            sketch.decision = neutralised_decision(message.decision, self._rendering.specials)
        if message.result is not None:
            sketch.call_id = message.result.call.id
            sketch.brought = _brought(message.result)
        self._sketches.append(sketch)

    def turns(self) -> tuple[Turn, ...]:
        """The turns, after the budget has decided about every picture."""
        decided = fates(self._showings, self._rendering.budget, question=self._question)
        return tuple(
            Turn(each.role, self._final(each.parts, decided), each.decision, each.call_id) for each in self._sketches
        )

    def _hand_to_tools(self, pieces: Sequence[_Sketched], answers: Sequence[_Sketch]) -> None:
        """Put each picture with its caption into the turn of the first result that brought it."""
        begun = False
        for image, parts in pieces:
            owners = [each for each in answers if image is not None and _identity(image) in each.brought]
            # Words before all pictures introduce them, which nothing needs here; words after them tell what is missing.
            if image is not None or begun:
                (owners or answers[-1:])[0].parts += parts
            begun = begun or image is not None

    def _last_answers(self) -> list[_Sketch]:
        return list(takewhile(lambda sketch: sketch.role is Role.TOOL, reversed(self._sketches)))[::-1]

    def _sketched(self, number: int, message: Message, piece: _Piece) -> _Sketched:
        image, words = piece
        if image is None:
            return image, [words]
        views = self._rendering.views(image)
        self._showings.append(Showing(number, message.kind is Kind.QUESTION, sum(view.tokens for view in views)))
        blind = [] if views or self._knows_it_is_blind else [BLIND]
        self._knows_it_is_blind = self._knows_it_is_blind or not views
        return image, [words, *blind, _Picture(image, views, len(self._showings) - 1)]

    def _final(self, parts: Iterable[str | _Picture], decided: Sequence[Fate]) -> tuple[TurnPart, ...]:
        final: list[TurnPart] = []
        for part in parts:
            final += [part] if isinstance(part, str) else self._shown(part, decided[part.number])
        return tuple(_joined(final, self._rendering.cleaned))

    def _shown(self, picture: _Picture, fate: Fate) -> Iterator[TurnPart]:
        name = picture.image.handle or "the picture"
        if fate is Fate.DROPPED:
            yield f"{name} was shown here; look({name}) shows it again."
        elif fate is Fate.WITHHELD:
            yield f"{name} is not shown here, because there were too many pictures; look({name}) shows it."
        else:
            whole, *tiles = picture.views or (None,)
            yield from [whole] if whole else []
            for number, tile in enumerate(tiles, 1):
                yield f"{name}, part {number} of {len(tiles)}, enlarged: {self._place(tile.image, picture.image)}"
                yield tile

    def _place(self, tile: Image, whole: Image) -> str:
        """The box of a tile on the whole picture, in the model's unit."""
        box = tile.frame.then(whole.frame.inverse()).box(tile.box)
        own = self._rendering.unit.from_pixels(box, shown_wh=self._rendering.shown_wh(whole), image_wh=whole.size_wh)
        digits = 3 if self._rendering.unit is CoordinateUnit.UNIT else 0
        return "[" + ", ".join(f"{value:.{digits}f}" for value in own) + "]"


_Piece: TypeAlias = tuple[Image | None, str]
_Sketched: TypeAlias = tuple[Image | None, list[str | _Picture]]


def _pieces(parts: Iterable[Part]) -> Iterator[_Piece]:
    """Texts, and pictures each with the words that name it; words are made up for a picture that has none."""
    texts: list[str] = []
    for part in parts:
        if not isinstance(part, ImagePart):
            texts.append(part.text)
            continue
        image, width_height = part.image, "{} x {}".format(*part.image.size_wh)
        named = bool(image.handle and texts and re.match(rf"{re.escape(image.handle)}\b", texts[-1]))
        caption = texts.pop() if named else f"{image.handle or 'A picture'}: {width_height} (w x h)"
        yield from ((None, text) for text in texts)
        texts = []
        yield image, caption
    yield from ((None, text) for text in texts)


def _joined(parts: Iterable[TurnPart], cleaned: Callable[[str], str]) -> Iterator[TurnPart]:
    """Neighbouring texts as one, neutralised as one, so that no marker comes about where they meet."""
    for is_text, run in groupby(parts, key=lambda part: isinstance(part, str)):
        if is_text:
            text = cleaned("\n".join(cast("Iterable[str]", run)))
            yield from [text] if text else []
        else:
            yield from run


def _brought(result: ToolResult) -> frozenset[str]:
    return frozenset(_identity(image) for image in (result.observation.images if result.observation else ()))


def _identity(image: Image) -> str:
    return image.handle or image.digest


def merged(turns: Iterable[Turn]) -> tuple[Turn, ...]:
    """The turns with neighbouring ones of the user made one, for servers that insist that roles alternate.

    It changes a turn that was sent before whenever another user turn follows it (a notice after pictures), so a
    server's prefix cache ends there. Use it only where the server refuses the turns as they are.
    """
    made: list[Turn] = []
    for turn in turns:
        if made and made[-1].role is turn.role is Role.USER:
            made[-1] = replace(made[-1], parts=tuple(_joined((*made[-1].parts, *turn.parts), str)))
        else:
            made.append(turn)
    return tuple(made)


def flat(turn: Turn, placeholder: str) -> tuple[str, tuple[View, ...]]:
    """A turn as one text with `placeholder` in the place of each picture, and the pictures in order.

    Every part stands on lines of its own.
    """
    return "\n".join(part if isinstance(part, str) else placeholder for part in turn.parts), turn.views
