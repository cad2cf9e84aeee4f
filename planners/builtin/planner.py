"""The built-in planner: no model, no download; a question grammar and the tools."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ...tools.calls import ToolCall
from ...tools.spec import ToolSpec
from ...vision.units import CoordinateUnit
from ..base import AnswerText, Conversation, Decision, Draft, Emit, Kind, TextPart, ThoughtText, silent
from . import compose
from .asking import second_opinion
from .desk import Desk, Wanted
from .grammar import understand
from .pointing import pointed_out
from .programs import Program, attempt
from .scopes import Current

MOST_CALLS = 24
"""Calls in one decision; what is beyond is asked for in the next."""

_DOING = {
    "ocr": "read the text",
    "color": "measure the colours",
    "barcode": "scan for codes",
    "compare": "compare the pictures",
    "zoom": "zoom in",
    "look": "look again",
    "mark": "draw the marks",
    "detect": "look for things",
    "segment": "outline them",
    "depth": "measure the depth",
    "search": "look closely",
    "redact": "make it unreadable",
    "cutout": "cut it out",
    "inpaint": "paint over it",
    "highlight": "light it up",
    "rotate": "turn it",
    "enhance": "make it clearer",
    "ask_region": "ask a model that sees",
    "describe": "have it described",
}


class BuiltinPlanner:
    """Compiles a question to tool calls and reads the answer out of their results.

    It keeps nothing between decisions: each time the question is compiled anew, and the program runs until a result
    is missing. What was found for an earlier question is not asked for again. It counts boxes from 0 to 1, because it
    never sees a picture and so does not care at what size one is shown.
    """

    name = "builtin"
    unit = CoordinateUnit.UNIT

    def decide(self, conversation: Conversation, tools: Sequence[ToolSpec], *, emit: Emit = silent) -> Decision:
        """The calls that are still missing, or the answer. Never raises for anything a user could ask."""
        desk = Desk(conversation, tools)
        question, images = _question(conversation), Current().images(desk)
        program = understand(question)
        try:
            draft = second_opinion(desk, images, question, attempt(program, desk, images))
        except Wanted as need:
            return _to_call(need.calls[:MOST_CALLS], program, len(conversation.results), emit)
        return _to_answer(draft, program, emit)


def _question(conversation: Conversation) -> str:
    """What was asked last: the last text of that message, for what stands before its pictures describes them."""
    asked = [message for message in conversation.messages if message.kind is Kind.QUESTION]
    texts = [part.text for part in asked[-1].parts if isinstance(part, TextPart)] if asked else []
    return pointed_out(texts[-1], asked[-1].pointed) if texts else ""


def _to_call(wanted: Sequence[ToolCall], program: Program, done: int, emit: Emit) -> Decision:
    calls = tuple(replace(call, id=f"c{done + at}") for at, call in enumerate(wanted, 1))
    doing = list(dict.fromkeys(_DOING.get(call.name, call.name.replace("_", " ")) for call in calls))
    steps = [step for step in (compose.listing(doing), program.aim) if step not in ("answer", *doing[1:])]
    thought = compose.sentence(", then ".join(dict.fromkeys(steps)))
    emit(ThoughtText(thought))
    return Decision(thought, calls=calls)


def _to_answer(draft: Draft, program: Program, emit: Emit) -> Decision:
    if not draft.complete and compose.HINT not in draft.text:
        draft = replace(draft, text=f"{draft.text} {compose.HINT}")
    thought = "" if program.aim == "answer" else compose.sentence(program.aim)
    if thought:
        emit(ThoughtText(thought))
    emit(AnswerText(draft.text))
    return Decision(thought, answer=draft)
