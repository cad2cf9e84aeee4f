"""How a model writes a decision: free thought, then calls in its family's own style, or an answer in tags.

One object does all three directions: the grammar that lets a model write nothing else, the reading of what it wrote,
and the writing of decisions that it did not write itself.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, cast

from ...jsonable import Json, JsonObject
from ...tools.spec import ToolSpec
from ...vision.units import CoordinateUnit
from ..base import Citation, Decision, Draft
from ..handles import Handles
from . import grammar
from .bounding import bounded
from .boxes import box_rules
from .callstyles import HERMES, LLAMA, MISTRAL, TAGS, CallStyle, malformed
from .lengths import max_bytes

ANSWER, ANSWER_END = "<answer>", "</answer>"
THINK, THINK_END = "<think>", "</think>"

ANSWER_LIMIT = 1200
"""Characters of an answer."""

VALUE_LIMIT = 120
"""Characters of a bare value, and of a quote that is cited."""

CITATION_LIMIT = 8
"""Citations of an answer."""

_CUT_OFF = "\ufffd"


class Thinking(Enum):
    """Whether a model thinks between `<think>` and `</think>` before it says anything."""

    NEVER = "never"
    SOMETIMES = "it may open the tag itself"
    OPENED = "its prompt ends with the opening tag"


@dataclass(frozen=True, slots=True)
class CallFormat:
    """How one model writes decisions.

    Attributes:
        style: how calls are written.
        added: ids of the marks that are single added tokens of its tokenizer.
        thinking: whether it thinks in tags.
        thought_tokens: the most tokens of thought in plain sight, before calls or an answer.
        thinking_tokens: the most tokens between the tags of a thinking model.
    """

    style: CallStyle = TAGS
    added: Mapping[str, int] = field(default_factory=dict)
    thinking: Thinking = Thinking.NEVER
    thought_tokens: int = 256
    thinking_tokens: int = 1024

    @classmethod
    def choose(cls, tokenizer: Any) -> CallFormat:
        """The format of a tokenizer's chat template; plain `<tool_call>` tags when it tells of none."""
        template = _template_of(tokenizer)
        vocabulary = tokenizer.get_added_vocab()
        style = _style_of(template, vocabulary)
        marks = {*style.marks, ANSWER, ANSWER_END, THINK, THINK_END}
        added = {text: int(vocabulary[text]) for text in sorted(marks) if text in vocabulary}
        return cls(style, added, _thinking_of(tokenizer, template))

    @property
    def name(self) -> str:
        """What people call it."""
        return self.style.name

    def grammar(
        self, tools: Sequence[ToolSpec], handles: Handles, unit: CoordinateUnit, *, may_answer: bool = True
    ) -> str:
        """The Lark grammar, for llguidance, of every decision with these tools and handles.

        Tools that cannot be called because nothing is live that they need are left out; without any tool only an
        answer can be written. `may_answer` is False while there has to be a call, if any can be made.
        """
        calls = self._calls(tools, handles, unit)
        choices = [*(["calls"] if calls else []), *(["answer"] if may_answer or not calls else [])]
        rules = f"start: {self._before()} ({' | '.join(choices)})\n" + self._free_text()
        draft = grammar.json_of(answer_schema(handles))
        rules += f"answer: {self._mark(ANSWER)} {draft} {self._mark(ANSWER_END)}\n"
        return grammar.HEAD + rules + (self._call_rules(calls, handles, unit) if calls else "")

    def max_tokens(self, tools: Sequence[ToolSpec], handles: Handles, unit: CoordinateUnit) -> int:
        """How many tokens a decision takes at most, the one that stops it included."""
        calls = [max_bytes(call) for call in self._calls(tools, handles, unit)]
        longest_calls = self.style.most_calls * (max(calls, default=0) + self.style.overhead())
        answer = max_bytes(answer_schema(handles)) + len(ANSWER + ANSWER_END)
        thinking = 0 if self.thinking is Thinking.NEVER else self.thinking_tokens + len(THINK + THINK_END)
        return thinking + self.thought_tokens + max(longest_calls, answer) + 1

    def parse(self, text: str) -> Decision:
        """What a model wrote, as a decision; call ids are left to the agent.

        Args:
            text: everything it wrote, special tokens included, without the one that stopped it.

        Raises:
            MalformedReply: when no grammar of this format could have written it.
        """
        thinking, rest = _without_thinking(text)
        marks = [(at, mark) for mark in (ANSWER, *self.style.openings) if (at := rest.find(mark)) >= 0]
        if not marks:
            raise malformed(f"There are neither calls nor an answer: {rest[-80:]!r}")
        at, first = min(marks)
        thought = "\n".join(part for part in (thinking, _whole(rest[:at])) if part)
        if first == ANSWER:
            return Decision(thought, answer=_read_answer(rest[at:]))
        return Decision(thought, self.style.read(rest[at:]))

    def written(self, decision: Decision) -> str:
        """The canonical form of a decision that the model did not sample here; `parse` reads it back."""
        body = self.style.write(decision.calls) if decision.answer is None else written_answer(decision.answer)
        return f"{decision.thought}\n{body}" if decision.thought else body

    def _calls(self, tools: Sequence[ToolSpec], handles: Handles, unit: CoordinateUnit) -> list[JsonObject]:
        """The bounded schema of a call of each tool that can be called."""
        found = [(tool.name, bounded(tool.parameters, handles=handles, unit=unit)) for tool in tools]
        return [_call_schema(name, self.style.key, schema) for name, schema in found if schema is not None]

    def _call_rules(self, calls: Sequence[JsonObject], handles: Handles, unit: CoordinateUnit) -> str:
        spelled = grammar.CallRules()
        rules = self.style.rules(spelled.calls(calls), self.added) + "".join(spelled.rules)
        return rules + (box_rules(unit, handles.extent_wh) if spelled.boxes else "")

    def _mark(self, text: str) -> str:
        return grammar.mark(text, self.added)

    def _before(self) -> str:
        thinking = {
            Thinking.NEVER: "",
            Thinking.SOMETIMES: f"({self._mark(THINK)} thinking {self._mark(THINK_END)})? ",
            Thinking.OPENED: f"thinking {self._mark(THINK_END)} ",
        }[self.thinking]
        return thinking + "thought"

    def _free_text(self) -> str:
        marks = (ANSWER, *self.style.openings)
        # A brace in plain sight begins JSON outside its tags, which models would write until the thought is cut off.
        rules = grammar.text_rule("thought", marks, self.added, self.thought_tokens, without="{")
        if self.thinking is not Thinking.NEVER:
            rules += grammar.text_rule("thinking", [THINK_END], self.added, self.thinking_tokens)
        return rules


