"""Tools that are at hand when somebody configured them: those with models that lavr does not bring along.

A tool is configured by its table in the config file, by an environment variable that names its weights, or by an
option of the command line; the last one that says something wins.

    [tools.detect]
    weights = "d-fine-s"
    min_score = 0.4
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path

from ..config import config_file, read_config, table
from ..errors import UsageError
from ..jsonable import Json
from .registry import Toolbox, default_tools
from .tool import Tool


@dataclass(frozen=True, slots=True)
class Configurable:
    """A tool that needs to be configured, or can be.

    Attributes:
        name: of the tool, and of its table in the config file: `[tools.name]`.
        module: of this package, where its factory is.
        variable: the environment variable that names its weights.
        option: of the command line, that names its weights; empty where there is none.
        more: how to get it, in a sentence.
        uses: the settings of its factory that are other tools, and the names of these; they are handed to it when they
            are at hand.
    """

    name: str
    module: str
    variable: str
    option: str
    more: str
    uses: Mapping[str, str] = field(default_factory=dict)

    @property
    def factory(self) -> Callable[..., Tool]:
        """What makes the tool: `detect_tool` for `detect`."""
        made: Callable[..., Tool] = getattr(import_module(f".{self.module}", __package__), f"{self.name}_tool")
        return made


CONFIGURABLE = (
    Configurable(
        "detect",
        "detect",
        "LAVR_DETECTOR",
        "--detector",
        "A detector finds and counts things: --detector d-fine-s, or LAVR_DETECTOR; `lavr models list` says which.",
    ),
    Configurable(
        "segment",
        "segment",
        "LAVR_SEGMENTER",
        "",
        "A SAM cuts things out by more than their colours: LAVR_SEGMENTER=sam-vit-b, or sam2.1-tiny (both Apache-2.0).",
        {"detector": "detect"},
    ),
    Configurable(
        "search",
        "search",
        "LAVR_SEARCH",
        "",
        "It looks for what is small on a large picture, with a detector: LAVR_SEARCH=d-fine-s.",
    ),
    Configurable(
        "depth",
        "depth",
        "LAVR_DEPTH",
        "",
        "It tells what is nearer: LAVR_DEPTH=depth-anything-v2-small.",
    ),
    Configurable(
        "describe",
        "describe",
        "LAVR_DESCRIBE",
        "",
        "It says in words what a picture shows, for planners that cannot see: LAVR_DESCRIBE=florence-2-base.",
    ),
    Configurable(
        "ask_region",
        "ask_region",
        "LAVR_ASK_REGION",
        "",
        "It answers questions about a picture, for planners that cannot see: LAVR_ASK_REGION=smolvlm-500m.",
    ),
)


def tools_at_hand(
    given: Mapping[str, str] | None = None,
    *,
    besides: Collection[str] = (),
    environ: Mapping[str, str] | None = None,
    config: Path | None = None,
) -> Toolbox:
    """The shipped tools that need nothing, and those that are configured.

    Args:
        given: weights by the name of the tool, from the command line.
        besides: names of tools that somebody brings along; they are not made of the configuration.
        environ: the environment; that of the process when left out.
        config: the config file; the usual one when left out.

    Raises:
        UsageError: when the configuration cannot be used; the message says where it stands.
    """
    environ = os.environ if environ is None else environ
    file = config or config_file(environ)
    settings = read_config(file)
    tools = {tool.name: tool for tool in default_tools()}
    _check_names(table(settings, "tools", file=file), file)
    for each in CONFIGURABLE:
        options = table(settings, "tools", each.name, file=file)
        if weights := (given or {}).get(each.name) or environ.get(each.variable, "").strip():
            options["weights"] = weights
        parts = {setting: tools[name] for setting, name in each.uses.items() if name in tools}
        if (options or parts) and each.name not in besides:
            tools[each.name] = _made(each, options, parts, file)
    return Toolbox(tools.values())


def unconfigured(names: Collection[str]) -> tuple[Configurable, ...]:
    """The tools that could be configured and are not among those of these names."""
    return tuple(each for each in CONFIGURABLE if each.name not in names)


def _check_names(tables: Collection[str], file: Path) -> None:
    known = [each.name for each in CONFIGURABLE]
    for name in tables:
        if name not in known:
            raise UsageError(
                f"In {file}, [tools.{name}] is about no tool that can be configured.",
                remedy=f"There are: {', '.join(f'[tools.{each}]' for each in known)}.",
            )


def _made(configurable: Configurable, options: Mapping[str, Json], parts: Mapping[str, Tool], file: Path) -> Tool:
    where = f"In {file}, [tools.{configurable.name}]"
    parameters = inspect.signature(configurable.factory).parameters
    known = {name: each for name, each in parameters.items() if name not in configurable.uses}
    for name in options:
        if name not in known:
            raise UsageError(f"{where} has no setting {name!r}.", remedy=f"Settings: {', '.join(known)}.")
    missing = [name for name, each in known.items() if each.default is each.empty and name not in options]
    if missing:
        raise UsageError(f"{where} lacks {missing[0]!r}.", remedy=f'Write {missing[0]} = "...", or remove the table.')
    try:
        return configurable.factory(**options, **parts)
    except (TypeError, AttributeError) as error:
        raise UsageError(f"{where} has a setting of the wrong kind: {error}.", remedy="Mend it.") from error
