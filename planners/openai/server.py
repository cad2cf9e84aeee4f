"""One server: a request in, a whole reply out, whatever happens on the way, within a deadline."""

from __future__ import annotations

import difflib
import json
import random
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import httpx

from ...errors import EnvironmentLacks, LavrError, PlannerError, UsageError
from ...jsonable import Json, JsonObject
from .address import Address
from .exchange import Deadline, Overdue, exchanged
from .failures import (
    Refusal,
    TryAgain,
    error_words,
    is_worth_retrying,
    key_error,
    retry_after_s,
    words_of,
)
from .replying import Reply
from .wire import BrokenReply, Chunk, chunks

CONNECT_S = 10.0
LISTED_MODELS = 12
ERROR_BYTES = 64 * 1024
FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 20.0
_NO_MONEY = ("insufficient_quota", "billing_hard_limit")


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a server is waited for.

    Attributes:
        timeout_s: seconds of silence after which a request is given up and made again.
        deadline_s: seconds that one decision may take, every try and every pause included.
        retries: how often a request is made again after what may pass.

    Raises:
        UsageError: for numbers that are no times.
    """

    timeout_s: float = 60.0
    deadline_s: float = 180.0
    retries: int = 4

    def __post_init__(self) -> None:
        if self.timeout_s <= 0 or self.deadline_s <= 0 or self.retries < 0:
            raise UsageError(
                f"A server cannot be waited for like this: {self}.",
                remedy="Give timeout_s and deadline_s above 0 and retries of 0 or more.",
            )


class Server:
    """Makes requests of one server for one model. Any thread may use it.

    Args:
        address: where it is.
        model: what is asked for, for the words of errors.
        patience: how long it is waited for.
        client: an HTTP client to use instead of one of its own; its headers, proxies and certificates are kept.
    """

    def __init__(self, address: Address, model: str, patience: Patience, *, client: httpx.Client | None = None) -> None:
        self.address = address
        self.model = model
        self.patience = patience
        self._own = client is None
        # A proxy of the environment must not stand between this machine and itself.
        self._client = client or httpx.Client(trust_env=not address.local)

    def close(self) -> None:
        """Close its connections; a client that was given stays open."""
        if self._own:
            self._client.close()

    def ask(self, body: JsonObject, *, deadline: Deadline, listen: Callable[[Reply], None]) -> Reply:
        """The whole reply to a request, asked for again while that may help.

        Args:
            body: the request.
            deadline: by when.
            listen: is told of the reply each time it has grown; of a new one when it is asked for again.

        Raises:
            Refusal: the request itself is refused.
            UsageError: the key, the model or the address is wrong.
            PlannerError: what came was no reply, each time.
            EnvironmentLacks: the server did not answer in time, or not at all.
        """
        data = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        failures: list[TryAgain] = []
        while True:
            try:
                return self._asked_once(data, deadline, listen)
            except TryAgain as failure:
                failures.append(failure)
                pause = self._pause_s(failures)
                if len(failures) > self.patience.retries or pause >= deadline.left_s:
                    raise self._given_up(failures, deadline) from failure
                time.sleep(pause)

    def models(self, deadline: Deadline) -> list[str]:
        """The models that the server lists; empty when it does not say."""
        request = self._request("GET", "models", min(CONNECT_S, deadline.left_s))
        try:
            with exchanged(self._client, request, deadline) as exchange:
                found = exchange.head().status_code == httpx.codes.OK
                listed = json.loads(b"".join(exchange.pieces()))["data"] if found else []
            return [str(each["id"]) for each in listed]
        except (httpx.HTTPError, Overdue, ValueError, KeyError, TypeError):
            return []  # it only makes the words of another error better

    def _asked_once(self, data: bytes, deadline: Deadline, listen: Callable[[Reply], None]) -> Reply:
        request = self._request("POST", "chat/completions", min(self.patience.timeout_s, deadline.left_s), data)
        with self._translated(), exchanged(self._client, request, deadline) as exchange:
            response = exchange.head()
            if response.status_code != httpx.codes.OK:
                self._refuse(response, words_of(_start_of(exchange.pieces())))
            reply = Reply()
            for chunk in chunks(exchange.pieces()):
                _check_error(chunk, self.address)
                reply.take(chunk)
                listen(reply)
                if reply.trails_off:
                    reply.end()
                    break
            reply.check_whole()
            return reply

    def _request(self, method: str, path: str, silence_s: float, data: bytes | None = None) -> httpx.Request:
        # Zero would mean no time at all to httpx.
        timeout = httpx.Timeout(max(silence_s, 0.001), connect=max(min(CONNECT_S, silence_s), 0.001))
        return self._client.build_request(
            method, self.address.at(path), content=data, headers=self.address.headers, timeout=timeout
        )

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """What the network does, as what may be tried again."""
        try:
            yield
        except BrokenReply as error:
            raise TryAgain(f"what it sent is no reply: {self.address.redacted(str(error))}", garbled=True) from error
        except Overdue as error:
            raise TryAgain(str(error)) from error
        except httpx.ConnectError as error:
            raise TryAgain(f"there is no connection ({error})", mute=True) from error
        except httpx.TimeoutException as error:
            mute = isinstance(error, httpx.ConnectTimeout)
            raise TryAgain("it was silent for too long", mute=mute) from error
        except httpx.DecodingError as error:
            raise TryAgain(f"what it sent cannot be unpacked ({error})", garbled=True) from error
        except httpx.TransportError as error:
            raise TryAgain(f"the connection broke ({type(error).__name__}: {error})") from error

    def _refuse(self, response: httpx.Response, words: str) -> None:
        status = response.status_code
        message = self.address.redacted(words) or response.reason_phrase
        if response.is_redirect:
            raise self._moved(response)
        if status in {401, 403}:
            raise key_error(status, message, variable=self.address.variable, given=bool(self.address.key))
        if status == 429 and any(words in message for words in _NO_MONEY):
            raise UsageError(f"The account of the server is used up: {message}", remedy="See to its billing.")
        if is_worth_retrying(status) and not _is_final(message):
            raise TryAgain(f"HTTP {status}: {message}", wait_s=retry_after_s(response.headers))
        raise Refusal(status, message)

    def unknown_model(self, refusal: Refusal, deadline: Deadline) -> UsageError:
        """The error for a model or a path that the server does not know."""
        listed = self.models(deadline)
        close = difflib.get_close_matches(self.model, listed, n=3, cutoff=0.4)
        names = [*close, *(name for name in listed if name not in close)][:LISTED_MODELS]
        there = f"It has: {', '.join(names)}." if names else "Does base_url end as the server says, such as in /v1?"
        return UsageError(
            f"{self.address.url} knows no model {self.model!r} (HTTP {refusal.status}): {refusal.message}",
            remedy=there,
            model=self.model,
            base_url=self.address.url,
            models=names,
        )

    def _moved(self, response: httpx.Response) -> UsageError:
        target = self.address.redacted(response.headers.get("location", "somewhere else"))
        return UsageError(
            f"{self.address.url} sends requests on to {target}; they are not followed, because the key goes with them.",
            remedy="Give the new address as base_url if you trust it.",
            status=response.status_code,
        )

    def _pause_s(self, failures: list[TryAgain]) -> float:
        """Twice as long each time, with jitter so that many clients do not come back at once."""
        wanted = failures[-1].wait_s
        grown = min(_LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** (len(failures) - 1))
        jittered = grown * random.uniform(0.5, 1.0)  # noqa: S311 - no secret
        return jittered if wanted is None else wanted + jittered * 0.1

    def _given_up(self, failures: list[TryAgain], deadline: Deadline) -> LavrError:
        last, tries = failures[-1], len(failures)
        times = "once" if tries == 1 else f"{tries} times"
        cause = f"{self.address.url} was asked {times} within {deadline.seconds:g} s, in vain; at last {last.why}."
        data: dict[str, Json] = {"tries": tries, "base_url": self.address.url, "model": self.model}
        if last.garbled:
            remedy = "Is base_url that of an OpenAI-compatible API (it mostly ends in /v1)?"
            return PlannerError(cause, remedy=remedy, **data)
        if last.mute:
            return EnvironmentLacks(
                cause, remedy=f"Start the server, or give its base_url, now {self.address.url}.", **data
            )
        waits = f" It asks to wait {last.wait_s:g} s." if last.wait_s else ""
        return EnvironmentLacks(cause, remedy=f"Try later, or raise deadline_s, timeout_s or retries.{waits}", **data)


def _start_of(pieces: Iterator[bytes]) -> bytes:
    body = b""
    for piece in pieces:
        body += piece
        if len(body) > ERROR_BYTES:
            break
    return body


def _check_error(chunk: Chunk, address: Address) -> None:
    """Raise for an error that came in the place of, or in the midst of, a reply."""
    error = chunk.get("error")
    if not error:
        return
    message = address.redacted(error_words({"error": error}))
    status = error.get("code") if isinstance(error, Mapping) else None
    if isinstance(status, int) and 400 <= status < 500 and not is_worth_retrying(status):
        raise Refusal(status, message)
    raise TryAgain(f"it broke off with an error: {message}")


def _is_final(message: str) -> bool:
    """Whether the words of a failing server say that it will never do this (llama.cpp says so with a 500)."""
    return any(words in message for words in ("requires --jinja", "image input is not supported", "not supported by"))
