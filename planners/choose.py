"""`auto`: the planner that the user configured, and otherwise the one that needs nothing."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..errors import MissingExtra, UsageError
from .base import Planner

DEFAULT = "builtin"
THERE = ("auto", "builtin")
MORE = (
    "Planners with a multimodal model are on their way; until then, pass an object of your own that has "
    "`decide(conversation, tools, *, emit)`: Agent(planner=...)."
)


@dataclass(frozen=True, slots=True)
class Choice:
    """Which planner was taken.

    Attributes:
        planner: the planner.
        reason: why this one ("argument", "LAVR_PLANNER", the config file, or that nothing was configured).
        more: how to get a planner that can do more; empty when the user chose one.
    """

    planner: Planner
    reason: str
    more: str = ""


def choose_planner(
    what: Planner | str | None = None, *, environ: Mapping[str, str] | None = None, config: Path | None = None
) -> Choice:
    """The planner to use: the argument, then `LAVR_PLANNER`, then the config file, then `builtin`.

    It never spends money and never downloads anything.

    Args:
        what: a planner, the name of one, or None or "auto" for what is configured.
        environ: the environment; that of the process when left out.
        config: the config file; `LAVR_CONFIG`, or else `~/.config/lavr/config.toml`, when left out.

    Raises:
        UsageError: for a name that is unknown, and for a config file that cannot be read.
        MissingExtra: for a planner that this version does not have yet.
    """
    if what is not None and not isinstance(what, str):
        return Choice(what, "it was given")
    environ = os.environ if environ is None else environ
    file = config or config_file(environ)
    candidates = (
        (what or "", "it was asked for"),
        (environ.get("LAVR_PLANNER", ""), "LAVR_PLANNER says so"),
        (_configured(file), f"{file} says so"),
    )
    for name, reason in candidates:
        if name.strip() and name.strip() != "auto":
            return Choice(named_planner(name.strip()), reason)
    return Choice(named_planner(DEFAULT), "nothing else is configured", MORE)


def config_file(environ: Mapping[str, str]) -> Path:
    """Where the config file is, whether or not it exists."""
    if environ.get("LAVR_CONFIG"):
        return Path(environ["LAVR_CONFIG"]).expanduser()
    base = environ.get("XDG_CONFIG_HOME")
    return (Path(base) if base else Path("~/.config").expanduser()) / "lavr" / "config.toml"


def named_planner(name: str) -> Planner:
    """The planner of a name. Raises as `choose_planner` does."""
    if name == "builtin":
        from .builtin import BuiltinPlanner

        return BuiltinPlanner()
    kind = _reserved(name)
    if kind:
        raise MissingExtra(
            f"The planner {name!r} ({kind}) is not in this version of lavr.",
            remedy=f"There is `builtin`, which needs no model. {MORE}",
            planner=name,
        )
    raise UsageError(
        f"There is no planner {name!r}.",
        remedy=f"There are: {', '.join(THERE)}. {MORE}",
        planner=name,
    )


def _reserved(name: str) -> str:
    """What a name will mean once that planner is built, or empty."""
    head, colon, rest = name.partition(":")
    if head == "local":
        return "a model on this machine"
    if head == "openai":
        return "an OpenAI-compatible server"
    if head == "langchain":
        return "a LangChain chat model"
    owner, slash, model = name.partition("/")
    looks_like_a_model = slash and owner and model and "/" not in model and not (colon and rest)
    return "a model of the Hugging Face hub" if looks_like_a_model and " " not in name else ""


def _configured(file: Path) -> str:
    """The key `planner` of the config file, or empty when there is no such file or key."""
    if not file.is_file():
        return ""
    try:
        settings = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"The config file {file} cannot be read: {error}", remedy="Mend or remove it.") from error
    planner = settings.get("planner", "")
    if not isinstance(planner, str):
        raise UsageError(f"In {file}, `planner` is {planner!r}.", remedy='Write a name: planner = "builtin".')
    return planner
