"""Questions that the grammar cannot answer, put to a tool whose model looks at the picture, where one is at hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...tools.calls import ToolResult
from ...vision.image import Image
from ..base import Draft
from . import compose
from .courtesy import plainly
from .desk import Desk, Unanswerable
from .words import bag, tokenize

ASK = "ask_region"
"""The tool: it takes a picture and a question in words."""

_ASKING = bag("what which who whose where when how why is are was were does do did can could has have")


def second_opinion(desk: Desk, images: Sequence[Image], question: str, draft: Draft) -> Draft:
    """What the tool says of a question that was not answered, marked as its word; the draft itself where none is asked.

    Requests such as "blur the dog" are no questions, and are not put to it.

    Raises:
        Wanted: when its answer is missing.
    """
    words = plainly(tokenize(question))
    if draft.complete or ASK not in desk.tools or not images or not words or words[0].text not in _ASKING:
        return draft
    try:
        told = desk.each(images, lambda image: desk.ask(ASK, image=image.handle, question=question.strip()))
    except Unanswerable:
        return draft
    return compose.per_image(images, [_said(result) for result in told])


def _said(result: ToolResult) -> Draft:
    data = result.observation.data if result.observation else None
    text = str(data.get("text", "")) if isinstance(data, Mapping) else ""
    said = f"“{text}” says the model behind `{ASK}`; nothing else at hand can check it."
    return compose.say(said, text, [(text, result.call.id)])
