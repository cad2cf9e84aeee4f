"""Decisions written by nobody: tokens drawn at random from those that a grammar allows."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from random import Random
from typing import Any

import torch

from lavr.planners.base import Decision
from lavr.planners.handles import Handles
from lavr.planners.local.callformats import CallFormat, Thinking
from lavr.planners.local.callstyles import HERMES, LLAMA, MISTRAL, TAGS
from lavr.planners.local.matching import Constraint
from lavr.tests.planners.local.varied_tools import handles_of, scene_of, some_tools
from lavr.tools.arguments import bind
from lavr.tools.registry import Toolbox
from lavr.tools.tool import Tool
from lavr.vision.frame import Xyxy
from lavr.vision.image import Image
from lavr.vision.scene import Scene
from lavr.vision.units import CoordinateUnit

torch.set_num_threads(1)

MARKS = ("<tool_call>", "</tool_call>", "<think>", "</think>")
THOUGHT_TOKENS = 16


@dataclass(frozen=True, slots=True)
class Case:
    """Some tools, what is live, and how decisions are written."""

    tools: list[Tool]
    scene: Scene
    style: CallFormat
    unit: CoordinateUnit

    @classmethod
    def random(cls, seed: int, tokenizer: Any) -> Case:
        random = Random(seed)
        scene = scene_of(random.randint(1, 4), random.randint(0, 26))
        return cls(some_tools(random), scene, random.choice(formats(tokenizer)), random.choice(list(CoordinateUnit)))

    @property
    def handles(self) -> Handles:
        return handles_of(self.scene)

    @property
    def grammar(self) -> str:
        return self.style.grammar([tool.spec for tool in self.tools], self.handles, self.unit)

    @property
    def max_tokens(self) -> int:
        return self.style.max_tokens([tool.spec for tool in self.tools], self.handles, self.unit)

    def check(self, text: str) -> Decision:
        """Read a decision back and bind its calls as a session does."""
        decision = self.style.parse(text)
        assert self.style.parse(self.style.written(decision)) == decision
        toolbox = Toolbox(self.tools)
        for call in decision.calls:
            bound = bind(toolbox.get(call.name), call.arguments, self.scene, read_box=self._read_box)
            assert not bound.notes
        for citation in decision.answer.citations if decision.answer else ():
            assert citation.handle in self.handles.citable
        return decision

    def _read_box(self, image: Image, xyxy: Xyxy) -> Xyxy:
        return self.unit.to_pixels(xyxy, shown_wh=image.size_wh, image_wh=image.size_wh)


def formats(tokenizer: Any) -> list[CallFormat]:
    """A format of each style, thinking or not."""
    vocabulary = tokenizer.get_added_vocab()
    added = {mark: int(vocabulary[mark]) for mark in MARKS if mark in vocabulary}
    made = [CallFormat(style, added, thought_tokens=THOUGHT_TOKENS) for style in (TAGS, HERMES, LLAMA, MISTRAL)]
    thinking = [CallFormat(HERMES, added, each, THOUGHT_TOKENS, THOUGHT_TOKENS) for each in Thinking]
    return [*made, *thinking]


Logits = Callable[[list[int]], torch.Tensor]


def random_logits(vocabulary: int, seed: int, *, closing: Collection[int] = ()) -> Logits:
    """Logits that know nothing of what was written; `closing` tokens are a little likelier, to end sooner."""
    generator = torch.Generator().manual_seed(seed)
    likelier = torch.zeros(vocabulary)
    likelier[list(closing)] = 3.0

    def logits(_: list[int]) -> torch.Tensor:
        return torch.randn(vocabulary, generator=generator) + likelier

    return logits


def write(constraint: Constraint, grammar: str, logits: Logits, *, most: int, jump: bool = True) -> list[int]:
    """The tokens of a decision, the one that stops it left out. Fails when there are more than `most`."""
    matcher, written, taken = constraint.matcher(grammar), list[int](), 0
    noise = torch.Generator().manual_seed(most)
    while not matcher.done:
        assert taken < most, "A decision was cut off."
        scores = matcher.mask(logits(written))
        token = int((scores - torch.log(-torch.log(torch.rand(scores.shape, generator=noise)))).argmax())
        for each in [token, *_forced_after(matcher, token, jump)]:
            written.append(each)
            taken += 1
    return written if matcher.stopped_by is None else written[:-1]


def _forced_after(matcher: Any, token: int, jump: bool) -> list[int]:
    matcher.accept(token)
    forced = matcher.forced() if jump and matcher.stopped_by is None else []
    for each in forced:
        matcher.accept(each)
    return list(forced)


def quotes(tokenizer: Any) -> list[int]:
    """Tokens that have a quote in them: they end strings."""
    return [index for text, index in tokenizer.get_vocab().items() if '"' in text]
