"""From the text of a reply to a decision; what has no single meaning is sent back, never guessed."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ...errors import MalformedReply
from ...tools.calls import ToolCall
from ...tools.spec import ToolSpec
from ..base import Decision, Draft
from .frames import Framed, blanked, framed, says
from .marked import marked
from .objects import objects
from .plain import plain_answer
from .pythonic import python_calls
from .react import react
from .shapes import both, draft_of
from .signs import ANSWER_EXAMPLE, Dialect, Sign, excerpt
from .tagged import answer_tags, function_tags, tool_tags
from .toolbook import EXAMPLE, RawCall, Toolbook

DIALECTS: tuple[Dialect, ...] = (tool_tags, function_tags, marked, answer_tags, react, objects, python_calls)
"""Who reads first: those with marks of their own before those that look at everything."""

LONGEST = 200_000
"""Characters of a reply that are read; none that is meant is longer."""

_LEFT_TAGS = re.compile(
    r"</?(?:tool_calls?|function_calls?|tool_use|tools|answer)>|^[ \t]*(?:```|~~~)[ \t]*\w*[ \t]*$", re.MULTILINE
)


def parse_reply(text: str, tools: Sequence[ToolSpec]) -> Decision:
    """Read what a model wrote, in whichever dialect, repairing what has one meaning only.

    Args:
        text: the reply.
        tools: what can be called now.

    Raises:
        MalformedReply: when the reply is no call of these tools and no answer, or could be more than one; the cause
            says what was seen, the remedy what to write.
    """
    if len(text) > LONGEST:
        raise MalformedReply(
            f"The reply has {len(text)} characters.", remedy=f"Write one call or answer: {EXAMPLE} or {ANSWER_EXAMPLE}"
        )
    book = Toolbook(tools)
    reply = framed(text)
    signs, rest = read_signs(reply.bare, book)
    raw = [call for sign in signs for call in sign.calls]
    answers = [sign.answer for sign in signs if sign.answer is not None]
    if raw and answers:
        raise both()
    if raw:
        return Decision(_thought(reply, signs, rest), calls=_calls(raw, book))
    if answers:
        return Decision(_thought(reply, signs, rest), answer=_one_answer([draft_of(answer) for answer in answers]))
    return Decision(reply.thought, answer=_plain(reply, book))


def read_signs(bare: str, book: Toolbook) -> tuple[list[Sign], str]:
    """What the dialects recognise, in the order in which it was written, and the text without it."""
    found: list[Sign] = []
    for dialect in DIALECTS:
        signs = list(dialect(bare, book))
        for sign in signs:
            _check_unquoted(bare, sign)
        bare = blanked(bare, [(sign.start, sign.end) for sign in signs])
        found += signs
    return sorted(found, key=lambda sign: sign.start), bare


def _check_unquoted(text: str, sign: Sign) -> None:
    quoted = text[sign.start - 1 : sign.start] in {'"', "“", "'", "„"} if sign.start else False
    if sign.calls and (quoted or says(text, sign.start)):
        raise _quoted(text[sign.start : sign.end])


def _quoted(words: str) -> MalformedReply:
    return MalformedReply(
        f"{excerpt(words.strip())} stands in a quotation, so it was not taken as a call.",
        remedy=f"If you mean to call, write {EXAMPLE} outside of quotations; otherwise answer: {ANSWER_EXAMPLE}",
    )


def _calls(raw: Sequence[RawCall], book: Toolbook) -> tuple[ToolCall, ...]:
    calls: list[ToolCall] = []
    for one in raw:
        spec = book.named(one.name)
        call = ToolCall(one.id, spec.name, book.fitted(spec, one))
        _check_id(call, calls)
        if not any(call.name == other.name and call.arguments == other.arguments and
                   (call.id == other.id or not call.id) for other in calls):  # fmt: skip
            calls.append(call)
    return tuple(calls)


def _check_id(call: ToolCall, others: Sequence[ToolCall]) -> None:
    twin = next((other for other in others if call.id and other.id == call.id), None)
    if twin is not None and (twin.name, twin.arguments) != (call.name, call.arguments):
        raise MalformedReply(
            f"Two different calls have the id {call.id[:40]!r}: {twin.name} and {call.name}.",
            remedy="Write each call once; ids may be left out.",
        )


def _one_answer(drafts: Sequence[Draft]) -> Draft:
    if len(set(drafts)) > 1:
        raise MalformedReply(
            f"The reply has {len(set(drafts))} different answers: {excerpt(drafts[0].text)} and "
            f"{excerpt(drafts[-1].text)}.",
            remedy=f"Write one: {ANSWER_EXAMPLE}",
        )
    if not drafts[0].text.strip():
        raise MalformedReply("The answer has no text.", remedy=f"Write {ANSWER_EXAMPLE}")
    return drafts[0]


def _thought(reply: Framed, signs: Sequence[Sign], rest: str) -> str:
    """What was thought: in tags, in the objects, and in the prose around."""
    around = re.sub(r"[ \t]*\n\s*", "\n", re.sub(r"[ \t]{2,}", " ", _LEFT_TAGS.sub("", rest))).strip()
    return "\n".join(dict.fromkeys(filter(None, [reply.thought, *(sign.thought for sign in signs), around])))


def _plain(reply: Framed, book: Toolbook) -> Draft:
    if not reply.words.strip() or reply.unended:
        seen = "nothing but a thought" if reply.thought or reply.unended else "empty"
        raise MalformedReply(f"The reply is {seen}.", remedy=f"After thinking, write {EXAMPLE} or {ANSWER_EXAMPLE}")
    for words in reply.quotations:
        _check_harmless(words, book)
    if not reply.bare.strip():
        return Draft(reply.words.strip())
    draft = plain_answer(reply.bare, book)
    return draft if not reply.quotations and "```" not in reply.words else Draft(reply.words.strip(), draft.citations)


def _check_harmless(words: str, book: Toolbook) -> None:
    """Refuse a reply whose quotations hold a call: whose it is cannot be told."""
    try:
        signs, _ = read_signs(words, book)
    except MalformedReply as error:
        raise _quoted(words) from error
    if any(sign.calls for sign in signs):
        raise _quoted(words)
