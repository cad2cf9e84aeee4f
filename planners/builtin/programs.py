"""What a question is compiled to: a small tree of programs, each of which answers from the results on the desk."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from ...vision.image import Image
from ..base import Draft
from . import compose
from .desk import Desk, Unanswerable


class Program(ABC):
    """Something that can be asked. Programs are frozen dataclasses; what they mean is in their fields."""

    @property
    def aim(self) -> str:
        """What it does once the results are there, as in "look for the total"."""
        return "answer"

    @abstractmethod
    def answer(self, desk: Desk, images: Sequence[Image]) -> Draft:
        """The answer about these pictures.

        Raises:
            Wanted: when results are missing.
            Unanswerable: when it cannot be answered.
        """


class OnEach(Program):
    """A program that is asked about one picture, and is run on each of several."""

    @abstractmethod
    def on(self, desk: Desk, image: Image) -> Draft:
        """The answer about this picture; raises as `answer` does."""

    def answer(self, desk: Desk, images: Sequence[Image]) -> Draft:
        """One answer for each picture."""
        if not images:
            raise Unanswerable("There is no picture to look at: give me one together with the question.")
        return compose.per_image(images, desk.each(images, lambda image: self._attempt(desk, image)))

    def _attempt(self, desk: Desk, image: Image) -> Draft:
        try:
            return self.on(desk, image)
        except Unanswerable as reason:
            return reason.draft


@dataclass(frozen=True)
class Several(Program):
    """Several questions in one: "what is the total and the date?"."""

    parts: tuple[Program, ...]

    @property
    def aim(self) -> str:
        """The aims of its parts."""
        return compose.listing(list(dict.fromkeys(part.aim for part in self.parts)))

    def answer(self, desk: Desk, images: Sequence[Image]) -> Draft:
        """The answers of its parts, in one text."""
        return compose.together(desk.each(self.parts, lambda part: attempt(part, desk, images)))


def attempt(program: Program, desk: Desk, images: Sequence[Image]) -> Draft:
    """The answer of a program, or its words for why there is none."""
    try:
        return program.answer(desk, images)
    except Unanswerable as reason:
        return reason.draft
