"""A planner that asks a chat model of LangChain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from ...errors import LavrError, UsageError
from ...tools.spec import ToolSpec
from ...vision.frame import SizeWh
from ...vision.image import Image
from ...vision.units import CoordinateUnit
from ..base import Conversation, Decision, Emit, silent
from ..openai.dialect import Dialect
from ..openai.functions import ANSWER, functions
from ..openai.naming import hint_of
from ..openai.pictures import Album, WeighedEyes
from ..openai.reading import decision_of
from ..openai.streaming import Told
from ..rendering.budget import VisualBudget
from ..rendering.eyes import OpenEyes, ShutEyes, square_patches
from ..rendering.render import Rendering
from ..rendering.turns import Fed
from .echoes import Echoes
from .failures import mapped, takes_no_tools, words_of
from .hearing import Heard
from .messages import Scribe
from .models import chat_model, model_name, most_tokens, with_tools

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from .models import Asked

Mode: TypeAlias = Literal["tools", "text"]
ModeChoice: TypeAlias = Literal["auto", "tools", "text"]
MODES = ("auto", "tools", "text")
MAX_SIDE = 1_536
MAX_IMAGE_BYTES = 2 * 1024 * 1024


class LangChainPlanner:
    """Asks a chat model of LangChain: any provider for which it has a package.

        planner = LangChainPlanner("ollama:qwen3-vl:8b", temperature=0)
        answer = Agent(planner).ask("receipt.png", "What is the total?")

    Time-outs and retries after rate limits are the chat model's own settings.

    Args:
        model: a chat model, or a string for LangChain's `init_chat_model`.
        mode: how the model is asked to decide: native tool calls ("tools"), a protocol in plain text ("text"), or what
            it turns out to take ("auto"); `reason` says what was chosen, and why.
        sees: whether the model takes pictures; otherwise it relies on the tools alone.
        images_in_tool_results: whether pictures of results go into the messages of the tools, which Anthropic, Google
            and OpenAI's Responses take; otherwise one message of the user after them shows those of a step.
        unit: the unit in which the model writes boxes; guessed from its name when left out.
        budget: how many visual tokens it is given; see `lavr.planners.rendering.budget.VisualBudget`.
        max_side: no side of a picture is longer, in pixels; pictures are resized before they are sent.
        max_image_bytes: no picture file is larger.
        options: what `init_chat_model` takes besides, such as `temperature`, `max_tokens`, `base_url`, `max_retries`.

    Raises:
        UsageError: for arguments that cannot be.
        MissingExtra: when langchain, or the provider's package, is not installed.
    """

    def __init__(
        self,
        model: BaseChatModel | str,
        *,
        mode: ModeChoice = "auto",
        sees: bool = True,
        images_in_tool_results: bool = False,
        unit: CoordinateUnit | None = None,
        budget: VisualBudget | None = None,
        max_side: int = MAX_SIDE,
        max_image_bytes: int = MAX_IMAGE_BYTES,
        **options: Any,
    ) -> None:
        if mode not in MODES:
            raise UsageError(f"There is no mode {mode!r}.", remedy=f"There are: {', '.join(MODES)}.")
        if min(max_side, max_image_bytes) < 1:
            raise UsageError("max_side and max_image_bytes are at least 1.", remedy="Give numbers above 0.")
        self.model = chat_model(model, options)
        self.name = f"langchain:{model_name(self.model)}"
        self.mode: Mode = "text" if mode == "text" else "tools"
        self.reason = "it was asked for" if mode != "auto" else "native tool calls were tried first"
        self._free = mode == "auto"
        self._album = Album(max_image_bytes)
        self._echoes = Echoes()
        self._rendering = Rendering(
            _eyes(model_name(self.model), unit, self._album, max_side) if sees else ShutEyes(_unit(self.model, unit)),
            budget=budget,
            pictures_in="tool" if images_in_tool_results and mode != "text" else "user",
        )

    def __repr__(self) -> str:
        return f"LangChainPlanner({self.name.removeprefix('langchain:')!r}, mode={self.mode!r})"

    @property
    def sees(self) -> bool:
        """Whether the model is shown pictures; otherwise it relies on tools alone."""
        return self._rendering.sees

    @property
    def unit(self) -> CoordinateUnit:
        """The unit in which the model reads and writes boxes."""
        return self._rendering.unit

    def shown_wh(self, image: Image) -> SizeWh:
        """The size at which a picture is sent."""
        return self._rendering.shown_wh(image)

    def decide(self, conversation: Conversation, tools: Sequence[ToolSpec], *, emit: Emit = silent) -> Decision:
        """The model's next decision.

        Raises:
            PlannerError: when its reply cannot be used.
            LimitReached: when the conversation is longer than the model can read.
            UsageError: when the provider refuses the request: a wrong key, an unknown model.
            EnvironmentLacks: when the provider does not answer, or was asked too often.
        """
        offered = tuple(tool for tool in tools if tool.name != ANSWER)
        asked = self._asked(offered)
        told = Told(emit, Dialect(self.mode, self.reason, forced=False, settled=True))
        try:
            heard = self._heard(asked, conversation, offered, told)
        except Exception as error:
            if self._gives_up_tools(error):
                return self.decide(conversation, tools, emit=emit)
            raise self._meant(error) from error
        limit = most_tokens(self.model)
        decision = decision_of(heard.ended(), offered, mode=self.mode, max_tokens=limit)
        told.tell_rest(decision)
        self._echoes.keep(decision, heard.message)
        return decision

    def fed(self, conversation: Conversation, tools: Sequence[ToolSpec]) -> Fed:
        """What its model is given for the next decision; how the provider tokenises it cannot be known."""
        turns = self._rendering.turns(conversation)
        written = Scribe(self._album, self._echoes, self.mode == "tools", tools).messages(turns)
        blocks = [block for message in written if isinstance(message.content, list) for block in message.content]
        return Fed(turns, sum(isinstance(block, Mapping) and block.get("type") == "image" for block in blocks))

    def _asked(self, tools: Sequence[ToolSpec]) -> Asked:
        """The model, told of the tools and of how to answer."""
        if self.mode == "text":
            return self.model
        bound = with_tools(self.model, functions(tools, self.unit, thoughts=False))
        if bound is not None:
            return bound
        why = f"{type(self.model).__name__} cannot be told of tools"
        if not self._free:
            raise UsageError(f"{why}.", remedy='Use mode="text" or mode="auto".')
        self._use_text(why)
        return self.model

    def _heard(self, asked: Asked, conversation: Conversation, tools: Sequence[ToolSpec], told: Told) -> Heard:
        heard = Heard()
        scribe = Scribe(self._album, self._echoes, self.mode == "tools", tools)
        for chunk in asked.stream(scribe.messages(self._rendering.turns(conversation))):
            told.tell(heard.take(chunk))
        return heard

    def _gives_up_tools(self, error: Exception) -> bool:
        """Whether to go on in plain text, because the provider takes no tools for this model."""
        if not (self._free and self.mode == "tools" and takes_no_tools(error)):
            return False
        self._use_text(f"the provider said {words_of(error)!r}")
        return True

    def _use_text(self, why: str) -> None:
        self.mode, self.reason = "text", why

    def _meant(self, error: Exception) -> Exception:
        """The error of lavr that it means; itself when it is nobody's but the model's own code."""
        return error if isinstance(error, LavrError) else mapped(error, model=self.name) or error


def _unit(model: BaseChatModel, unit: CoordinateUnit | None) -> CoordinateUnit:
    return unit or hint_of(model_name(model)).unit


def _eyes(model: str, unit: CoordinateUnit | None, album: Album, max_side: int) -> WeighedEyes:
    hint = hint_of(model)
    eyes = OpenEyes(
        unit=unit or hint.unit,
        tokens=square_patches(max(28, hint.multiple_of)),
        max_pixels=None,
        max_side=max_side,
        multiple_of=hint.multiple_of,
    )
    return WeighedEyes(eyes, album)
