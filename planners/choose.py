"""`auto`: the planner that the user configured, and otherwise the one that needs nothing."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..config import config_file, read_config, table
from ..errors import UsageError
from .base import Planner
from .kinds import (
    BUILTIN,
    KINDS,
    Options,
    PlannerLike,
    PlannerName,
    is_chat_model,
    make_planner,
    of_chat_model,
    planner_name,
)

MORE = (
    "A multimodal model answers any question: `lavr planners` lists how to get one, and "
    "`lavr planners inspect MODEL` says whether it fits this machine."
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


@dataclass(frozen=True, slots=True)
class Selection:
    """Which planner would be taken, before one is made.

    Attributes:
        name: of the planner.
        reason: why this one.
        options: what the config file says about its kind.
        more: how to get a planner that can do more; empty when the user chose one.
    """

    name: PlannerName
    reason: str
    options: Options = field(default_factory=dict)
    more: str = ""


def choose_planner(
    what: PlannerLike | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    config: Path | None = None,
) -> Choice:
    """The planner to use: the argument, then `LAVR_PLANNER`, then the config file, then `builtin`.

    `auto` takes what is configured and nothing else: unless somebody named a model, none is downloaded and none is
    paid for.

    Args:
        what: a planner, a chat model of LangChain, the name of a planner (see `lavr.planners.kinds.planner_name`), or
            None or "auto" for what is configured.
        environ: the environment; that of the process when left out.
        config: the config file; `LAVR_CONFIG`, or else `~/.config/lavr/config.toml`, when left out.

    Raises:
        UsageError: for a name that is unknown, a thing that is no planner, and a config file that cannot be read.
        MissingExtra: when the packages of the planner are not installed.
        MissingModel: when its model is not to be had.
    """
    if what is not None and not isinstance(what, str | Path):
        return Choice(_given(what), "it was given")
    selected = select_planner(str(what or ""), environ=environ, config=config)
    return Choice(make_planner(selected.name, selected.options), selected.reason, selected.more)


def select_planner(
    what: str = "", *, environ: Mapping[str, str] | None = None, config: Path | None = None
) -> Selection:
    """Which planner `choose_planner` would make; nothing is made. Arguments and errors as there."""
    environ = os.environ if environ is None else environ
    file = config or config_file(environ)
    settings = read_config(file)
    candidates = (
        (what, "it was asked for"),
        (environ.get("LAVR_PLANNER", ""), "LAVR_PLANNER says so"),
        (_planner_of(settings, file), f"{file} says so"),
    )
    for text, reason in candidates:
        if text.strip() and text.strip() != "auto":
            name = planner_name(text.strip())
            return Selection(name, reason, table(settings, name.kind.name, file=file))
    return Selection(PlannerName(BUILTIN), "nothing else is configured", more=MORE)


def _given(what: Any) -> Planner:
    """The planner that an object is or becomes. Raises `UsageError`."""
    if callable(getattr(what, "decide", None)):
        planner: Planner = what
        return planner
    if is_chat_model(what):
        return of_chat_model(what)
    raise UsageError(
        f"A {type(what).__name__} is no planner.",
        remedy="Give an object with `decide(conversation, tools, *, emit)`, a chat model of LangChain, or a name: "
        f"{', '.join(kind.form for kind in KINDS)}.",
    )


def _planner_of(settings: Mapping[str, Any], file: Path) -> str:
    planner = settings.get("planner", "")
    if not isinstance(planner, str):
        raise UsageError(f"In {file}, `planner` is {planner!r}.", remedy='Write a name: planner = "builtin".')
    return planner
