"""How models write decisions: one function for each dialect, and styles of writing JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from lavr.jsonable import Json
from lavr.planners.base import Decision, Draft
from lavr.tools.calls import ToolCall


@dataclass(frozen=True, slots=True)
class Style:
    """How JSON is written: properly, or as models do."""

    name: str
    quotes: tuple[str, str] = ('"', '"')
    bare_keys: bool = False
    python: bool = False
    trailing: bool = False
    comment: str = ""
    indent: bool = False

    def text(self, value: Json) -> str:
        """A value in this style."""
        if isinstance(value, bool) or value is None:
            return repr(value) if self.python else json.dumps(value)
        if isinstance(value, int | float):
            return json.dumps(value)
        if isinstance(value, str):
            return self.string(value)
        tail = "," if self.trailing and value else ""
        gap = "\n  " if self.indent else " "
        if isinstance(value, dict):
            inner = [f"{self.key(key)}: {self.text(item)}" for key, item in value.items()]
            remark = f" {self.comment}\n" if self.comment and inner else ""
            return "{" + f",{gap}".join(inner) + tail + remark + "}"
        return "[" + ", ".join(map(self.text, list(value))) + tail + "]"

    def key(self, key: str) -> str:
        """A key in this style."""
        return key if self.bare_keys else self.string(key)

    def string(self, text: str) -> str:
        """A string, escaped as its quotes need."""
        begin, end = self.quotes
        inner = json.dumps(text, ensure_ascii=False)[1:-1]
        if begin != '"':
            inner = inner.replace('\\"', '"').replace(end, "\\" + end)
        return begin + inner + end


PROPER = Style("proper")
STYLES = (
    Style("single quotes", quotes=("'", "'")),
    Style("smart quotes", quotes=("“", "”")),
    Style("unquoted keys", bare_keys=True),
    Style("Python literals", quotes=("'", "'"), python=True),
    Style("trailing commas", trailing=True),
    Style("comment //", comment="// the whole page"),
    Style("comment #", comment="# the whole page"),
    Style("comment /* */", comment="/* the whole page */"),
    Style("indented", indent=True),
)

Dialect = Callable[[Decision, Style], str]


def _args(call: ToolCall) -> dict[str, Json]:
    return dict(call.arguments)


def openai(decision: Decision, style: Style) -> str:
    """Chat completions: a list of calls whose arguments are a string of JSON."""
    calls: list[Json] = [
        {
            "id": f"call_{number}",
            "type": "function",
            "function": {"name": call.name, "arguments": json.dumps(_args(call), ensure_ascii=False)},
        }
        for number, call in enumerate(decision.calls)
    ]
    return style.text({"role": "assistant", "content": decision.thought, "tool_calls": calls})


def openai_old(decision: Decision, style: Style) -> str:
    """The form before lists of calls."""
    (call,) = decision.calls
    return decision.thought + "\n" + style.text({"function_call": {"name": call.name, "arguments": _args(call)}})


def hermes(decision: Decision, style: Style) -> str:
    """Tags around JSON."""
    tags = [
        f"<tool_call>\n{style.text({'name': call.name, 'arguments': _args(call)})}\n</tool_call>"
        for call in decision.calls
    ]
    return "\n".join([decision.thought, *tags])


def _plain(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def qwen_coder(decision: Decision, _: Style) -> str:
    """Tags all the way down."""
    blocks = []
    for call in decision.calls:
        inner = "".join(f"<parameter={key}>\n{_plain(value)}\n</parameter>\n" for key, value in call.arguments.items())
        blocks.append(f"<tool_call>\n<function={call.name}>\n{inner}</function>\n</tool_call>")
    return "\n".join([decision.thought, *blocks])


def glm(decision: Decision, _: Style) -> str:
    """Keys and values in tags of their own."""
    blocks = []
    for call in decision.calls:
        pairs = "".join(
            f"<arg_key>{key}</arg_key>\n<arg_value>{_plain(value)}</arg_value>\n"
            for key, value in call.arguments.items()
        )
        blocks.append(f"<tool_call>{call.name}\n{pairs}</tool_call>")
    return "\n".join([decision.thought, *blocks])


def llama(decision: Decision, style: Style) -> str:
    """An object with parameters."""
    (call,) = decision.calls
    return f"{decision.thought}\n{style.text({'name': call.name, 'parameters': _args(call)})}"


def llama_tagged(decision: Decision, style: Style) -> str:
    """The same after a special token, several parted by semicolons."""
    calls = [style.text({"name": call.name, "parameters": _args(call)}) for call in decision.calls]
    return f"{decision.thought}<|python_tag|>{'; '.join(calls)}<|eom_id|>"


def mistral(decision: Decision, style: Style) -> str:
    """A marker and a list."""
    calls: list[Json] = [{"name": call.name, "arguments": _args(call)} for call in decision.calls]
    return f"{decision.thought}[TOOL_CALLS]{style.text(calls)}</s>"


def mistral_new(decision: Decision, style: Style) -> str:
    """A marker for each call and one for its arguments."""
    calls = [f"[TOOL_CALLS]{call.name}[ARGS]{style.text(_args(call))}" for call in decision.calls]
    return decision.thought + "".join(calls)


def _python(call: ToolCall) -> str:
    return f"{call.name}({', '.join(f'{key}={value!r}' for key, value in call.arguments.items())})"


def python(decision: Decision, _: Style) -> str:
    """Function calls, a line each."""
    return "\n".join([decision.thought, *map(_python, decision.calls)])


def python_list(decision: Decision, _: Style) -> str:
    """A list of function calls."""
    return f"{decision.thought}\n[{', '.join(map(_python, decision.calls))}]"


def react(decision: Decision, style: Style) -> str:
    """Thought, action and its input."""
    steps = [f"Action: {call.name}\nAction Input: {style.text(_args(call))}" for call in decision.calls]
    return "\n".join([f"Thought: {decision.thought or 'Look.'}", *steps])


def bare(name_key: str, arguments_key: str) -> Dialect:
    """An object with a name and arguments under some keys."""

    def written(decision: Decision, style: Style) -> str:
        found: list[Json] = [{name_key: call.name, arguments_key: _args(call)} for call in decision.calls]
        return decision.thought + "\n" + style.text(found[0] if len(found) == 1 else found)

    return written


def answer_tags(decision: Decision, style: Style) -> str:
    """Tags around the answer's JSON."""
    return f"{decision.thought}\n<answer>{_answer_json(decision, style)}</answer>"


