"""Planners with tiny models, and conversations that go on with whatever they decide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from lavr.planners.base import AnswerText, Conversation, Decision, Kind, Message, Role, TextPart, ThoughtText
from lavr.planners.local.planner import LocalPlanner
from lavr.planners.rehearsal import asked, continued, gradient
from lavr.tests.planners.local import tiny
from lavr.tools.calls import Observation, ToolResult
from lavr.tools.registry import default_tools
from lavr.tools.spec import ToolSpec
from lavr.vision.image import Image
from lavr.vision.scene import Scene

TOOLS = [tool for tool in default_tools() if tool.name in {"zoom", "color"}]
SPECS: tuple[ToolSpec, ...] = tuple(tool.spec for tool in TOOLS)
THOUGHT_TOKENS = 8
FEW = ("qwen2", "qwen2_5_vl", "gemma3", "lfm2_vl")
"""Families that differ most: text alone, positions on axes, windows and pictures seen both ways, convolutions."""


def thinker(family: str, **options: Any) -> LocalPlanner:
    """A planner with the tiny model of a family, which thinks little because its weights are random."""
    return LocalPlanner(tiny.load(family), **{"thought_tokens": THOUGHT_TOKENS, **options})


def decided(planner: LocalPlanner, conversation: Conversation, tools: Sequence[ToolSpec] = SPECS) -> Decision:
    """A decision; what was streamed joins to it."""
    pieces: list[ThoughtText | AnswerText] = []
    decision = planner.decide(conversation, tools, emit=pieces.append)
    assert "".join(piece.text for piece in pieces if isinstance(piece, ThoughtText)) == decision.thought
    said = decision.answer.text if decision.answer else ""
    assert "".join(piece.text for piece in pieces if isinstance(piece, AnswerText)) == said
    return decision


class Talk:
    """A conversation about a drawn picture; each step brings a picture back, or asks anew after an answer."""

    def __init__(self, question: str = "Which colour?", *, size: tuple[int, int] = (160, 120)) -> None:
        self._scene = Scene()
        self.image = self._scene.add_image(gradient(size))
        self.conversation = asked(question, [self.image])

    def go_on(self, decision: Decision) -> Conversation:
        """After the decision, its calls numbered as the agent does, and what came of it."""
        start = len(self.conversation.results)
        calls = tuple(replace(call, id=f"c{start + number}") for number, call in enumerate(decision.calls, 1))
        made = replace(decision, calls=calls)
        results = [ToolResult(call, Observation("seen", images=(self._picture(),))) for call in calls]
        self.conversation = continued(self.conversation, made, results)
        if made.answer is not None:
            question = Message(Role.USER, Kind.QUESTION, (TextPart("And what else?"),))
            self.conversation = self.conversation.extended([question])
        return self.conversation

    def _picture(self) -> Image:
        return self._scene.add_image(gradient((90, 70)))
