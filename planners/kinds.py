"""The kinds of planners: what each is for, what it needs, how it is named, and how one is made of its name.

Nothing heavy is imported before a planner is made.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol, TypeAlias

from ..errors import UsageError
from ..extras import need
from .base import Planner

Options: TypeAlias = Mapping[str, Any]


class ChatModel(Protocol):
    """A chat model of LangChain, as far as it is looked at here."""

    @property
    def invoke(self) -> Callable[..., Any]:
        """Answers messages."""
        ...

    @property
    def bind_tools(self) -> Callable[..., Any]:
        """Tells it of tools."""
        ...


PlannerLike: TypeAlias = Planner | ChatModel | str | Path
"""What a planner can be given as: itself, a chat model of LangChain, or a name."""

_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
_AT_URL = re.compile(r"(?P<model>.+?)@(?P<url>https?://\S+)")


@dataclass(frozen=True, slots=True)
class PlannerKind:
    """A kind of planners.

    Attributes:
        name: what its names begin with.
        purpose: what it is for.
        form: how one is named.
        example: an example of a name.
        make: makes a planner of what follows the name and of options; errors as for `make_planner`.
        extra: the extra of lavr that it needs; empty for none.
        modules: what it cannot do without, from that extra.
        needs: what it needs besides.
        options: what its table of the config file may say, with the types.
    """

    name: str
    purpose: str
    form: str
    example: str
    make: Callable[[str, Options], Planner]
    extra: str = ""
    modules: tuple[str, ...] = ()
    needs: str = ""
    options: Mapping[str, type | tuple[type, ...]] = field(default_factory=dict)

    @property
    def missing(self) -> tuple[str, ...]:
        """The packages that it lacks here."""
        return tuple(module for module in self.modules if find_spec(module) is None)

    @property
    def ready(self) -> bool:
        """Whether its packages are installed."""
        return not self.missing

    @property
    def install(self) -> str:
        """The command that installs what it needs; empty for nothing."""
        return f'pip install "lavr[{self.extra}]"' if self.extra else ""


@dataclass(frozen=True, slots=True)
class PlannerName:
    """A planner by its name.

    Attributes:
        kind: its kind.
        rest: the model, the server ...; empty for `builtin`.
    """

    kind: PlannerKind
    rest: str = ""

    def __str__(self) -> str:
        return f"{self.kind.name}:{self.rest}" if self.rest else self.kind.name


def planner_name(text: str) -> PlannerName:
    """Read a name: `builtin`, `local:...`, `openai:...`, `langchain:...`, or a model alone, which means `local`.

    Raises:
        UsageError: for a name that is unknown, or that lacks its model.
    """
    head, colon, rest = text.partition(":")
    kind = next((each for each in KINDS if each.name == head), None)
    if kind is not None and (rest or kind is BUILTIN) and not (colon and kind is BUILTIN):
        return PlannerName(kind, rest)
    if kind is not None:
        raise UsageError(
            f"The planner {text!r} is no complete name.", remedy=f"Write {kind.form}, such as {kind.example}."
        )
    if _is_model(text):
        return PlannerName(LOCAL, text)
    forms = ", ".join(["auto", *(each.form for each in KINDS)])
    raise UsageError(
        f"There is no planner {text!r}.",
        remedy=f"There are: {forms}. `lavr planners` says which of them this machine can use.",
        planner=text,
    )


def make_planner(name: PlannerName, options: Options | None = None) -> Planner:
    """The planner of a name. A model may be loaded and, when it is not on this machine, downloaded.

    Args:
        name: of the planner.
        options: what its table of the config file says.

    Raises:
        MissingExtra: when its packages are not installed; the remedy is the command that installs them.
        MissingModel: when its model is not to be had.
        UsageError: for an option that it does not have.
    """
    options = options or {}
    _check(name.kind, options)
    for module in name.kind.modules:
        need(module, extra=name.kind.extra)
    return name.kind.make(name.rest, options)


def _check(kind: PlannerKind, options: Options) -> None:
    unknown = sorted(set(options) - set(kind.options))
    if unknown:
        raise UsageError(
            f"{kind.name} has no setting {', '.join(map(repr, unknown))}.",
            remedy=f"It has: {', '.join(kind.options) or 'none'}.",
        )
    for name, value in options.items():
        wanted = kind.options[name]
        if not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool):
            names = " or ".join(each.__name__ for each in (wanted if isinstance(wanted, tuple) else (wanted,)))
            raise UsageError(f"The setting {name!r} of {kind.name} is {value!r}.", remedy=f"Its type is {names}.")


def is_chat_model(thing: object) -> bool:
    """Whether something is a chat model of LangChain, and no planner."""
    return not hasattr(thing, "decide") and callable(getattr(thing, "bind_tools", None)) and hasattr(thing, "invoke")


def of_chat_model(model: object) -> Planner:
    """A planner of a chat model of LangChain. Raises `MissingExtra`."""
    for module in LANGCHAIN.modules:
        need(module, extra=LANGCHAIN.extra)
    return _langchain(model, {})


def _is_model(text: str) -> bool:
    """Whether a text names a model for `local`: a file or folder, a name below `LAVR_MODELS`, or an id of the hub."""
    path = Path(text).expanduser()
    if text.endswith(".gguf") or path.is_dir() or path.is_absolute() or text.startswith(("./", "../", "~")):
        return True
    folder = os.environ.get("LAVR_MODELS", "")
    if folder and (Path(folder).expanduser() / text).exists():
        return True
    return _HUB_ID.fullmatch(text) is not None


def _builtin(_: str, __: Options) -> Planner:
    from .builtin import BuiltinPlanner

    return BuiltinPlanner()


_OF_PLANNER = ("constrain", "thought_tokens", "calls_per_turn")


def _local(model: str, options: Options) -> Planner:
    from .local.loading import load_model
    from .local.planner import LocalPlanner

    loading = {name: value for name, value in options.items() if name not in _OF_PLANNER}
    planning = {name: value for name, value in options.items() if name in _OF_PLANNER}
    return LocalPlanner(load_model(model, **loading), **planning)


def _openai(model: str, options: Options) -> Planner:
    from .openai.planner import OpenAIPlanner

    at = _AT_URL.fullmatch(model)
    return OpenAIPlanner(at["model"], **{**options, "base_url": at["url"]}) if at else OpenAIPlanner(model, **options)


def _langchain(model: Any, options: Options) -> Planner:
    from .langchain import LangChainPlanner

    planner: Planner = LangChainPlanner(model, **options)
    return planner


BUILTIN = PlannerKind(
    name="builtin",
    purpose="questions of a documented grammar; no model, at once",
    form="builtin",
    example="builtin",
    make=_builtin,
)
LOCAL = PlannerKind(
    name="local",
    purpose="any question, by a model on this machine",
    form="local:MODEL (an id of the hub, a folder or a .gguf file; `local:` may be left out)",
    example="Qwen/Qwen3-VL-4B-Instruct",
    make=_local,
    extra="local",
    modules=("torch", "transformers"),
    needs="memory for the model; see `lavr planners inspect MODEL`",
    options={
        **dict.fromkeys(("device", "dtype", "quantization"), str),
        **dict.fromkeys(("offline", "trust_remote_code", "constrain"), bool),
        **dict.fromkeys(("picture_tokens", "thought_tokens", "calls_per_turn"), int),
    },
)
OPENAI = PlannerKind(
    name="openai",
    purpose="any question, by an OpenAI-compatible server",
    form="openai:MODEL or openai:MODEL@URL",
    example="openai:Qwen/Qwen3-VL-8B-Instruct@http://localhost:8000/v1",
    make=_openai,
    extra="openai",
    modules=("httpx",),
    needs="the server; its key in LAVR_OPENAI_API_KEY (of OpenAI itself: OPENAI_API_KEY)",
    options={
        **dict.fromkeys(("base_url", "mode", "pictures_in"), str),
        **dict.fromkeys(("sees", "image_uuids", "allow_http"), bool),
        **dict.fromkeys(("max_image_bytes", "max_side", "retries", "seed", "max_tokens", "calls_per_turn"), int),
        **dict.fromkeys(("timeout_s", "deadline_s", "temperature"), (int, float)),
        "extra_body": dict,
    },
)
LANGCHAIN = PlannerKind(
    name="langchain",
    purpose="any question, by a chat model of LangChain",
    form="langchain:PROVIDER:MODEL",
    example="langchain:ollama:qwen3-vl:8b",
    make=_langchain,
    extra="langchain",
    modules=("langchain",),
    needs="the provider's package, such as langchain-ollama, and its key",
    options={
        **dict.fromkeys(("mode", "base_url"), str),
        **dict.fromkeys(("sees", "images_in_tool_results"), bool),
        **dict.fromkeys(("max_image_bytes", "max_side"), int),
        "temperature": (int, float),
    },
)
KINDS: tuple[PlannerKind, ...] = (BUILTIN, LOCAL, OPENAI, LANGCHAIN)
"""All kinds, in the order in which they are told."""
