"""The agent: planner, tools, limits and store put together; what people use."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeAlias

from ..planners.base import Planner
from ..tools.tool import Tool, tool
from ..vision.store import ImageStore, default_store
from .answer import Answer
from .events import Event
from .limits import Limits
from .run import folded
from .session import Session
from .shared import give_back, shared_workers

if TYPE_CHECKING:
    from langgraph.types import Checkpointer

    from ..planners.kinds import PlannerLike
    from ..tools.hosts.base import Host
    from .graph import Graph

ToolLike: TypeAlias = Tool | Callable[..., Any]


class Agent:
    """Answers questions about images.

        agent = Agent()
        answer = agent.ask("receipt.png", "What is the total?")

    Args:
        planner: who decides: a planner, the name of one, a chat model of LangChain, or None for the one that is
            configured (see `lavr.planners.choose.choose_planner`).
        tools: what it can call instead of `tools_at_hand()` (the shipped tools, and those that are configured), tools
            or typed functions.
        extra_tools: what it can call besides.
        limits: what one question may use up.
        store: where pictures and the logs of sessions are kept; a store of this process when left out. Sessions that
            should outlive the process need a folder: `ImageStore("folder")`.
        hosts: where tools run, by name, beside `inline` and the workers that all agents of the process share.
        checkpointer: a LangGraph checkpointer, so that a run can be resumed; see `Session.resume`.
        allow_urls: whether pictures may be given as http(s) addresses.
    """

    def __init__(
        self,
        planner: PlannerLike | None = None,
        *,
        tools: Iterable[ToolLike] | None = None,
        extra_tools: Iterable[ToolLike] = (),
        limits: Limits | None = None,
        store: ImageStore | None = None,
        hosts: Mapping[str, Host] | None = None,
        checkpointer: Checkpointer = None,
        allow_urls: bool = False,
    ) -> None:
        from ..planners.choose import choose_planner
        from ..tools.cache import ResultCache
        from ..tools.configured import tools_at_hand
        from ..tools.registry import Toolbox
        from ..tools.runner import ToolRunner

        self.choice = choose_planner(planner)
        extra = [as_tool(each) for each in extra_tools]
        chosen = tools_at_hand(besides=[each.name for each in extra]) if tools is None else tools
        self.toolbox = Toolbox([*map(as_tool, chosen), *extra])
        self.limits = limits or Limits()
        self.store = store or default_store()
        self.allow_urls = allow_urls
        self.checkpointer = checkpointer
        given = hosts or {}
        shared = shared_workers(self, {tool.host for tool in self.toolbox} - set(given))
        self._runner = ToolRunner(self.toolbox, hosts={**shared, **given}, cache=ResultCache())
        self._lock = threading.Lock()
        self._graph: Graph | None = None

    @property
    def planner(self) -> Planner:
        """Who decides."""
        return self.choice.planner

    def ask(self, images: object, question: str) -> Answer:
        """Answer one question.

        Args:
            images: one picture or a list of them: paths, bytes, data URIs, PIL or numpy pictures, `Image`s; None or
                an empty list for a question without pictures.
            question: in plain words.

        Raises:
            ImageError: when a picture is refused.
            LavrError: when the planner cannot go on; its `trace` tells what happened until then.
        """
        return folded(self.stream(images, question))

    def stream(self, images: object, question: str) -> Iterator[Event]:
        """Answer one question and tell of everything as it happens; the last event is `AnswerReady`.

        Closing the iterator ends the run. Arguments and errors as in `ask`.
        """
        return self.session().stream(question, images)

    async def aask(self, images: object, question: str) -> Answer:
        """`ask` for asyncio; cancelling it ends the run."""
        return await self.session().aask(question, images)

    def astream(self, images: object, question: str) -> AsyncIterator[Event]:
        """`stream` for asyncio; cancelling its reader ends the run."""
        return self.session().astream(question, images)

    def session(self, session_id: str = "") -> Session:
        """A conversation: later questions know the earlier ones, and handles stay what they are.

        Args:
            session_id: of an earlier session, to go on with it; needs a checkpointer.
        """
        return Session(self, session_id)

    def graph(self) -> Graph:
        """The compiled LangGraph graph, to be a node of another one.

        In: `{"question": ..., "images": [paths]}`; out: `{"answer": {"text": ..., "value": ..., "evidence": ...}}`,
        both plain JSON. Events come in the stream mode "custom" (with `subgraphs=True`).
        """
        with self._lock:
            if self._graph is None:
                self._graph = self._built()
            return self._graph

    def close(self) -> None:
        """Give back the shared workers, whose processes end with their last user. Hosts that were given stay open.

        An agent that was closed can be used again; everything also ends with the program.
        """
        give_back(self)

    def __enter__(self) -> Agent:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _built(self) -> Graph:
        from .acting import Actor
        from .deciding import Decider
        from .graph import build_graph
        from .memory import Memories
        from .nodes import Loop
        from .sight import Sight

        uncacheable = frozenset(each.name for each in self.toolbox if not each.cacheable)
        actor = Actor(self._runner, Sight(self.planner), self.limits, uncacheable)
        loop = Loop(
            decider=Decider(self.planner),
            actor=actor,
            tools=self.toolbox.specs,
            limits=self.limits,
            memories=Memories(self.store),
            allow_urls=self.allow_urls,
        )
        return build_graph(loop, self.checkpointer)


def as_tool(given: ToolLike) -> Tool:
    """A tool as it is; a typed function made into one. Raises `InvalidTool`."""
    return given if isinstance(given, Tool) else tool(given)
