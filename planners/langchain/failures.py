"""What providers raise, as errors that say who must do what.

Each provider's package has its own classes. They have in common an HTTP status, under one of a few names, and words.
Rate limits and lost connections were retried by the chat model itself, by its own `max_retries`, before they get here.
"""

from __future__ import annotations

import re

from ...errors import EnvironmentLacks, LavrError, MalformedReply, UsageError
from ..openai.failures import context_error, picture_error

_KEY = re.compile(
    r"api[_ ]?key|credential|authentication|unauthori[sz]ed|permission denied|invalid token", re.IGNORECASE
)
_SECRET = re.compile(r"\b(?:sk|pk|gsk|xai|AIza|hf|key|Bearer)[-_ ]?[A-Za-z0-9*._-]{12,}")
_NO_TOOLS = re.compile(
    r"(tools?|function.?call\w*).{0,60}(not supported|unsupported|not enabled|not available)"
    r"|(not support|unsupported|no support).{0,60}(tool|function)|--enable-auto-tool-choice",
    re.IGNORECASE,
)
_MUTE = ("Connect", "Timeout", "ServiceUnavailable", "InternalServer", "Overloaded", "RemoteProtocol", "ReadError")
_EXCERPT = 300


def is_missing_key(error: Exception) -> bool:
    """Whether a model could not be made for want of a key."""
    return _KEY.search(str(error)) is not None


def takes_no_tools(error: Exception) -> bool:
    """Whether a provider refused the request because of its tools."""
    return status_of(error) in {0, 400, 404, 422, 501} and _NO_TOOLS.search(str(error)) is not None


def status_of(error: Exception) -> int:
    """The HTTP status of a provider's error; 0 when it has none."""
    response = getattr(error, "response", None)
    for owner in (error, response):
        for key in ("status_code", "code", "http_status", "status"):
            value = getattr(owner, key, None)
            if isinstance(value, int) and 400 <= value < 600:
                return value
    return 0


def mapped(error: Exception, *, model: str) -> LavrError | None:
    """The error of lavr that a provider's error means; None when it is none of a provider."""
    from langchain_core.exceptions import OutputParserException

    status, words = status_of(error), words_of(error)
    if isinstance(error, OutputParserException):
        return MalformedReply(f"The reply cannot be read: {words}", remedy="Write one whole call, or the answer.")
    if status in {401, 403} or type(error).__name__ in {"AuthenticationError", "PermissionDeniedError"}:
        return UsageError(
            f"{model} refused the key (HTTP {status or 401}): {words}",
            remedy="Set the provider's API key to one that may use this model, in its environment variable.",
            status=status or 401,
        )
    if status == 429 or status >= 500 or status == 408 or _is_mute(error):
        return _absent(status, words, model)
    if not status:
        return None
    named = context_error(words, model=model) or picture_error(words, model=model)
    return named or UsageError(
        f"{model} refused the request (HTTP {status}): {words}",
        remedy="Is the model's name right, and does the provider's package fit it?"
        if status == 404
        else "Correct what it names, where the chat model is made.",
        status=status,
    )


def words_of(error: Exception) -> str:
    """What an error says, in one line, without keys."""
    line = " ".join(_SECRET.sub("***", str(error)).split()) or type(error).__name__
    return line if len(line) <= _EXCERPT else f"{line[:_EXCERPT]}…"


def _is_mute(error: Exception) -> bool:
    return isinstance(error, ConnectionError | TimeoutError) or any(part in type(error).__name__ for part in _MUTE)


def _absent(status: int, words: str, model: str) -> EnvironmentLacks:
    if status == 429:
        remedy = "Wait, or raise max_retries of the chat model."
        return EnvironmentLacks(f"{model} is asked too often (HTTP 429): {words}", remedy=remedy, status=status)
    cause = f"{model} does not answer{f' (HTTP {status})' if status else ''}: {words}"
    remedy = "Is the provider reachable? Try later, or raise timeout and max_retries of the chat model."
    return EnvironmentLacks(cause, remedy=remedy, status=status)
