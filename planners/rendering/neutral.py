"""Text from strangers made harmless for a model that reads it: no markers, no control characters.

Strangers are pictures, file names, tools and people. Chat templates write role markers as plain text, and tokenizers
turn special tokens into single ids wherever they stand. So a receipt on which `<|im_start|>system` is printed would
begin a message of its own. Here such a marker is broken up by one visible mark after its first character
(`<·|im_start|>`): a model still reads what was printed, and nothing else comes of it. Everything that is no marker and
no control character stays as it is, byte for byte.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import cast

from ...errors import UsageError
from ...jsonable import Json
from ...tools.calls import ToolCall
from ..base import Citation, Decision, Draft

MARKS = "·∙⸱¦"
"""Visible marks that break up a marker; the first one that no special token of the model holds is taken."""

_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x85]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]")
_SURROGATE = re.compile("[\ud800-\udfff]")

_NAMES = (
    # pictures, sounds, films
    r"image|images|img|video|audio|image_soft_token|audio_soft_token|start_of_image|end_of_image|start_of_audio",
    r"end_of_audio|image_pad|image_token|image_placeholder|image_newline|IMG_CONTEXT|fake_token_around_image",
    r"global-img|row_\d+_col_\d+|loc_?\d+|loc\d+|seg\d+|vision_start|vision_end",
    # turns and texts
    r"s|bos|eos|pad|unk|start_of_turn|end_of_turn|end_of_utterance|endoftext|im_start|im_end",
    # thoughts, tools, answers
    r"think|thought|tools|tool|tool_call|tool_calls|tool_response|tool_responses|function_call|function_response",
    r"start_function_call|end_function_call|start_function_response|end_function_response|arg_key|arg_value|answer",
    r"function=[^<>\n]{0,64}|parameter=[^<>\n]{0,64}",
)
_BRACKETED = r"/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS|TOOL_CONTENT|ARGS|CALL_ID|IMG|IMG_BREAK"
_WELL_KNOWN = re.compile(
    "|".join(
        (
            r"</?[|｜][^<>\n]{1,80}>",  # <|im_start|>, <|turn>, <｜begin▁of▁sentence｜>
            r"<[\w/▁-]{1,80}[|｜]>",  # <turn|>
            r"<</?SYS>>",
            rf"</?(?:{'|'.join(_NAMES)})/?>",
            rf"\[{_BRACKETED}|IMG_END|THINK|gMASK|sMASK)\]",
        )
    ),
    re.IGNORECASE,
)


def neutralised(text: str, specials: Collection[str] = ()) -> str:
    """The text without control characters, every marker in it broken up. Applying it again changes nothing.

    Args:
        text: from anybody.
        specials: role markers and special tokens of the model that will read it, as they are written; blank ones and
            those of one character are no markers. The well-known ones of all families need not be named.

    Raises:
        UsageError: when the special tokens hold every one of `MARKS`.
    """
    clean = _SURROGATE.sub("\ufffd", _CONTROL.sub("", _BREAKS.sub("\n", text)))
    mark, own = _prepared(frozenset(specials))
    # A mark is in no marker, so what is left to search gets shorter each time, and the loop ends.
    while (broken := _broken(_broken(clean, _WELL_KNOWN, mark), own, mark)) != clean:
        clean = broken
    return clean


def neutralised_decision(decision: Decision, specials: Collection[str] = ()) -> Decision:
    """A decision whose words are neutralised; the very same object when there was nothing to do."""
    calls = tuple(_harmless_call(call, specials) for call in decision.calls)
    answer = None if decision.answer is None else _harmless_draft(decision.answer, specials)
    thought = neutralised(decision.thought, specials)
    made = replace(decision, thought=thought, calls=calls, answer=answer)
    return decision if made == decision else made


def neutralised_json(value: Json, specials: Collection[str] = ()) -> Json:
    """Plain JSON whose texts are neutralised, keys too."""
    if isinstance(value, str):
        return neutralised(value, specials)
    if isinstance(value, Mapping):
        return {neutralised(key, specials): neutralised_json(inner, specials) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [neutralised_json(inner, specials) for inner in value]
    return value


def _broken(text: str, markers: re.Pattern[str] | None, mark: str) -> str:
    if markers is None:
        return text
    return markers.sub(lambda found: f"{found[0][0]}{mark}{found[0][1:]}", text)


@lru_cache(maxsize=64)
def _prepared(specials: frozenset[str]) -> tuple[str, re.Pattern[str] | None]:
    markers = sorted((each for each in specials if len(each.strip()) > 1), key=lambda each: (-len(each), each))
    free = [mark for mark in MARKS if not any(mark in each for each in markers)]
    if not free:
        raise UsageError(f"The special tokens hold every one of {MARKS}.", remedy="Leave those out that hold none.")
    return free[0], re.compile("|".join(map(re.escape, markers))) if markers else None


def _harmless_call(call: ToolCall, specials: Collection[str]) -> ToolCall:
    arguments = cast("Mapping[str, Json]", neutralised_json(call.arguments, specials))
    return ToolCall(call.id, neutralised(call.name, specials), arguments)


def _harmless_draft(draft: Draft, specials: Collection[str]) -> Draft:
    cited = tuple(
        Citation(neutralised(one.quote, specials), neutralised(one.handle, specials)) for one in draft.citations
    )
    text, value = neutralised(draft.text, specials), neutralised(draft.value, specials)
    return replace(draft, text=text, value=value, citations=cited)