def answer_schema(handles: Handles) -> JsonObject:
    """The JSON of an answer; what it may cite are the live handles."""
    properties: JsonObject = {
        "text": {"type": "string", "minLength": 1, "maxLength": ANSWER_LIMIT, "pattern": r"\S"},
        "value": {"type": "string", "minLength": 0, "maxLength": VALUE_LIMIT},
    }
    if handles.citable:
        quote: JsonObject = {"type": "string", "minLength": 1, "maxLength": VALUE_LIMIT}
        citation = _closed({"quote": quote, "handle": {"enum": list(handles.citable)}}, ["quote", "handle"])
        properties["citations"] = {"type": "array", "items": citation, "minItems": 0, "maxItems": CITATION_LIMIT}
    properties["complete"] = {"type": "boolean"}
    return _closed(properties, ["text"])


def written_answer(draft: Draft) -> str:
    """An answer in its tags; what says nothing is left out."""
    answer: JsonObject = {"text": draft.text}
    answer |= {"value": draft.value} if draft.value else {}
    if draft.citations:
        answer["citations"] = [{"quote": each.quote, "handle": each.handle} for each in draft.citations]
    answer |= {} if draft.complete else {"complete": False}
    return f"{ANSWER}{json.dumps(answer, ensure_ascii=False)}{ANSWER_END}"


def _call_schema(name: str, key: str, arguments: JsonObject) -> JsonObject:
    return _closed({"name": {"enum": [name]}, key: arguments}, ["name", key])


def _closed(properties: Mapping[str, Json], required: Sequence[str]) -> JsonObject:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _read_answer(text: str) -> Draft:
    if not text.rstrip().endswith(ANSWER_END):
        raise malformed(f"The answer is not closed by {ANSWER_END}.")
    inner = text.rstrip().removeprefix(ANSWER).removesuffix(ANSWER_END)
    try:
        read = json.loads(inner)
    except ValueError as error:
        raise malformed(f"The answer is not JSON ({error}): {inner[:80]!r}") from error
    if not isinstance(read, dict) or not isinstance(read.get("text"), str):
        raise malformed(f"An answer is an object with a text: {inner[:80]!r}")
    return _draft(read)


def _draft(read: Mapping[str, Any]) -> Draft:
    unknown = sorted(set(read) - {"text", "value", "citations", "complete"})
    if unknown:
        raise malformed(f"An answer has no {unknown[0]!r}.")
    try:
        citations = tuple(Citation(str(each["quote"]), str(each["handle"])) for each in read.get("citations", ()))
    except (TypeError, KeyError) as error:
        raise malformed("A citation is an object with a quote and a handle.") from error
    return Draft(read["text"], citations, read.get("complete", True) is True, str(read.get("value", "")))


def _without_thinking(text: str) -> tuple[str, str]:
    """What stood between the tags of a thinking model, and the rest."""
    inner, closed, rest = text.partition(THINK_END)
    return (_whole(inner.removeprefix(THINK)), rest) if closed and ANSWER not in inner else ("", text)


def _whole(thought: str) -> str:
    """A thought without the character that its limit may have cut in two."""
    return thought.rstrip().rstrip(_CUT_OFF).strip()


def _template_of(tokenizer: Any) -> str:
    template = getattr(tokenizer, "chat_template", None) or ""
    if isinstance(template, Mapping):
        template = template.get("tool_use") or template.get("default") or ""
    return str(template)


def _style_of(template: str, vocabulary: Mapping[str, int]) -> CallStyle:
    if "[TOOL_CALLS]" in template or "[TOOL_CALLS]" in vocabulary:
        return MISTRAL
    if "<tool_call>" in template:
        return HERMES
    if "<|python_tag|>" in vocabulary or ('"parameters": ' in template and "tool_call" in template):
        return LLAMA
    return TAGS


def _thinking_of(tokenizer: Any, template: str) -> Thinking:
    if THINK not in template and THINK_END not in template:
        return Thinking.NEVER
    asked = [{"role": "user", "content": "?"}]
    prompt = cast("str", tokenizer.apply_chat_template(asked, add_generation_prompt=True, tokenize=False)).rstrip()
    if prompt.endswith(THINK):
        return Thinking.OPENED
    return Thinking.NEVER if prompt.endswith(THINK_END) else Thinking.SOMETIMES
