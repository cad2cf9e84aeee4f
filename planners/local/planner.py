"""The planner with a model on this machine."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ...errors import MalformedReply, UsageError
from ...tools.spec import ToolSpec
from ...vision.frame import SizeWh
from ...vision.image import Image
from ...vision.units import CoordinateUnit
from ..base import SMALL_MODEL, Conversation, Decision, Draft, Emit, Role, Tokens, silent
from ..handles import Handles
from ..rendering.budget import VisualBudget
from ..rendering.neutral import neutralised_decision
from ..rendering.render import Rendering
from ..rendering.turns import Fed, Turn
from .callformats import CallFormat, Thinking
from .deciding import Bounds, Sampling, full, write
from .eyes import eyes_of, visual_tokens
from .glue import find_glue
from .keys import keys_along
from .loaded import LoadedModel
from .loading import load_model
from .matching import Constraint, Matcher
from .prefixes import PrefixStore
from .remembered import Remembered
from .script import Line, Read, Said, Script
from .session import Session
from .spans import Span, SpanEncoder, token_span
from .streaming import DecisionStream, Detokenizer
from .telling import functions, told

ROOM = 256
"""Positions of the context that must be free for a reply."""

FREE_TOKENS = 1024
"""Tokens of a reply at most when nothing keeps the model to its format."""


class LocalPlanner:
    """Plans with any image-text-to-text or causal model of `transformers`.

    What it knows beyond a conversation are caches: keys and values of what the model has read, the very tokens that it
    wrote, and which tools a conversation began with (on a last turn there are none, but the model was told of them).
    A conversation that it never saw is read from its beginning. Safe to use from several threads.

    Args:
        model: a loaded model, or what `load_model` takes.
        prefixes: what was read already; give one store to several planners of one model to share it.
        budget: visual tokens that a conversation may hold.
        sampling: how tokens are chosen; the likeliest when left out.
        constrain: whether the model is kept to its format and to live handles, which needs llguidance.
        thought_tokens: tokens of thought before a decision, at most.
        calls_per_turn: how many calls a decision may have, at most; when left out, one for a model of fewer than
            `SMALL_MODEL` parameters, and otherwise what its family writes. Small models fill in later calls with what
            they make up, instead of waiting for the results of the first.

    Attributes:
        loaded: the model.
        notes: what people should know, such as that nothing can be reused.
    """

    def __init__(
        self,
        model: LoadedModel | str | Path,
        *,
        prefixes: PrefixStore | None = None,
        budget: VisualBudget | None = None,
        sampling: Sampling | None = None,
        constrain: bool = True,
        thought_tokens: int = 96,
        calls_per_turn: int | None = None,
    ) -> None:
        self.loaded = loaded = model if isinstance(model, LoadedModel) else load_model(model)
        self.prefixes = PrefixStore() if prefixes is None else prefixes
        self._sampling = sampling or Sampling()
        self._format = _format(loaded, thought_tokens, calls_per_turn)
        specials = _specials(loaded)
        self._rendering = Rendering(eyes_of(loaded), budget=budget, specials=specials)
        self._script = Script(find_glue(loaded.tokenizer, loaded.processor), loaded.placeholder, specials)
        self._encoder = SpanEncoder(loaded)
        self._stop_ids = _stop_ids(loaded)
        self._constraint = self._made_constraint() if constrain else None
        self.notes = (*loaded.notes, *self._unconstrained())
        self._written = Remembered[list[int]]()
        self._tools = Remembered[tuple[ToolSpec, ...]]()

    @property
    def name(self) -> str:
        """The model's name."""
        return f"local:{self.loaded.name}"

    @property
    def reason(self) -> str:
        """Why the model runs where it does."""
        return self.loaded.reason

    @property
    def sees(self) -> bool:
        """Whether the model sees pictures; otherwise it relies on tools alone."""
        return self._rendering.sees

    @property
    def unit(self) -> CoordinateUnit:
        """The unit in which the model reads and writes boxes."""
        return self._rendering.unit

    def shown_wh(self, image: Image) -> SizeWh:
        """The size at which the model really sees a picture."""
        return self._rendering.shown_wh(image)

    def decide(self, conversation: Conversation, tools: Sequence[ToolSpec], *, emit: Emit = silent) -> Decision:
        """The next decision.

        Raises:
            MalformedReply: when the model wrote nothing that can be understood.
            LimitReached: when the conversation does not fit into the model's context, or its pictures into the budget.
        """
        turns = self._rendering.turns(conversation)
        session = self._read(self._spans(self._lines(turns, tools)))
        key, start = session.key, session.reading
        ids, decision = self._write(session, conversation, tools, emit)
        self._written.put(_said_key(key, self._harmless(decision)), ids)
        self.prefixes.keep(session)
        return replace(decision, tokens=Tokens(start.computed, start.reused, len(ids)))

    def fed(self, conversation: Conversation, tools: Sequence[ToolSpec]) -> Fed:
        """What the model would be given for the next decision."""
        turns = self._rendering.turns(conversation)
        spans = [span for span, _ in self._spans(self._lines(turns, tools))]
        ids = [token for span in spans for token in span.ids]
        return Fed(turns, sum(span.picture_count for span in spans), visual_tokens(self.loaded, ids))

    def _lines(self, turns: Sequence[Turn], tools: Sequence[ToolSpec]) -> list[Line]:
        beginning = _beginning(turns)
        known = tuple(tools) or self._tools.get(beginning) or ()
        self._tools.put(beginning, known)
        by_template = self._script.glue.takes_tools
        return self._script.lines(turns, told(known, self._format, by_template=by_template), functions(known))

    def _spans(self, lines: Sequence[Line]) -> list[tuple[Span, bool]]:
        """What is fed, and whether it is worth keeping what was read up to its end."""
        spans: list[tuple[Span, bool]] = []
        for line in lines:
            if isinstance(line, Read):
                pictures = [view.image.pil() for view in line.views]
                digests = [view.image.digest for view in line.views]
                spans.append((self._encoder.encode(line.text, pictures, digests), line.worth_keeping))
            else:
                spans.append((self._said(line, [span for span, _ in spans]), False))
        return spans

    def _said(self, line: Said, before: Sequence[Span]) -> Span:
        """The very tokens that the model wrote here, or else the decision in canonical form."""
        ids = self._written.get(_said_key(keys_along(self.loaded, before)[-1], line.decision))
        return self._encoder.encode(self._format.written(line.decision)) if ids is None else token_span(ids)

    def _read(self, spans: Sequence[tuple[Span, bool]]) -> Session:
        """A session that has read everything, from the longest beginning that is known."""
        length, context = sum(len(span) for span, _ in spans), self.loaded.context
        if context is not None and length + ROOM > context:
            raise full(length, ROOM, context)
        keys = keys_along(self.loaded, [span for span, _ in spans])
        at, session = self.prefixes.longest(keys) or (-1, Session(self.loaded))
        for span, worth_keeping in spans[at + 1 :]:
            session.append(span)
            if worth_keeping and self.loaded.reuse:
                session.logits()
                self.prefixes.keep(session)
        session.logits()
        return session

    def _write(
        self, session: Session, conversation: Conversation, tools: Sequence[ToolSpec], emit: Emit
    ) -> tuple[list[int], Decision]:
        handles = Handles.of(conversation, shown_wh=self.shown_wh)
        # Without eyes, nothing can be known of a picture before a tool has looked at one.
        guesses = not self.loaded.sees and bool(conversation.images) and not conversation.results
        matcher, most = self._matcher(tools, handles, may_answer=not guesses)
        words = Detokenizer(self.loaded.tokenizer)
        thinks = self._format.thinking is Thinking.OPENED
        stream = DecisionStream(emit, openings=self._format.style.openings, opens_with_thinking=thinks)
        ids: list[int] = []
        for piece in write(
            session,
            pick=self._sampling.picker(session.key),
            matcher=matcher,
            stop_ids=self._stop_ids,
            bounds=Bounds(most, self.loaded.context),
        ):
            ids += piece
            stream.feed(words.feed(piece))
        stream.feed(words.close())
        decision = _sound(self._parsed(stream.text, tools, constrained=matcher is not None))
        stream.close(decision)
        return ids, decision

    def _matcher(self, tools: Sequence[ToolSpec], handles: Handles, *, may_answer: bool) -> tuple[Matcher | None, int]:
        if self._constraint is None:
            return None, FREE_TOKENS
        grammar = self._format.grammar(tools, handles, self.unit, may_answer=may_answer)
        return self._constraint.matcher(grammar), self._format.max_tokens(tools, handles, self.unit)

    def _parsed(self, text: str, tools: Sequence[ToolSpec], *, constrained: bool) -> Decision:
        if constrained:
            return self._format.parse(text)
        from ..replies.parse import parse_reply

        return parse_reply(text, tools)

    def _harmless(self, decision: Decision) -> Decision:
        """The decision as it comes back in a turn."""
        return neutralised_decision(decision, self._rendering.specials)

    def _made_constraint(self) -> Constraint | None:
        from importlib.util import find_spec

        if find_spec("llguidance") is None:
            return None
        return Constraint(self.loaded.tokenizer, self.loaded.vocabulary, stop_ids=sorted(self._stop_ids))

    def _unconstrained(self) -> tuple[str, ...]:
        if self._constraint is not None:
            return ()
        return ('Replies are not kept to a format; they are read as they are. pip install "lavr[local]" changes that.',)


