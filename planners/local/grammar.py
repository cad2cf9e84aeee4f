"""Pieces of Lark grammars as llguidance reads them: literal text, tokens by id, free text, JSON of a schema."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
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


def json_rule(name: str, schema: Mapping[str, Any]) -> str:
    """A rule for the JSON of a schema."""
    return f"{name}: %json {json.dumps({**schema, 'x-guidance': JSON_STYLE}, ensure_ascii=False)}\n"


def any_of(schemas: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """The schema of a value that fits one of several."""
    return schemas[0] if len(schemas) == 1 else {"anyOf": list(schemas)}


def text_rule(name: str, opening: str, max_tokens: int) -> str:
    """A rule for free text that stops before what opens a decision.

    Args:
        name: of the rule.
        opening: the characters that marks begin with. "<" and "[" may still stand before a blank or a digit.
        max_tokens: after so many the text is over.
    """
    others = "".join(f"\\x{ord(character):02x}" for character in opening)
    harmless = "".join(f"|\\x{ord(character):02x}[ 0-9=]" for character in opening if character in "<[")
    return f"{name}[max_tokens={max_tokens}]: /([^{others}]{harmless})*/\n"