def answer_words(decision: Decision, _: Style) -> str:
    """Tags around the answer's words."""
    return f"{decision.thought}\n<answer>{_draft(decision).text}</answer>"


def answer_bare(decision: Decision, style: Style) -> str:
    """The answer's JSON alone."""
    return _answer_json(decision, style)


def answer_react(decision: Decision, _: Style) -> str:
    """The end of a ReAct text."""
    return f"Thought: {decision.thought or 'I know it.'}\nFinal Answer: {_draft(decision).text}"


def answer_prose(decision: Decision, _: Style) -> str:
    """Nothing but the answer."""
    return _draft(decision).text


def _draft(decision: Decision) -> Draft:
    assert decision.answer is not None
    return decision.answer


def _answer_json(decision: Decision, style: Style) -> str:
    draft = _draft(decision)
    return style.text({"text": draft.text, "value": draft.value, "complete": draft.complete})


MANY: dict[str, Dialect] = {
    "openai": openai,
    "hermes": hermes,
    "qwen coder": qwen_coder,
    "glm": glm,
    "llama tagged": llama_tagged,
    "mistral": mistral,
    "mistral args": mistral_new,
    "python": python,
    "python list": python_list,
    "react": react,
    "tool/args": bare("tool", "args"),
    "name/arguments": bare("name", "arguments"),
}
SINGLE: dict[str, Dialect] = {
    "openai old": openai_old,
    "llama": llama,
    "action/input": bare("action", "input"),
    "action/action_input": bare("action", "action_input"),
    "tool_name/parameters": bare("tool_name", "parameters"),
}
ANSWERING: dict[str, Dialect] = {
    "answer tags": answer_tags,
    "answer words": answer_words,
    "answer JSON": answer_bare,
    "react answer": answer_react,
    "prose": answer_prose,
}
UNSTYLED = {"qwen coder", "glm", "python", "python list", "answer words", "react answer", "prose"}
OBJECTS = {"llama", "openai old", "action/input", "action/action_input", "tool_name/parameters"}
OWN_MARKS = {"react", "react answer", "prose", "mistral", "mistral args", "llama tagged"}
"""Dialects around which no fence is ever put: they are their own frame."""