def _format(loaded: LoadedModel, thought_tokens: int, calls_per_turn: int | None) -> CallFormat:
    """How the model writes decisions. Raises `UsageError` for a number of calls that is below 1."""
    if calls_per_turn is not None and calls_per_turn < 1:
        raise UsageError(f"calls_per_turn={calls_per_turn} is below 1.", remedy="Give 1 or more, or leave it out.")
    chosen = CallFormat.choose(loaded.tokenizer)
    small = sum(each.numel() for each in loaded.network.parameters()) < SMALL_MODEL
    most = calls_per_turn or (1 if small else chosen.style.most_calls)
    style = replace(chosen.style, most_calls=min(most, chosen.style.most_calls))  # type: ignore[type-var]  # a dataclass
    return replace(chosen, style=style, thought_tokens=thought_tokens)


def _sound(decision: Decision) -> Decision:
    """The decision with an answer that says something, and citations of words that are in it."""
    if decision.answer is None:
        return decision
    answer: Draft = decision.answer
    if not answer.text.strip():
        raise MalformedReply("The answer has no text.", remedy="Answer in words.")
    cited = tuple(one for one in answer.citations if one.quote in answer.text)
    return replace(decision, answer=replace(answer, citations=cited))


def _said_key(before: str, decision: Decision) -> str:
    """The key of a decision at a point of a conversation; the agent renames calls, so their ids do not count."""
    calls = [[call.name, dict(call.arguments)] for call in decision.calls]
    draft = decision.answer
    answer = draft and [draft.text, draft.value, draft.complete, [[one.quote, one.handle] for one in draft.citations]]
    return f"{before} {json.dumps([decision.thought, calls, answer], sort_keys=True)}"


def _beginning(turns: Sequence[Turn]) -> str:
    """A key of how a conversation begins: up to its first question."""
    until = next((at for at, turn in enumerate(turns) if turn.role is not Role.SYSTEM), len(turns) - 1)
    parts = [part if isinstance(part, str) else part.image.digest for turn in turns[: until + 1] for part in turn.parts]
    return json.dumps(parts)


def _specials(loaded: LoadedModel) -> frozenset[str]:
    """Role markers and other tokens that text must not hold."""
    tokenizer: Any = loaded.tokenizer
    own = {*tokenizer.all_special_tokens, *tokenizer.get_added_vocab(), loaded.placeholder}
    return frozenset(token for token in own if token)


def _stop_ids(loaded: LoadedModel) -> frozenset[int]:
    """The tokens that end a turn, as the tokenizer and the network's own settings say."""
    settings = getattr(loaded.network, "generation_config", None)
    said = getattr(settings, "eos_token_id", None)
    ids = said if isinstance(said, list) else [said]
    known = [loaded.tokenizer.eos_token_id, *ids]
    return frozenset(int(each) for each in known if each is not None and int(each) < loaded.vocabulary)
