"""A planner that asks a model behind any OpenAI-compatible server."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal, Self, TypeAlias

from ...errors import MalformedReply, PlannerError, UsageError
from ...extras import need
from ...jsonable import Json, JsonObject, digest_of
from ...tools.spec import ToolSpec
from ...vision.frame import SizeWh
from ...vision.image import Image
from ...vision.units import CoordinateUnit
from ..base import NO_TOKENS, SMALL_MODEL, Conversation, Decision, Emit, Role, silent
from ..handles import Handles
from ..rendering.budget import VisualBudget
from ..rendering.eyes import OpenEyes, ShutEyes, square_patches
from ..rendering.render import PicturesIn, Rendering
from ..rendering.turns import Fed, Turn
from .address import address_of
from .dialect import Dialect, Mode, adapted, after_schema, first_dialect, ignored_tools, kept_tools
from .failures import Refusal, context_error, knows_no_model, picture_error, refused
from .functions import ANSWER, functions
from .naming import hint_of, parameters_of
from .pictures import Album, WeighedEyes
from .reading import decision_of, follows_schema, writes_calls
from .replying import Reply
from .replyschema import MOST_CALLS, can_look, reply_schema
from .streaming import Told, without_answers
from .writing import Scribe, parts_of

if TYPE_CHECKING:
    from types import TracebackType

    import httpx

    from .exchange import Deadline
    from .server import Server

ModeChoice: TypeAlias = Mode | Literal["auto"]
MODES = ("auto", "tools", "schema", "text")
MAX_SIDE = 1_536
MAX_IMAGE_BYTES = 2 * 1024 * 1024
MAX_TOKENS = 2_048
_REMEMBERED = 64


class OpenAIPlanner:
    """Asks a model behind any OpenAI-compatible server: vLLM, `transformers serve`, Ollama, llama.cpp, hosted ones.

        planner = OpenAIPlanner("Qwen/Qwen3-VL-8B-Instruct", base_url="http://localhost:8000/v1")
        answer = Agent(planner).ask("receipt.png", "What is the total?")

    Requests only ever grow at their end, so that a server's prefix cache serves all but what is new.

    Args:
        model: the name under which the server knows the model.
        base_url: where the API begins, mostly with /v1 at its end. When left out, LAVR_OPENAI_BASE_URL, then
            OPENAI_BASE_URL, then OpenAI's own.
        api_key: the key. When left out, that in LAVR_OPENAI_API_KEY; OPENAI_API_KEY goes to OpenAI's own server, and
            to that of OPENAI_BASE_URL.
        mode: how the model is asked to decide: native tool calls ("tools"), one JSON schema for its whole reply
            ("schema"), a protocol in plain text ("text"), or what the server turns out to take ("auto"); `reason` says
            what was chosen, and why.
        sees: whether the model takes pictures; otherwise it relies on the tools alone.
        unit: the unit in which the model writes boxes; guessed from its name when left out.
        budget: how many visual tokens it is given; see `lavr.planners.rendering.budget.VisualBudget`.
        max_image_bytes: no picture file is larger.
        max_side: no side of a picture is longer, in pixels; pictures are resized before they are sent.
        pictures_in: where the pictures of results go. OpenAI and many others refuse them in the messages of tools.
        image_uuids: whether each picture carries its digest as `uuid`, by which vLLM knows it again.
        timeout_s: seconds of silence after which a request is made again.
        deadline_s: seconds that one decision may take, every try and pause included.
        retries: how often a request is made again after what may pass (429, 5xx, a broken connection).
        temperature: 0 for the likeliest words.
        seed: of the server's random numbers.
        max_tokens: that a reply may have.
        calls_per_turn: how many calls a reply by schema may have, at most; when left out, one for a model whose name
            says that it has fewer than `SMALL_MODEL` parameters, and otherwise `MOST_CALLS`. Small models fill in later
            calls with what they make up, instead of waiting for the results of the first.
        extra_body: more fields of every request, such as {"cache_salt": "tenant-1"}.
        allow_http: whether a key may go to another machine over plain http.
        client: an `httpx.Client` to use, with its proxies, certificates and headers.

    Raises:
        UsageError: for arguments that cannot be.
        MissingExtra: when httpx is not installed.
    """

    def __init__(
        self,
        model: str,
        *,
        base_url: str | None = None,
        api_key: str | None = None,
        mode: ModeChoice = "auto",
        sees: bool = True,
        unit: CoordinateUnit | None = None,
        budget: VisualBudget | None = None,
        max_image_bytes: int = MAX_IMAGE_BYTES,
        max_side: int = MAX_SIDE,
        pictures_in: PicturesIn = "user",
        image_uuids: bool = False,
        timeout_s: float = 60.0,
        deadline_s: float = 180.0,
        retries: int = 4,
        temperature: float | None = 0.0,
        seed: int | None = 0,
        max_tokens: int = MAX_TOKENS,
        calls_per_turn: int | None = None,
        extra_body: Mapping[str, Json] | None = None,
        allow_http: bool = False,
        client: httpx.Client | None = None,
    ) -> None:
        need("httpx", extra="openai")
        from .server import Patience, Server

        _check(model, mode, max_tokens, max_image_bytes, max_side, calls_per_turn)
        address = address_of(base_url, api_key, allow_http=allow_http)
        self.model = model
        self.max_tokens = max_tokens
        self._most_calls = calls_per_turn or (1 if (parameters_of(model) or SMALL_MODEL) < SMALL_MODEL else MOST_CALLS)
        self._free = mode == "auto"
        self._dialect = first_dialect(mode, hosted=address.hosted)
        self._server: Server = Server(address, model, Patience(timeout_s, deadline_s, retries), client=client)
        self._album = Album(max_image_bytes)
        self._rendering = Rendering(
            _eyes(model, unit, self._album, max_side) if sees else ShutEyes(unit or hint_of(model).unit),
            budget=budget,
            pictures_in=pictures_in,
        )
        self._image_uuids = image_uuids
        self._sampling: JsonObject = {"temperature": temperature, "seed": seed}
        self._extra = dict(extra_body or {})
        self._told_tools: OrderedDict[str, tuple[ToolSpec, ...]] = OrderedDict()
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"OpenAIPlanner({self.model!r}, base_url={self._server.address.url!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections to the server."""
        self._server.close()

    @property
    def name(self) -> str:
        """`openai:` and the model."""
        return f"openai:{self.model}"

    @property
    def sees(self) -> bool:
        """Whether the model is shown pictures; otherwise it relies on tools alone."""
        return self._rendering.sees

    @property
    def unit(self) -> CoordinateUnit:
        """The unit in which the model reads and writes boxes."""
        return self._rendering.unit

    @property
    def mode(self) -> Mode:
        """How the model is asked to decide at present."""
        return self._dialect.mode

    @property
    def reason(self) -> str:
        """Why in that mode."""
        return self._dialect.reason

    def shown_wh(self, image: Image) -> SizeWh:
        """The size at which a picture is sent."""
        return self._rendering.shown_wh(image)

    def decide(self, conversation: Conversation, tools: Sequence[ToolSpec], *, emit: Emit = silent) -> Decision:
        """The model's next decision.

        Raises:
            PlannerError: when its reply cannot be used, or what came is no reply.
            LimitReached: when the conversation is longer than the model can read.
            UsageError: when the server refuses the request: a wrong key, an unknown model.
            EnvironmentLacks: when the server does not answer, or not in time.
        """
        from .exchange import Deadline

        offered = tuple(tool for tool in tools if tool.name != ANSWER)
        turns, live = self._rendering.turns(conversation), Handles.of(conversation)
        # OpenAI's own server puts the schema before the prompt, so that one that changes spoils its prefix cache.
        named = None if self._server.address.hosted else live
        known = self._known_tools(turns, offered)
        deadline, spent = Deadline(self._server.patience.deadline_s), NO_TOKENS
        # Without eyes, nothing can be known of a picture before a tool has looked at one.
        guesses = not self.sees and bool(conversation.images) and not conversation.results
        may_answer = not (guesses and can_look(offered, live))
        heard = emit if may_answer else without_answers(emit)
        while True:
            dialect = self._dialect
            body = self.request(turns, known, dialect, live=named, last=not offered, may_answer=may_answer)
            told = Told(heard, dialect)
            reply = self._reply(body, dialect, deadline, told)
            spent += reply.tokens if reply else NO_TOKENS
            if reply and (dialect.settled or self._settled(dialect, reply, body, deadline, offered)):
                break
        decision = decision_of(reply, offered, mode=dialect.mode, max_tokens=self.max_tokens)
        if decision.answer is not None and not may_answer:
            raise MalformedReply(
                "Nothing of the picture is known yet, so there is nothing to answer with.",
                remedy="Call a tool that looks at it, such as one that reads its text.",
            )
        told.tell_rest(decision)
        return replace(decision, tokens=spent)

    def fed(self, conversation: Conversation, tools: Sequence[ToolSpec]) -> Fed:  # noqa: ARG002 - a planner's contract
        """What its model is given for the next decision; how the server tokenises it cannot be known."""
        turns = self._rendering.turns(conversation)
        scribe = Scribe(self._dialect, self._album, self.unit, ())
        parts = [part for message in scribe.messages(turns) for part in parts_of(message.get("content", ""))]
        return Fed(turns, sum("image_url" in part for part in parts))

    def request(
        self,
        turns: Sequence[Turn],
        tools: Sequence[ToolSpec],
        dialect: Dialect | None = None,
        *,
        live: Handles | None = None,
        last: bool = False,
        may_answer: bool = True,
    ) -> JsonObject:
        """The body of a request.

        Args:
            turns: what the model reads and looks at.
            tools: what it is told that it can call; on the last turn those that it could call before.
            dialect: how the server is spoken to; as at present when left out.
            live: the handles that it may name; kept to by replies by schema.
            last: whether it must answer now.
            may_answer: whether it may answer already; kept to by replies by schema.
        """
        dialect = dialect or self._dialect
        named = self._image_uuids and "uuid" not in dialect.dropped
        scribe = Scribe(dialect, self._album, self.unit, tools, last=last, name_pictures=named)
        messages: list[Json] = list(scribe.messages(turns))
        optional: JsonObject = {**self._sampling, "stream_options": {"include_usage": True}}
        sent = {key: value for key, value in optional.items() if value is not None and key not in dialect.dropped}
        own: JsonObject = {
            "model": self.model,
            "messages": messages,
            "stream": True,
            dialect.limit_key: self.max_tokens,
        }
        if dialect.mode == "schema":
            callable_now = () if last else tools
            schema = reply_schema(callable_now, self.unit, live, may_answer=may_answer, most_calls=self._most_calls)
            format_: Json = {"type": "json_schema", "json_schema": {"name": "reply", "strict": True, "schema": schema}}
            own["response_format"] = format_
        elif dialect.mode == "tools":
            own |= self._functions(tools, dialect, last=last)
        return {**own, **sent, **self._extra}

    def _functions(self, tools: Sequence[ToolSpec], dialect: Dialect, *, last: bool) -> JsonObject:
        """The fields that ask for calls of functions."""
        # Who keeps to a choice is shown the same tools to the end, so that the prompt begins as before.
        shown = () if last and not dialect.forced else tools
        offered = functions(shown, self.unit, thoughts=dialect.thoughts_in_calls)
        choice: Json = {"type": "function", "function": {"name": ANSWER}} if last else "required"
        return {"tools": offered, "tool_choice": choice if dialect.forced else "auto"}

    def _reply(self, body: JsonObject, dialect: Dialect, deadline: Deadline, told: Told) -> Reply | None:
        """The server's reply, or None when the request must be made anew in another dialect."""
        try:
            return self._server.ask(body, deadline=deadline, listen=told.tell)
        except Refusal as refusal:
            message = refusal.message
            error = context_error(message, model=self.model) or picture_error(message, model=self.model)
            changed = None if error else adapted(dialect, message, free=self._free)
            if changed is not None:
                self._dialect = changed
                return None
            if error is None and knows_no_model(refusal):
                error = self._server.unknown_model(refusal, deadline)
            raise error or refused(refusal) from refusal

    def _settled(
        self, dialect: Dialect, reply: Reply, body: JsonObject, deadline: Deadline, tools: Sequence[ToolSpec]
    ) -> bool:
        """Learn from a first reply what the server really does. False when it must be asked in another mode."""
        if reply.finish == "content_filter":
            return True
        if dialect.mode == "tools":
            why = self._why_tools(reply, body, deadline, tools)
            changed = kept_tools(dialect, why, called=bool(reply.calls)) if why else ignored_tools(dialect)
        else:
            changed = after_schema(dialect, kept=follows_schema(reply))
        self._dialect = changed
        return changed.mode == dialect.mode

    def _why_tools(self, reply: Reply, body: JsonObject, deadline: Deadline, tools: Sequence[ToolSpec]) -> str:
        """Why native calls are the right way to go on; empty when they are not."""
        if reply.calls:
            return "the server calls tools natively"
        if writes_calls(reply, tools):
            return "the model calls tools in its text, and the server does not tell them apart"
        if not self._free:
            return "it was asked for, though the server does not insist on a call"
        if self._tools_are_shown(reply, body, deadline):
            return "the server shows the tools to the model, and does not insist on a call"
        return ""

    def _tools_are_shown(self, reply: Reply, body: JsonObject, deadline: Deadline) -> bool:
        """Whether the tools are in the model's prompt: whether it is shorter without them."""
        if not reply.prompt_tokens:
            return False
        bare = {key: value for key, value in body.items() if key not in {"tools", "tool_choice"}}
        limit: JsonObject = {key: 1 for key in ("max_tokens", "max_completion_tokens") if key in bare}
        try:
            without = self._server.ask({**bare, **limit}, deadline=deadline, listen=lambda _: None)
        except (Refusal, PlannerError):
            return False
        return 0 < without.prompt_tokens < reply.prompt_tokens

    def _known_tools(self, turns: Sequence[Turn], offered: tuple[ToolSpec, ...]) -> tuple[ToolSpec, ...]:
        """What the model was told that it can call: on the last turn, what it could call before.

        This is forgotten without harm: the last prompt then begins otherwise, and a server reads it anew.
        """
        opening = [turn.text for turn in turns[:2] if turn.role is not Role.PLANNER]
        key = digest_of([*opening, *(view.image.digest for turn in turns[:2] for view in turn.views)])
        with self._lock:
            if offered:
                self._told_tools[key] = offered
                self._told_tools.move_to_end(key)
                while len(self._told_tools) > _REMEMBERED:
                    self._told_tools.popitem(last=False)
            return self._told_tools.get(key, offered)


def _eyes(model: str, unit: CoordinateUnit | None, album: Album, max_side: int) -> WeighedEyes:
    hint = hint_of(model)
    open_eyes = OpenEyes(
        unit=unit or hint.unit,
        tokens=square_patches(max(28, hint.multiple_of)),
        max_pixels=None,
        max_side=max_side,
        multiple_of=hint.multiple_of,
    )
    return WeighedEyes(open_eyes, album)


def _check(
    model: str, mode: str, max_tokens: int, max_image_bytes: int, max_side: int, calls_per_turn: int | None
) -> None:
    if not model.strip():
        raise UsageError("The model has no name.", remedy="Give the name under which the server knows it.")
    if mode not in MODES:
        raise UsageError(f"There is no mode {mode!r}.", remedy=f"There are: {', '.join(MODES)}.")
    if min(max_tokens, max_image_bytes, max_side, 1 if calls_per_turn is None else calls_per_turn) < 1:
        raise UsageError(
            f"max_tokens={max_tokens}, max_image_bytes={max_image_bytes}, max_side={max_side}, "
            f"calls_per_turn={calls_per_turn}: one of them is below 1.",
            remedy="Give numbers above 0.",
        )
