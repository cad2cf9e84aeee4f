"""What a server answers instead of a reply, as errors that say who must do what."""

from __future__ import annotations

import email.utils
import json
import re
import time
from collections.abc import Mapping
from typing import Any

from ...errors import LavrError, LimitReached, UsageError

RETRIED = frozenset({408, 409, 425, 429})
_EXCERPT = 300
_TOO_LONG = re.compile(
    r"context.{0,3}(length|window|size)|maximum.{0,20}tokens|too many tokens|prompt is too long|too long for",
    re.IGNORECASE,
)
_NO_PICTURES = re.compile(
    r"(image|vision|multi.?modal|mmproj).{0,60}(not|no|unsupported|only|0 )|(not|no).{0,60}(image|vision|multi.?modal)",
    re.IGNORECASE,
)
_ALLOWED = re.compile(r"(?:maximum|max|available|limit|window of)\D{0,60}?(\d{3,})", re.IGNORECASE)
_ASKED = re.compile(
    r"(?:requested|your request has|resulted in|prompt contains(?: at least)?|request|prompt)\D{0,40}?(\d{3,})",
    re.IGNORECASE,
)


_UNKNOWN_MODEL = re.compile(
    r"\bmodel\b.{0,80}(not found|does not exist|unknown|not available)|(unknown|invalid|no such) model|pinned to",
    re.IGNORECASE,
)


class TryAgain(Exception):
    """What happened may not happen again.

    Attributes:
        why: what happened, as the end of a sentence.
        wait_s: how long the server wants to be left alone, when it says so.
        mute: whether no server was reached at all.
        garbled: whether a server answered, and what came was no reply.
    """

    def __init__(self, why: str, *, wait_s: float | None = None, mute: bool = False, garbled: bool = False) -> None:
        super().__init__(why)
        self.why = why
        self.wait_s = wait_s
        self.mute = mute
        self.garbled = garbled


class Refusal(Exception):
    """The server understood, and will not do it.

    Attributes:
        status: the HTTP status.
        message: its words, without keys, with the parameter it names.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


def is_worth_retrying(status: int) -> bool:
    """Whether the same request may be answered later."""
    return status in RETRIED or status >= 500


def words_of(body: bytes) -> str:
    """What a body says went wrong, in one line: its message, type, code and parameter; the start of it otherwise."""
    text = body.decode("utf-8", errors="replace")
    try:
        value = json.loads(text)
    except ValueError:
        return _one_line(re.sub(r"<[^>]*>", " ", text) if text.lstrip().startswith("<") else text)
    return error_words(value) or _one_line(text)


def error_words(value: object) -> str:
    """The words of an error object: `{"error": {...}}`, `{"error": "..."}`, `{"detail": ...}`, `{"message": ...}`."""
    if isinstance(value, str):
        return _one_line(value)
    if not isinstance(value, Mapping):
        return _one_line(json.dumps(value)) if value else ""
    for key in ("error", "detail"):
        if value.get(key):
            return error_words(value[key])
    parts = [f"{key} {value[key]}" for key in ("param", "code", "type") if isinstance(value.get(key), str | int)]
    numbers = [f"{key} {value[key]}" for key in ("n_ctx", "n_prompt_tokens") if isinstance(value.get(key), int)]
    notes = "; ".join([*parts, *numbers])
    message = value.get("message") or value.get("msg")
    return _one_line(f"{message} ({notes})" if notes else f"{message}") if message else ""


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Seconds that a server asks to wait: the header as seconds or as an HTTP date, or in milliseconds; or None."""
    precise = headers.get("retry-after-ms")
    if precise is not None and _is_number(precise):
        return max(0.0, float(precise) / 1000)
    value = headers.get("retry-after", "").strip()
    if _is_number(value):
        return max(0.0, float(value))
    moment = email.utils.parsedate_tz(value) if value else None
    return None if moment is None else max(0.0, email.utils.mktime_tz(moment) - time.time())


def context_error(message: str, *, model: str) -> LimitReached | None:
    """The error of a conversation that is longer than the model can read; None for another message."""
    if not _TOO_LONG.search(message):
        return None
    allowed, asked = _number(_ALLOWED, message, "n_ctx"), _number(_ASKED, message, "n_prompt_tokens")
    numbers = f" It reads {allowed} tokens at most." if allowed else ""
    numbers += f" The request has {asked}." if asked else ""
    return LimitReached(
        f"The conversation is longer than {model} can read.{numbers} The server said: {message}",
        remedy="Show smaller pictures (max_side), fewer of them (budget), or take a model with a longer context.",
        limit="context",
        allowed=allowed,
        needed=asked,
    )


def picture_error(message: str, *, model: str) -> UsageError | None:
    """The error of a server that does not take the pictures; None for another message."""
    if re.search(r"only allowed for messages with role|role ['\"]?tool", message, re.IGNORECASE):
        return UsageError(
            f"The server takes no pictures in the messages of tools: {message}", remedy='Use pictures_in="user".'
        )
    if not _NO_PICTURES.search(message):
        return None
    return UsageError(
        f"{model} is not served with pictures: {message}",
        remedy="Serve a model that sees, or pass sees=False: it then relies on the tools alone.",
    )


def knows_no_model(refusal: Refusal) -> bool:
    """Whether the server refused because it has no such model, or nothing at that path."""
    return refusal.status == 404 or _UNKNOWN_MODEL.search(refusal.message) is not None


def key_error(status: int, message: str, *, variable: str, given: bool) -> UsageError:
    """The error of a key that is missing or not allowed to do this."""
    what = "The API key was refused" if given else "The server wants an API key, and none is set"
    return UsageError(
        f"{what} (HTTP {status}): {message}",
        remedy=f"Set {variable}, or pass api_key=..., to a key that may use this model.",
        status=status,
    )


def refused(refusal: Refusal) -> LavrError:
    """The error of any other refusal."""
    hints = {
        402: "See to the account of the server.",
        413: "Show smaller pictures: lower max_image_bytes or max_side.",
    }
    return UsageError(
        f"The server refused the request (HTTP {refusal.status}): {refusal.message}",
        remedy=hints.get(refusal.status, "Correct what it names: see extra_body, mode and the other arguments."),
        status=refusal.status,
    )


def _number(pattern: re.Pattern[str], message: str, name: str) -> int:
    found = re.search(rf"\b{name} (\d+)", message) or pattern.search(message)
    return int(found.group(1)) if found else 0


def _is_number(text: str) -> bool:
    return re.fullmatch(r"\d+(\.\d+)?", text) is not None


def _one_line(text: Any) -> str:
    words = " ".join(str(text).split())
    return words if len(words) <= _EXCERPT else f"{words[:_EXCERPT]}…"
