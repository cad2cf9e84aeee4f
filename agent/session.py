"""A session: several questions in one conversation."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..errors import UsageError
from ..vision.image import Image
from ..vision.region import Region
from .adopting import adopted
from .answer import Answer
from .events import AnswerReady, Event, Listener, RunCancelled
from .records import regions_record
from .run import Run, Work, folded

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableConfig
    from langgraph.types import Durability

    from .agent import Agent
    from .state import Question

BRANCHES = 16
"""Calls that run at the same time."""


class Session:
    """Several questions in one conversation: made by `Agent.session`.

    A question without pictures is about the earlier ones. Questions are asked one after another; a run that was ended
    or failed leaves the session as it was before it, unless there is a checkpointer, which keeps what was done.

    Args:
        agent: who answers.
        session_id: of an earlier session, to go on with it.

    Attributes:
        head: the digest of the last page of its log. Without a checkpointer it says where the session goes on: set to
            what it was before a question, it takes that question back; given to a session of another agent with the
            same store, that one goes on with the conversation.
    """

    def __init__(self, agent: Agent, session_id: str = "") -> None:
        if session_id and agent.checkpointer is None:
            raise UsageError(
                "A session can be gone on with by its id only when a checkpointer keeps it.",
                remedy="Give the agent a checkpointer and a store with a folder.",
            )
        self.id = session_id or uuid.uuid4().hex
        self._agent = agent
        self.head = ""

    def ask(self, question: str, images: object = None, *, regions: Sequence[Region] = ()) -> Answer:
        """Answer a question; pictures and errors as in `Agent.ask`.

        Args:
            question: in plain words.
            images: pictures that come with it.
            regions: what the user points at ("this one"): places on pictures of the session, or on those that come
                with the question. New ones get a handle, which the planner is told.
        """
        return folded(self.stream(question, images, regions=regions))

    def stream(self, question: str, images: object = None, *, regions: Sequence[Region] = ()) -> Iterator[Event]:
        """Answer a question and tell of everything as it happens; see `ask` and `Agent.stream`."""
        run = self._run(question, images, regions)
        return self._followed(run)

    async def aask(self, question: str, images: object = None, *, regions: Sequence[Region] = ()) -> Answer:
        """`ask` for asyncio; cancelling it ends the run."""
        events = self.astream(question, images, regions=regions)
        answers = [event.answer async for event in events if isinstance(event, AnswerReady)]
        if not answers:
            raise RunCancelled("The run was ended before it had an answer.")
        return answers[-1]

    async def astream(
        self, question: str, images: object = None, *, regions: Sequence[Region] = ()
    ) -> AsyncIterator[Event]:
        """`stream` for asyncio; cancelling its reader ends the run."""
        run = await asyncio.to_thread(self._run, question, images, regions)
        try:
            while (event := await asyncio.to_thread(run.next)) is not None:
                yield event
        finally:
            run.cancel()
            self._keep(run)

    def resume(self) -> Answer:
        """Go on with a run that was interrupted, from where its checkpointer left it.

        Calls that had a result are not made again.

        Raises:
            UsageError: without a checkpointer, or when there is nothing to go on with.
        """
        agent, config = self._agent, self._config(None)
        if agent.checkpointer is None or not agent.graph().get_state(config).next:
            raise UsageError(f"There is no interrupted run in the session {self.id}.", remedy="Ask a question.")
        return folded(self._followed(Run(self._work(None))))

    def _run(self, question: str, images: object, regions: Sequence[Region]) -> Run:
        store, allow_urls = self._agent.store, self._agent.allow_urls
        opened = [
            adopted(
                source if isinstance(source, Image) else Image.open(source, allow_urls=allow_urls, store=store), store
            )
            for source in as_list(images)
        ]
        given: Question = {
            "question": question,
            "images": [image.to_json() for image in opened],
            "pointed": regions_record(regions) if regions else None,
            "session": self.id,
        }
        if self._agent.checkpointer is None:
            given["head"] = self.head
        return Run(self._work(given))

    def _followed(self, run: Run) -> Iterator[Event]:
        try:
            yield from run.events()
        finally:
            self._keep(run)

    def _keep(self, run: Run) -> None:
        self.head = str(run.outcome.get("head", self.head))

    def _work(self, given: Question | None) -> Work:
        # "sync": what is done is written before what comes next begins, so that a killed run repeats nothing.
        durability: Durability | None = None if self._agent.checkpointer is None else "sync"

        def work(listener: Listener) -> Mapping[str, Any]:
            graph, config = self._agent.graph(), self._config(listener)
            outcome: Mapping[str, Any] = graph.invoke(given, config, durability=durability)
            return outcome

        return work

    def _config(self, listener: Listener | None) -> RunnableConfig:
        from .graph import LISTENER

        limits = self._agent.limits
        return {
            "configurable": {"thread_id": self.id, LISTENER: listener},
            "max_concurrency": BRANCHES,
            # Each decision is one super-step; each wave, of at least one call, is two.
            "recursion_limit": limits.steps + 2 * limits.calls + 10,
        }


def as_list(images: object) -> list[object]:
    """The pictures that were given: none, one, or a list of them."""
    if images is None:
        return []
    return list(images) if isinstance(images, list | tuple) else [images]
