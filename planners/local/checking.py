"""The check at loading: may what a model has read be reused?

Two turns with a picture each, fed one after the other, must give the logits of one full pass in the library's own
conventions. Families that are new, or changed by a new release of `transformers`, may break the recipe silently; then
the check fails and sessions compute everything anew (see `fallback.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy
import torch

from .loaded import LoadedModel
from .session import Session
from .spans import Span, SpanEncoder, token_span

if TYPE_CHECKING:
    from PIL.Image import Image as PilImage

ROUNDING = {"float32": 1e-4, "float16": 0.01, "bfloat16": 0.03}
"""How far logits may be from those of a full pass by rounding, as a part of their spread. In half precision the order
of additions, which differs with the number of tokens in a pass, already moves them by about a third of this."""

_MOST = 0.1
"""A model whose rounding is larger than stated, as its own text shows, is granted this much at most."""

_TURNS = ("Look at this: {}. What is it?\n", "It seems to be a crop.\n", "And this: {}. What has changed?\n")


@dataclass(frozen=True, slots=True)
class Check:
    """What the check found.

    Attributes:
        ok: whether what was read may be reused.
        difference: the largest deviation from a full pass, as a part of the spread of the logits (root mean square of
            the differences divided by the standard deviation); infinite when the check could not be done.
        tolerance: how much of that is rounding.
        reason: what was found, for people.
        seams: whether text that is cut at the end of a line is tokenised as the whole; when not, the model reads such
            places a little otherwise than it was trained to, but reuse is exact all the same.
    """

    ok: bool
    difference: float
    tolerance: float
    reason: str
    seams: bool = True


def check_reuse(model: LoadedModel) -> Check:
    """Compare what a model says after two turns with what one full pass says; takes a few forward passes."""
    rows, words = model.vocabulary, len(model.tokenizer)
    if rows < words:
        return _failed(f"its tokenizer has {words} tokens, its output layer only {rows} rows")
    try:
        return _compared(model)
    except torch.OutOfMemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - a network of an unknown family may raise anything; none may stop the loading
        return _failed(f"the check raised {type(error).__name__}: {error}")


def _compared(model: LoadedModel) -> Check:
    encoder = SpanEncoder(model)
    spans = _conversation(model, encoder)
    difference = _deviation(model, spans)
    tolerance = _tolerance(model, encoder) if difference > _stated(model) else _stated(model)
    found = (
        f"two turns deviate from one full pass by {difference:.1e} of the spread of the logits, "
        f"{tolerance:.0e} is rounding in {model.dtype}"
    )
    if not difference <= tolerance:  # also when it is not a number
        return replace(_failed(found), difference=difference, tolerance=tolerance)
    return Check(True, difference, tolerance, f"What was read is reused: {found}.", _seams(encoder))


def _failed(why: str) -> Check:
    return Check(False, float("inf"), 0.0, f"Everything is computed anew at every step, which is slow: {why}.")


def _conversation(model: LoadedModel, encoder: SpanEncoder) -> list[Span]:
    pictures = [_noise(96, 64), _noise(64, 96)] if model.sees else []
    texts = [turn.format(model.placeholder if pictures else "a thing") for turn in _TURNS]
    return [
        encoder.encode(texts[0], pictures[:1]),
        encoder.encode(texts[1]),
        encoder.encode(texts[2], pictures[1:]),
    ]


def _deviation(model: LoadedModel, spans: Sequence[Span]) -> float:
    """The largest deviation: after the last span, and after one more token."""
    session = Session(replace(model, reuse=True))
    for span in spans:
        session.append(span)
        grown = session.logits()
    whole = _whole(model, spans)
    token = token_span([int(whole.argmax())])
    session.append(token)
    return max(_apart(grown, whole), _apart(session.logits(), _whole(model, [*spans, token])))


def _whole(model: LoadedModel, spans: Sequence[Span]) -> torch.Tensor:
    session = Session(replace(model, reuse=False))
    for span in spans:
        session.append(span)
    return session.logits()


def _apart(one: torch.Tensor, other: torch.Tensor) -> float:
    return float((one - other).square().mean().sqrt() / other.std())


def _stated(model: LoadedModel) -> float:
    return ROUNDING.get(model.dtype, ROUNDING["bfloat16"])


def _tolerance(model: LoadedModel, encoder: SpanEncoder) -> float:
    """Rounding as the model itself shows it: text alone, fed in parts and whole, where no family needs a recipe."""
    if model.dtype == "float32":
        return _stated(model)
    spans = [encoder.encode(turn.format("a thing")) for turn in _TURNS]
    return max(_stated(model), min(_MOST, 4 * _deviation(model, spans)))


def _seams(encoder: SpanEncoder) -> bool:
    texts = [turn.format("a thing") for turn in _TURNS]
    return encoder.encode("".join(texts)).ids == [each for text in texts for each in encoder.encode(text).ids]


def _noise(width: int, height: int) -> PilImage:
    from PIL import Image

    pixels = numpy.random.default_rng(width).integers(0, 256, (height, width, 3), dtype=numpy.uint8)
    return Image.fromarray(pixels)
