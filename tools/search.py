"""Look for a small thing on a large picture, by zooming into the likeliest parts with a detector."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..errors import InvalidArguments, InvalidTool, UsageError
from ..jsonable import Json
from ..vision.image import Image
from ..vision.inflection import singular
from ..vision.region import Region
from ..vision.transforms import crop, scaled
from .calls import Observation
from .detect import detect_tool
from .guided import Budget, Outcome, guided_search
from .labels import TAKEN_AS, normal, taken_as, taken_note
from .models.detectors.finding import Finder
from .models.detectors.sources import WORDS
from .tool import Tool, tool, tool_factory

LOOKS = 100
SECONDS = 60.0

INPUT_PX, SURE = 640, 0.5
"""What is taken of a detector that does not say at which size it sees, and when it is to be believed."""

FAINT = 0.05
"""Hits with a lower score lead nowhere."""

LAST_LOOK_S = 60.0
"""Seconds beyond its own limit that a search has for the last look, and for loading a model before the first."""

CLOSE_UP = 512
"""Pixels. What was found is shown about this long, with its surroundings, but enlarged `MAX_ENLARGED` times at most."""

MAX_ENLARGED = 8.0

SURROUNDINGS = 0.5
"""What is shown around it on each side, as a part of its longer side."""


@tool_factory
def search_tool(
    *,
    detector: Tool | None = None,
    weights: str = "",
    input_px: int = 0,
    sure: float = 0.0,
    looks: int = LOOKS,
    seconds: float = SECONDS,
    host: str = "worker",
) -> Tool:
    """The tool `search`, configured.

    Args:
        detector: a tool that takes an `image` and gives regions with labels and scores. One that takes `labels` is
            told what to look for; of any other the regions with that label are taken. Give it a low threshold: its
            faint hits lead the search.
        weights: instead of a detector, the weights of one as `detect_tool` takes them; both share them in memory.
        input_px: the longer side of a picture that the detector sees without shrinking it, in pixels; 0 for what its
            weights say, or else 640.
        sure: the score from which a hit is believed, up to 1; 0 for what is usual for weights that are told in words
            what to look for, and 0.5 for all others.
        looks: calls of the detector that a search may take.
        seconds: time after which a search begins no further look.
        host: where it runs; the detector runs in the same process.

    Raises:
        InvalidTool: when the detector takes no image.
        UsageError: for settings that leave nothing to do, and for neither or both of a detector and weights.
    """
    if input_px < 0 or not 0 <= sure <= 1 or looks < 1 or not (seconds > 0 and math.isfinite(seconds)):
        remedy = "Give pixels, looks and seconds above 0, and a score from 0 to 1."
        raise UsageError("These settings leave a search nothing to do.", remedy=remedy)
    finder = _finder(detector, weights)
    budget = Budget(looks, seconds)

    @tool(
        name="search",
        host=host,
        timeout_s=seconds + LAST_LOOK_S,
        version="1",
        avoid="Things that are large on the picture, and counting: `detect` finds all of them in one look.",
        limits="Stops at the first part of the picture where it is sure. Not found means not found within its budget.",
        example={"image": "img_1", "label": "key"},
    )
    def search(image: Image, label: str) -> Observation:
        """Look for a thing that is small on a large picture, by zooming into the likeliest parts until it is found.

        Args:
            image: the picture to search.
            label: what to look for, in a word or two: "key", "red car".
        """
        wanted = label.strip()
        if not wanted:
            raise InvalidArguments("There is nothing to look for.", remedy="Give a label, such as key.")
        eye, least = _Eye(finder.tool, wanted), sure or finder.usual_score
        outcome = guided_search(image, eye.look, input_px=input_px or finder.side(), sure=least, budget=budget)
        return _told(eye, outcome, image)

    return search


@dataclass(frozen=True, slots=True)
class _Finding:
    """A detector, the score that is believed of it, and the longer side of what it sees; asking for it may load it."""

    tool: Tool
    usual_score: float = SURE
    side: Callable[[], int] = lambda: INPUT_PX


def _finder(detector: Tool | None, weights: str) -> _Finding:
    given: object = detector
    if (given is None) == (not weights) or not isinstance(given, Tool | None):
        remedy = "Give search_tool(detector=...) a tool, or search_tool(weights=...) what detect_tool takes."
        raise UsageError("A search needs a detector, or the weights of one.", remedy=remedy)
    if detector is None:
        usual = Finder.of(weights)
        found_by = detect_tool(weights=weights, min_score=FAINT, tile=0, host="inline")
        # Many looks are many chances to be wrong: what detect believes of a class is not enough.
        sure = usual.min_score if usual.source.backend == WORDS else SURE
        return _Finding(found_by, sure, lambda: usual.side)
    if "image" not in detector.parameters.names:
        raise InvalidTool(f"{detector.name} takes no `image`.", remedy="Give a tool that finds things on a picture.")
    return _Finding(detector)


@dataclass(slots=True)
class _Eye:
    """Looks for a label with a detector, and remembers the broader classes that the detector took it as, if it did."""

    detector: Tool
    label: str
    taken_as: tuple[str, ...] = ()

    def look(self, part: Image) -> Sequence[Region]:
        """One look: by name where the detector takes names, or else by the labels of what it finds."""
        if "labels" not in self.detector.parameters.names:
            return [each for each in self.detector.observe(image=part).regions if _same(each.label, self.label)]
        seen = self.detector.observe(image=part, labels=[self.label])
        self.taken_as = taken_as(seen.data, self.label)
        return seen.regions

    @property
    def sought(self) -> str:
        """What was really looked for."""
        return ", ".join(self.taken_as) or self.label

    @property
    def note(self) -> str:
        """That it was not the label itself, where it was not."""
        return f" {taken_note(self.label, self.taken_as)}" if self.taken_as else ""


def _same(label: str, wanted: str) -> bool:
    return singular(normal(label)) == singular(normal(wanted))


def _told(eye: _Eye, outcome: Outcome, image: Image) -> Observation:
    looks = f"{len(outcome.tiles)} look" + ("s" if len(outcome.tiles) != 1 else "")
    shown = outcome.hits[:1] or ([] if outcome.likeliest is None else [outcome.likeliest])
    return Observation(
        text=(_found if outcome.hits else _not_found)(eye.sought, outcome, looks) + eye.note,
        regions=outcome.hits,
        images=tuple(_close_up(image, region) for region in shown),
        data=_summary(eye, outcome),
        marked=bool(outcome.hits),
    )


def _found(label: str, outcome: Outcome, looks: str) -> str:
    hits = outcome.hits
    scores = " and ".join(f"{hit.score:.2f}" for hit in hits if hit.score is not None)
    count = f" at {len(hits)} places" if len(hits) > 1 else ""
    return f"“{label}” was found{count} after {looks}" + (f", with a score of {scores}." if scores else ".")


def _not_found(label: str, outcome: Outcome, looks: str) -> str:
    if outcome.stopped == "everything":
        text = f"“{label}” was not found, although the whole picture was looked at in full detail, in {looks}."
    else:
        within = "the time allowed" if outcome.stopped == "seconds" else looks
        text = f"“{label}” was not found within {within}: {outcome.done} of {outcome.cells} tiles of the picture were "
        text += "looked at in full detail, the rest from afar. It may still be there."
    if outcome.likeliest is not None:
        text += f" The likeliest place is shown; its score of {outcome.likeliest.score:.2f} is too low to believe."
    return text


def _close_up(image: Image, region: Region) -> Image:
    left, top, right, bottom = region.xyxy
    padding = max(SURROUNDINGS * max(right - left, bottom - top), 1.0)
    part = crop(image, region.xyxy, padding=padding, longest=CLOSE_UP)
    return scaled(part, min(CLOSE_UP / max(part.size_wh), MAX_ENLARGED))


def _summary(eye: _Eye, outcome: Outcome) -> Json:
    likeliest = outcome.likeliest
    return {
        "label": eye.label,
        TAKEN_AS: list(eye.taken_as),
        "found": len(outcome.hits),
        "stopped": outcome.stopped,
        "looks": len(outcome.tiles),
        "tiles": [list(tile) for tile in outcome.tiles],
        "cells": outcome.cells,
        "cells_done": outcome.done,
        "likeliest": None if likeliest is None else {"xyxy": list(likeliest.xyxy), "score": likeliest.score},
    }
