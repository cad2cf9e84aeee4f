"""Pieces of Lark grammars as llguidance reads them: literal text, tokens by id, free text, JSON of a schema."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

HEAD = "%llguidance {}\n"
"""Tells llguidance to take the grammar as its own dialect of Lark."""

JSON_STYLE: Mapping[str, Any] = {
    "whitespace_flexible": False,
    "item_separator": ", ",
    "key_separator": ": ",
    "json_allowed_escapes": 'nrbtf\\"',
}
"""JSON as `json.dumps` writes it: one way to place blanks, so that they cannot go on forever; no `\\u` escapes."""


def mark(text: str, added: Mapping[str, int]) -> str:
    """A fixed text: by its id where it is one added token, which grammars never match as text; else literally."""
    return f"<[{added[text]}]>" if text in added else json.dumps(text, ensure_ascii=False)


def json_of(schema: Mapping[str, Any]) -> str:
    """The JSON of a schema, where an expression may stand. The order of a box's sides is not told."""
    return f"%json {json.dumps({**_plain(schema), 'x-guidance': JSON_STYLE}, ensure_ascii=False)}"


class CallRules:
    """Rules for the JSON of calls, with boxes whose sides are in order.

    What holds a box is spelled out rule by rule, because llguidance's JSON schemas know nothing of order; everything
    else is left to them. Afterwards `rules` has the rules that the expressions name; that of `box` comes from `boxes`.
    """

    def __init__(self) -> None:
        self.rules: list[str] = []
        self.boxes = False

    def calls(self, calls: Sequence[Mapping[str, Any]]) -> str:
        """An expression for one of several calls, each an object with a name and arguments."""
        return self._either(self._object(call) for call in calls)

    def value(self, schema: Mapping[str, Any]) -> str:
        """An expression for the JSON of a value."""
        if "enum" in schema:
            return self._either(_literal(value) for value in schema["enum"])
        if is_box(schema):
            self.boxes = True
            return "box"
        if not _holds_box(schema):
            return json_of(schema)
        if "anyOf" in schema and all(map(_is_fixed, schema["anyOf"])):
            return self._either(self.value(option) for option in schema["anyOf"])
        if "properties" in schema:
            return self._object(schema)
        return self._array(schema) if is_box(schema.get("items") or {}) else json_of(schema)

    def _either(self, options: Iterable[str]) -> str:
        return self._rule(" | ".join(options))

    def _rule(self, body: str) -> str:
        name = f"json_{len(self.rules)}"
        self.rules.append(f"{name}: {body}\n")
        return name

    def _array(self, schema: Mapping[str, Any]) -> str:
        item, least, most = self.value(schema["items"]), int(schema["minItems"]), int(schema["maxItems"])
        if most == 0:
            return '"[]"'
        items = f'{item} (", " {item}){{{max(0, least - 1)},{most - 1}}}'
        return self._rule(f'"[" {items} "]"' if least else f'"[" ({items})? "]"')

    def _object(self, schema: Mapping[str, Any]) -> str:
        """Properties in the order of the schema, those that are not required may be left out."""
        required = set(schema.get("required", ()))
        named = [(name, self._property(name, inner)) for name, inner in schema["properties"].items()]
        beginnings = []
        for place, (name, rule) in enumerate(named):
            rest = [f'", " {each}' if key in required else f'(", " {each})?' for key, each in named[place + 1 :]]
            beginnings.append(" ".join([rule, *rest]))
            if name in required:
                break
        empty = [] if required else ['""']
        return self._rule(f'"{{" {self._either([*beginnings, *empty])} "}}"')

    def _property(self, name: str, schema: Mapping[str, Any]) -> str:
        return self._rule(
            f"{json.dumps(json.dumps(name, ensure_ascii=False) + ': ', ensure_ascii=False)} {self.value(schema)}"
        )


def is_box(schema: Mapping[str, Any]) -> bool:
    """Whether a schema is that of a box."""
    return schema.get("format") == "xyxy"


def _holds_box(node: Any) -> bool:
    if isinstance(node, Mapping):
        return is_box(node) or any(_holds_box(inner) for inner in node.values())
    return isinstance(node, list) and any(_holds_box(inner) for inner in node)


def _is_fixed(schema: Mapping[str, Any]) -> bool:
    """Whether a value can stand beside a box in a union: it begins with a text of its own."""
    return is_box(schema) or "enum" in schema or schema.get("type") == "null"


def _literal(value: Any) -> str:
    return json.dumps(json.dumps(value, ensure_ascii=False), ensure_ascii=False)


def _plain(node: Any) -> Any:
    """A schema without the mark of boxes, which llguidance does not know."""
    if isinstance(node, Mapping):
        return {key: _plain(inner) for key, inner in node.items() if (key, inner) != ("format", "xyxy")}
    return [_plain(inner) for inner in node] if isinstance(node, list) else node


def text_rule(name: str, marks: Iterable[str], added: Mapping[str, int], max_tokens: int, *, without: str = "") -> str:
    """A rule for free text that stops before a mark.

    The text has no character that a literal mark begins with: a lexer takes as much text as it can, and would swallow
    the beginning of the mark. A mark that is one token ends the text by itself; that it is not spelled out is enough.

    Args:
        name: of the rule.
        marks: what may come after the text.
        added: ids of the marks that are one token.
        max_tokens: after so many the text is over.
        without: characters that the text does not have either.
    """
    banned = {mark[0] for mark in marks if mark not in added} | set(without)
    spelled = sorted({mark[:2] for mark in marks if mark in added and mark[0] not in banned})
    others = "".join(_code(character) for character in sorted(banned | {start[0] for start in spelled}))
    harmless = "".join(f"|{_code(start[0])}[^{_code(start)}]" for start in spelled)
    return f"{name}[max_tokens={max_tokens}]: /([^{others}]{harmless})*/\n"


def _code(text: str) -> str:
    """Characters by their codes, which mean themselves everywhere in a regular expression."""
    return "".join(f"\\x{ord(character):02x}" for character in text)
