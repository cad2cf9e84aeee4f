"""Replies with tags: Hermes and Qwen (`<tool_call>{...}</tool_call>`), GLM, Qwen-coder (`<function=...>`), answers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...errors import MalformedReply
from ...jsonable import JsonObject
from .loose import Broken, read_value
from .objects import calls_in, one_object
from .pythonic import python_calls
from .signs import Sign, excerpt, unreadable
from .toolbook import EXAMPLE, RawCall, Toolbook

_CALL = re.compile(r"<(tool_calls?|function_calls?|tool_use|tool_code|tools)\b[^<>]*>")
_FUNCTION = re.compile(r"""<(function|invoke)(?:=|\s+name\s*=\s*)["']?([^"'<>\s]+)["']?\s*>""")
_PARAMETER = re.compile(r"""\s*<(parameter|param)(?:=|\s+name\s*=\s*)["']?([^"'<>\s]+)["']?\s*>""")
_GLM_NAME = re.compile(r"\s*([\w.:-]+)\s*(?=<arg_key>|$)")
_GLM_KEY = re.compile(r"\s*<arg_key>([^<]*)</arg_key>\s*<arg_value>")
_ANSWER = re.compile(r"<(answer|final_answer)>")
_FENCE = re.compile(r"\s*(?:```|~~~)\w*")


def tool_tags(text: str, book: Toolbook) -> Iterator[Sign]:
    """`<tool_call>` and its kin, whatever is written inside."""
    at = 0
    while opened := _CALL.search(text, at):
        begin = opened.end()
        close = text.find(f"</{opened.group(1)}>", begin)
        following = _CALL.search(text, begin)
        sealed = close >= 0 and (following is None or close < following.start())
        end = close if sealed else following.start() if following else len(text)
        if _FUNCTION.search(text, begin, end):
            at = end
            yield from _wrapped_functions(text, opened.start(), begin, end, sealed=sealed)
            continue
        calls, used = _content(text[begin:end], book, sealed=sealed or following is not None)
        end = close + len(opened.group(1)) + 3 if sealed else begin + used
        yield Sign(opened.start(), end, calls)
        at = end


def _content(content: str, book: Toolbook, *, sealed: bool) -> tuple[tuple[RawCall, ...], int]:
    """The calls inside a tag, and how much of the text they take."""
    inner = _unfenced(content)
    if inner.lstrip()[:1] in {"{", "["} and inner.lstrip():
        calls, used = calls_in(inner, book, sealed=sealed)
        if not calls or (sealed and inner[used:].strip()):
            raise unreadable(inner, used if calls else 0, "it is no call")
        return calls, used
    if name := _GLM_NAME.match(inner):
        arguments, used = _glm_pairs(inner, name.end())
        if arguments or sealed:
            return (RawCall(name.group(1), arguments, texts=True),), used
    signs = list(python_calls(inner, book))
    if signs:
        return tuple(call for sign in signs for call in sign.calls), max(sign.end for sign in signs)
    raise MalformedReply(f"The call {excerpt(content)} cannot be read.", remedy=f"Write {EXAMPLE}")


def _unfenced(content: str) -> str:
    """The content with the marks of a code block around it blanked."""
    opened = _FENCE.match(content)
    begun = " " * opened.end() + content[opened.end() :] if opened else content
    closed = begun.rstrip()
    return closed[:-3] if closed.endswith(("```", "~~~")) else begun


def _glm_pairs(text: str, at: int) -> tuple[JsonObject, int]:
    pairs: JsonObject = {}
    while key := _GLM_KEY.match(text, at):
        end = text.find("</arg_value>", key.end())
        if end < 0:
            raise unreadable(text, key.start(), "it ends inside an argument")
        _put(pairs, key.group(1).strip(), text[key.end() : end].strip("\n"))
        at = end + len("</arg_value>")
    if "<arg" in text[at:]:
        raise unreadable(text, at, "it ends inside an argument")
    return pairs, at


def _put(pairs: JsonObject, key: str, value: str) -> None:
    if pairs.get(key, value) != value:
        raise MalformedReply(f"The argument {key[:60]!r} is given twice.", remedy="Give each argument once.")
    pairs[key] = value


def _wrapped_functions(text: str, start: int, begin: int, end: int, *, sealed: bool) -> Iterator[Sign]:
    """`<tool_call><function=...>...</function></tool_call>`."""
    calls: list[RawCall] = []
    at = begin
    while opened := _FUNCTION.search(text, at, end):
        call, at = _function(text[:end], opened, sealed=sealed)
        calls.append(call)
    yield Sign(start, at, tuple(calls))


def function_tags(text: str, _: Toolbook) -> Iterator[Sign]:
    """`<function=ocr><parameter=image>img_1</parameter></function>`, `<invoke name="ocr">`, `<function=ocr>{...}`."""
    at = 0
    while opened := _FUNCTION.search(text, at):
        call, end = _function(text, opened, sealed=False)
        yield Sign(opened.start(), end, (call,))
        at = end


def _function(text: str, opened: re.Match[str], *, sealed: bool) -> tuple[RawCall, int]:
    close = f"</{opened.group(1)}>"
    at = opened.end()
    pairs: JsonObject = {}
    if text[at:].lstrip().startswith("{"):
        arguments, used = one_object(text[at:], sealed=sealed or close in text[at:])
        return RawCall(opened.group(2), arguments), _past(text, at + used, close)
    while parameter := _PARAMETER.match(text, at):
        tag = f"</{parameter.group(1)}>"
        end = text.find(tag, parameter.end())
        if end < 0:
            raise unreadable(text, parameter.start(), "it ends inside an argument")
        _put(pairs, parameter.group(2), _trimmed(text[parameter.end() : end]))
        at = end + len(tag)
    behind = text[at:].lstrip()
    if behind and not behind.startswith(("<", "`")):
        raise unreadable(text, at, "something other than a parameter stands inside a call")
    if behind.startswith("<par") or (not pairs and not behind):
        raise unreadable(text, opened.start(), "it ends inside a call")
    return RawCall(opened.group(2), pairs, texts=True), _past(text, at, close)


def _trimmed(value: str) -> str:
    """A value without the line breaks that only lay it out."""
    return value.removeprefix("\n").removesuffix("\n")


def _past(text: str, at: int, tag: str) -> int:
    found = re.compile(rf"\s*{re.escape(tag)}").match(text, at)
    return found.end() if found else at


def answer_tags(text: str, _: Toolbook) -> Iterator[Sign]:
    """`<answer>...</answer>` with JSON or words inside."""
    at = 0
    while opened := _ANSWER.search(text, at):
        close = text.find(f"</{opened.group(1)}>", opened.end())
        end = len(text) if close < 0 else close
        content = _unfenced(text[opened.end() : end]).strip()
        at = end if close < 0 else end + len(opened.group(1)) + 3
        yield Sign(opened.start(), at, answer=_answer(content, sealed=close >= 0))


def _answer(content: str, *, sealed: bool) -> JsonObject | str:
    if not content:
        raise MalformedReply("The answer is empty.", remedy='Write <answer>{"text": "..."}</answer>')
    if not content.startswith("{"):
        return content
    try:
        reading = read_value(content, sealed=sealed)
    except Broken as error:
        raise unreadable(content, 0, error.what) from error
    value = reading.value
    assert isinstance(value, dict)  # noqa: S101 - it begins with a brace
    if any(map(reading.is_cut, value.values())):
        raise unreadable(content, 0, "it is cut off inside a value")
    return value
