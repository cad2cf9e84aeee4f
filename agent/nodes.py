"""The nodes of the graph: take the question in, decide, act, observe, answer.

A node is a function from the state to what changes in it. It knows nothing of LangGraph.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

from ..errors import LimitReached, ToolFailed, UsageError
from ..jsonable import Json
from ..planners.base import NO_TOKENS, Decision, Draft, Message
from ..tools.calls import ToolCall, ToolResult
from ..tools.spec import ToolSpec
from ..vision.image import Image
from . import messages, prompts
from .acting import Actor, unstorable
from .adopting import adopted, adopted_result
from .answer import Answer, Evidence, Usage
from .deciding import Decider
from .events import (
    AnswerReady,
    CallFinished,
    CallStarted,
    DecisionMade,
    EvidenceDropped,
    ImageShown,
    LimitHit,
    Listener,
    Observed,
    RunStarted,
    StepStarted,
)
from .evidence import Sources
from .limits import Limits, Spent, reached
from .log import Page
from .memory import Memories, Memory
from .records import (
    answer_record,
    call_from,
    draft_from,
    draft_record,
    regions_from,
    tokens_from,
    tokens_record,
)
from .references import next_wave
from .state import Branch, LoopState
from .trace import Trace


@dataclass(frozen=True, slots=True)
class Loop:
    """The nodes, and what they work with.

    Attributes:
        decider: asks the planner.
        actor: runs the calls.
        tools: what the planner is told it can call.
        limits: what a question may use up.
        memories: the sessions at work.
        allow_urls: whether pictures may be fetched from http(s) addresses.
    """

    decider: Decider
    actor: Actor
    tools: Sequence[ToolSpec]
    limits: Limits
    memories: Memories
    allow_urls: bool = False

    def start(self, state: LoopState, emit: Listener) -> LoopState:
        """Take a question and its pictures into the session."""
        session = state.get("session") or uuid.uuid4().hex
        memory = self.memories.of(session, state.get("head", ""), restart=True)
        images = [memory.scene.add_image(self._opened(image)) for image in state.get("images", [])]
        record = state.get("pointed")
        pointed = memory.point(regions_from(record, memory.store), images) if record else ()
        text = state.get("question", "")
        planner, names = self.decider.planner.name, tuple(tool.name for tool in self.tools)
        emit(RunStarted(uuid.uuid4().hex, text, tuple(images), planner, names, pointed))
        for image in images:
            emit(ImageShown(1, image))
        asked = messages.question(text, images, self.actor.sight, pointed)
        first = [] if memory.head else [messages.instruction(self.actor.sight)]
        lost = [ToolResult(call, error=_lost(call)) for call in memory.unanswered]
        closing = [messages.result(came, self.actor.sight) for came in lost]
        head = memory.append(Page(images=images, results=lost, messages=[*first, *closing, asked]))
        return {"session": session, "head": head, **_untouched()}

    def plan(self, state: LoopState, emit: Listener) -> LoopState:
        """Ask the planner; when a limit is reached, for the last time and without tools."""
        memory, step = self.memory(state), state["step"] + 1
        emit(StepStarted(step))
        limit = reached(self.limits, _spent(state, memory)) or (
            "repeats" if step > 1 and memory.goes_in_circles else ""
        )
        if limit:
            self._tell_last_turn(limit, step, memory, emit)
        decision = self.decider.decide(memory, () if limit else self.tools, step=step, emit=emit)
        kept = self._within_calls(decision, state)
        emit(DecisionMade(step, kept))
        if not (limit and kept.calls):
            memory.append(Page(messages=[messages.decision(kept)]))
        return {
            "head": memory.head,
            "step": step,
            "calls": state["calls"] + (0 if limit else len(kept.calls)),
            "tokens": tokens_record(tokens_from(state["tokens"]) + decision.tokens),
            "seconds": memory.watch.seconds,
            "limit": limit,
            "todo": [] if limit else [call.to_json() for call in kept.calls],
            "draft": None if kept.answer is None else draft_record(kept.answer),
        }

    def act(self, branch: Branch, emit: Listener) -> LoopState:
        """Run one call. Whatever happens becomes its result."""
        memory = self.memories.of(branch["session"], branch["head"], spent=branch["seconds"])
        call = self.actor.prepared(call_from(branch["call"]), memory, stuck=branch["stuck"])
        if isinstance(call, ToolResult):
            emit(CallStarted(branch["step"], call.call))
            came = call
        else:
            emit(CallStarted(branch["step"], call))
            came = self.actor.run(call, memory)
        try:
            digest = memory.keep_raw(came := adopted_result(came, memory.store))
        except (TypeError, ValueError) as error:
            digest = memory.keep_raw(came := unstorable(came.call, error))
        emit(CallFinished(branch["step"], came))
        return {"results": {came.call.id: digest}}

    def observe(self, state: LoopState, emit: Listener) -> LoopState:
        """Take the results of a wave in, in call order; after the last wave, tell the planner of all of them."""
        memory, step = self.memory(state), state["step"]
        digests = state["results"]
        todo = [call for call in state["todo"] if call["id"] not in digests]
        done = [str(call["id"]) for call in state["todo"] if call["id"] in digests]
        taken = [memory.take_in(memory.raw(digests[call_id])) for call_id in done]
        emit(Observed(step, tuple(taken)))
        told = [] if todo else self._report(memory, {came.call.id: came for came in taken}, step, emit)
        head = memory.append(Page(results=taken, messages=told))
        return {"head": head, "todo": todo, "results": cast("dict[str, str]", None), "seconds": memory.watch.seconds}

    def answer(self, state: LoopState, emit: Listener) -> LoopState:
        """Turn the planner's draft, or the lack of one, into an answer with evidence."""
        memory, limit, record = self.memory(state), state["limit"], state["draft"]
        draft = draft_from(record) if record is not None else self._makeshift(memory, limit)
        tokens = tokens_from(state["tokens"])
        answer = Answer(
            text=draft.text,
            value=draft.value,
            evidence=self._evidence(draft, memory, emit),
            # Who went in circles had all that it asked for.
            complete=draft.complete and limit in ("", "repeats"),
            usage=Usage(memory.watch.seconds, state["step"], state["calls"], tokens),
            trace=Trace(),
        )
        emit(AnswerReady(answer))
        return {"answer": answer_record(answer), "seconds": memory.watch.seconds}

    def branches(self, state: LoopState) -> list[Branch]:
        """The calls of the next wave, each with what its branch needs; empty when every call has its result."""
        calls, stuck = next_wave([call_from(call) for call in state["todo"]])
        return [
            Branch(
                session=state["session"],
                head=state["head"],
                seconds=state["seconds"],
                step=state["step"],
                call=call.to_json(),
                stuck=stuck,
            )
            for call in calls
        ]

    def memory(self, state: LoopState) -> Memory:
        """The memory of the session that a state belongs to."""
        return self.memories.of(state["session"], state["head"], spent=state["seconds"])

    def _opened(self, image: Json) -> Image:
        store = self.memories.store
        if isinstance(image, Mapping):
            return adopted(Image.from_json(image, store), store)
        if not isinstance(image, str):
            raise UsageError(f"{image!r} is no picture.", remedy="Give a path, a data URI or Image.to_json().")
        return Image.open(image, allow_urls=self.allow_urls, store=store)

    def _tell_last_turn(self, limit: str, step: int, memory: Memory, emit: Listener) -> None:
        text = prompts.last_turn(limit, getattr(self.limits, limit))
        emit(LimitHit(step, limit, text))
        memory.append(Page(messages=[messages.notice(text)]))

    def _within_calls(self, decision: Decision, state: LoopState) -> Decision:
        # Calls beyond the limit never come into being, so that none of them stays unanswered.
        left = self.limits.calls - state["calls"]
        return replace(decision, calls=decision.calls[:left]) if 0 < left < len(decision.calls) else decision

    def _report(self, memory: Memory, taken: Mapping[str, ToolResult], step: int, emit: Listener) -> Sequence[Message]:
        known = {**memory.results, **taken}
        results = [known[call.id] for call in memory.last_decision.calls]
        told = [messages.result(came, self.actor.sight) for came in results]
        shown = messages.pictures(results, self.actor.sight)
        for came, image in messages.picture_sources(shown, results):
            emit(ImageShown(step, image, came.call.id))
        refused = [came.error for came in results if isinstance(came.error, LimitReached)]
        for error in refused:
            emit(LimitHit(step, str(error.data.get("limit", "seconds")), error.cause))
        notices = [messages.notice(error.cause) for error in refused]
        return [*told, *([shown] if shown else []), *notices]

    def _makeshift(self, memory: Memory, limit: str) -> Draft:
        text = prompts.no_answer(limit, getattr(self.limits, limit), messages.found_last(memory.run_results))
        return Draft(text, complete=False)

    def _evidence(self, draft: Draft, memory: Memory, emit: Listener) -> tuple[Evidence, ...]:
        sources = Sources(memory.scene, memory.results, memory.conversation.images)
        evidence, dropped = sources.resolve(draft.citations)
        for gone in dropped:
            emit(EvidenceDropped(gone.citation.quote, gone.citation.handle, gone.reason))
        return tuple(evidence)


def _lost(call: ToolCall) -> ToolFailed:
    return ToolFailed(f"The run ended before {call.name} was done.", remedy="Call it again if it is still needed.")


def _untouched() -> LoopState:
    return {
        "step": 0,
        "calls": 0,
        "tokens": tokens_record(NO_TOKENS),
        "seconds": 0.0,
        "limit": "",
        "todo": [],
        "results": cast("dict[str, str]", None),
        "draft": None,
        "answer": None,
    }


def _spent(state: LoopState, memory: Memory) -> Spent:
    tokens = tokens_from(state["tokens"])
    return Spent(state["step"], state["calls"], memory.watch.seconds, tokens.read + tokens.written)
