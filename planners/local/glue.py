"""What a chat template writes between the turns, found once by rendering marks that stand for them.

A conversation is never rendered anew: templates rewrite what was said before (they drop old thoughts, write calls in
another way), and a model would have to read it all again. What stands between two turns is cut out once, and then put
between whatever is said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Any

from ...jsonable import JsonObject
from ..base import Role

_MARKS = ("\u2402A\u2402", "\u2402B\u2402", "\u2402C\u2402", "\u2402D\u2402")
_SAID = {Role.SYSTEM: "system", Role.USER: "user", Role.PLANNER: "assistant", Role.TOOL: "tool"}

BETWEEN = "\n\n"
"""Between two turns of one side, where the template has no words for it."""

PLAIN_TEMPLATE = """\
{% for message in messages %}{{ message['role'] | capitalize }}: {{ message['content'] }}

{% endfor %}{% if add_generation_prompt %}Assistant: {% endif %}"""
"""For models without a chat template."""


@dataclass(frozen=True, slots=True)
class Glue:
    """What stands between the turns of a family.

    Attributes:
        template: renders messages.
        between: from whom to whom -> what closes the one and opens the other.
        takes_tools: whether the template tells the tools itself.
        tools_speak: whether results have turns of their own; otherwise they are told in user turns.
        begin: what the tokenizer puts before everything and the template does not.
    """

    template: Template
    between: Mapping[tuple[Role, Role], str]
    takes_tools: bool
    tools_speak: bool
    begin: str = ""

    def head(self, system: str, tools: Sequence[JsonObject] = ()) -> str:
        """Everything up to the first words of the first user turn: the instruction, and the tools where they go."""
        user = ("user", _MARKS[0])
        told = tools if self.takes_tools else ()
        texts = self.template.around([("system", system), user] if system else [user], told)
        if texts is None or (system and system.strip() not in texts[0]):
            # No system role: the instruction comes first in the user's turn.
            texts = self.template.around([user], told) or self.template.around([user]) or [""]
            texts = [f"{texts[0]}{system}{BETWEEN}"] if system else texts
        return texts[0] if texts[0].startswith(self.begin) else self.begin + texts[0]

    def step(self, before: Role, after: Role) -> str:
        """What closes a turn of the one and opens a turn of the other."""
        return self.between[self._spoken(before), self._spoken(after)]

    def _spoken(self, role: Role) -> Role:
        return role if role is Role.PLANNER or (role is Role.TOOL and self.tools_speak) else Role.USER


@dataclass(frozen=True)
class Template:
    """A chat template.

    Attributes:
        renderer: a processor or tokenizer with `apply_chat_template`.
        as_parts: whether contents are lists of parts, as most multimodal templates want them.
        options: further arguments of the template.
    """

    renderer: Any
    as_parts: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)

    def around(
        self, messages: Sequence[tuple[str, str]], tools: Sequence[JsonObject] = (), *, prompt: bool = False
    ) -> list[str] | None:
        """What the template writes around those of the marks that are among the contents, in order.

        None when it refuses the messages, or does not write every mark once.
        """
        marks = [text for _, text in messages if text in _MARKS]
        written = self._written(messages, tools, prompt)
        if written is None or any(written.count(mark) != 1 for mark in marks):
            return None
        pieces = []
        for mark in marks:
            before, found, written = written.partition(mark)
            if not found:
                return None
            pieces.append(before)
        return [*pieces, written]

    def _written(self, messages: Sequence[tuple[str, str]], tools: Sequence[JsonObject], prompt: bool) -> str | None:
        contents = [{"role": role, "content": self._content(text)} for role, text in messages]
        given = {"tools": list(tools)} if tools else {}
        try:
            return str(
                self.renderer.apply_chat_template(
                    contents, tokenize=False, add_generation_prompt=prompt, **given, **self.options
                )
            )
        except Exception:  # noqa: BLE001 - a template refuses what it does not know with whatever error it likes
            return None

    def _content(self, text: str) -> Any:
        return [{"type": "text", "text": text}] if self.as_parts else text

    @cached_property
    def takes_tools(self) -> bool:
        """Whether it writes the tools that it is given."""
        name = "a_tool_that_is_there"
        parameters: JsonObject = {"type": "object", "properties": {}}
        function: JsonObject = {"name": name, "description": name, "parameters": parameters}
        texts = self.around(
            [("system", _MARKS[0]), ("user", _MARKS[1])], [{"type": "function", "function": function}]
        ) or self.around([("user", _MARKS[0])], [{"type": "function", "function": function}])
        return texts is not None and name in "".join(texts[:-1])


def find_glue(tokenizer: Any, processor: Any = None) -> Glue:
    """The glue of a model's chat template."""
    template = _template(tokenizer, processor)
    between = _between(template)
    speaks = (Role.PLANNER, Role.TOOL) in between
    return Glue(template, between, template.takes_tools, speaks, _begin(tokenizer, template))


def _template(tokenizer: Any, processor: Any) -> Template:
    """The template that renders a question and an answer; a plain one when there is none, or none that works."""
    asked = [("user", _MARKS[0]), ("assistant", _MARKS[1]), ("user", _MARKS[2])]
    for renderer in (processor, tokenizer):
        if getattr(renderer, "chat_template", None):
            for as_parts in (renderer is processor, renderer is not processor):
                template = Template(renderer, as_parts)
                if template.around(asked, prompt=True) is not None:
                    return template
    return Template(tokenizer, options={"chat_template": PLAIN_TEMPLATE})


def _between(template: Template) -> dict[tuple[Role, Role], str]:
    found: dict[tuple[Role, Role], str] = {}
    for script in (
        (Role.USER, Role.PLANNER),
        (Role.USER, Role.PLANNER, Role.USER, Role.PLANNER),
        (Role.USER, Role.USER, Role.PLANNER),
        (Role.USER, Role.PLANNER, Role.TOOL, Role.PLANNER),
        (Role.USER, Role.PLANNER, Role.TOOL, Role.TOOL, Role.PLANNER),
        (Role.USER, Role.PLANNER, Role.TOOL, Role.USER, Role.PLANNER),
    ):
        for pair, text in _steps(template, script).items():
            found.setdefault(pair, text)
    found.setdefault((Role.USER, Role.USER), BETWEEN)
    if (Role.PLANNER, Role.TOOL) in found:
        found.setdefault((Role.TOOL, Role.TOOL), BETWEEN)
        found.setdefault((Role.TOOL, Role.USER), BETWEEN)
    return found


def _steps(template: Template, script: Sequence[Role]) -> dict[tuple[Role, Role], str]:
    """What stands between the turns of a script whose last turn is the prompt for the planner."""
    said = [(_SAID[role], mark) for role, mark in zip(script[:-1], _MARKS, strict=False)]
    texts = template.around(said, prompt=True)
    if texts is None:
        return {}
    return dict(zip(pairwise(script), texts[1:], strict=True))


def _begin(tokenizer: Any, template: Template) -> str:
    """The token that the tokenizer puts first, when the template leaves that to it."""
    first = tokenizer("x")["input_ids"][:1]
    begin = str(tokenizer.bos_token or "")
    is_begin = bool(begin) and [int(each) for each in first] == [int(tokenizer.bos_token_id)]
    texts = template.around([("user", _MARKS[0])]) or [""]
    return begin if is_begin and not texts[0].startswith(begin) else ""
