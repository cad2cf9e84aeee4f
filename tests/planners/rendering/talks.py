"""Conversations as an agent builds them, for the tests of rendering."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lavr.agent import messages
from lavr.agent.sight import Sight
from lavr.planners.base import Conversation, Decision, Draft, Message
from lavr.planners.scripted import ScriptedPlanner
from lavr.tools.calls import Observation, ToolCall, ToolResult
from lavr.vision.frame import SizeWh
from lavr.vision.image import Image
from lavr.vision.scene import Scene

SIGHT = Sight(ScriptedPlanner([]))


class Talk:
    """A session at work: each method adds what an agent would add."""

    def __init__(self, *, instructed: bool = True) -> None:
        self.scene = Scene()
        self.conversation = Conversation((messages.instruction(SIGHT),) if instructed else ())
        self.steps: list[Conversation] = []
        self._calls = 0

    def picture(self, size_wh: SizeWh = (80, 60), name: str = "photo.png") -> Image:
        """A new picture with a handle."""
        shade = len(self.scene.images) * 7 % 256
        return self.scene.add_image(Image.of(np.full((size_wh[1], size_wh[0], 3), shade, np.uint8), name=name))

    def ask(self, text: str = "What is it?", images: Sequence[Image] = ()) -> Talk:
        """A question."""
        return self._add([messages.question(text, images, SIGHT)])

    def act(self, *brought: Sequence[Image], text: str = "Done.", untrusted: bool = False) -> Talk:
        """A decision with a call for each sequence of pictures, its results and their pictures."""
        calls = [ToolCall(f"c{self._calls + number}", "zoom", {}) for number, _ in enumerate(brought, 1)]
        self._calls += len(calls)
        results = [
            ToolResult(call, Observation(text, images=tuple(images), untrusted=untrusted))
            for call, images in zip(calls, brought, strict=True)
        ]
        shown = messages.pictures(results, SIGHT)
        told = [messages.result(result, SIGHT) for result in results]
        return self._add([messages.decision(Decision("Closer.", tuple(calls))), *told, *([shown] if shown else [])])

    def notice(self, text: str = "This is your last turn.") -> Talk:
        """Something that the agent says."""
        return self._add([messages.notice(text)])

    def answer(self, text: str = "A cat.") -> Talk:
        """An answer."""
        return self._add([messages.decision(Decision(answer=Draft(text)))], asks=False)

    def _add(self, new: Sequence[Message], *, asks: bool = True) -> Talk:
        self.conversation = self.conversation.extended(new)
        if asks:
            self.steps.append(self.conversation)
        return self
