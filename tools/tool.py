"""What a tool is: a typed function with a card.

    @tool
    def double(number: float) -> float:
        '''Double a number.'''
        return 2 * number

The type hints and the docstring give the schema and the card that planners see. Developer configuration (weights,
thresholds, threads) belongs to a factory and stays invisible to them:

    @tool_factory
    def detector(*, weights: str) -> Tool: ...
"""

from __future__ import annotations

import difflib
import functools
import inspect
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ParamSpec, TypedDict, Unpack, overload

from ..errors import InvalidTool
from ..jsonable import Json, canonical
from ..vision.image import Image
from ..vision.region import Region
from ..vision.store import ImageStore
from .calls import Observation
from .docstring import Docstring
from .hints import Box, Point
from .observing import as_observation
from .recipe import Recipe
from .remarks import remarks
from .schema import Parameters, parameters_of
from .spec import Effect, ToolCard, ToolSpec

__all__ = ["Box", "Point", "Tool", "ToolOptions", "tool", "tool_factory"]

P = ParamSpec("P")
Function = Callable[..., Any]
_NAME = re.compile(r"^[a-zA-Z_][a-zA-Z0-9_-]{0,63}$")


class ToolOptions(TypedDict, total=False):
    """The options of `tool`.

    Attributes:
        name: what planners call it; the function's name when left out.
        timeout_s: seconds a call may take (30).
        host: where it runs: "inline" (the default), "worker", or the name of a host given to the runner.
        version: changes when its results change, so that cached ones are not used ("1").
        cacheable: whether equal arguments give equal results, so that they may be cached (True; never for tools that
            write).
        retries: how often a call that failed or crashed is tried again (0).
        effect: whether it only reads (the default) or changes the world outside.
        finds: the things whose places it finds; see `ToolSpec`.
        avoid: when not to use it.
        limits: what it cannot do.
        example: arguments of one good call.
        licence: what binds those who use it, beyond lavr's own licence; empty for nothing.
    """

    name: str
    timeout_s: float
    host: str
    version: str
    cacheable: bool
    retries: int
    effect: Effect
    finds: Sequence[str]
    avoid: str
    limits: str
    example: Mapping[str, Json]
    licence: str


@dataclass(frozen=True, eq=False)
class Tool:
    """A typed function with a card. Made by `tool`; calling it calls the function.

    Attributes:
        spec: what planners see.
        function: the plain function.
        parameters: what the function takes, and the reading of it.
        recipe: how another process makes the tool again.
        timeout_s: seconds a call may take.
        host: the name of the host it runs on.
        version: of its results.
        cacheable: whether its results may be cached.
        retries: how often a call that failed is tried again.
        licence: what binds those who use it, beyond lavr's own licence; empty for nothing.
    """

    spec: ToolSpec
    function: Function = field(repr=False)
    parameters: Parameters = field(repr=False)
    recipe: Recipe
    timeout_s: float = 30.0
    host: str = "inline"
    version: str = "1"
    cacheable: bool = True
    retries: int = 0
    licence: str = ""

    @property
    def name(self) -> str:
        """What planners call it."""
        return self.spec.name

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the plain function."""
        return self.function(*args, **kwargs)

    def observe(self, **arguments: Any) -> Observation:
        """Call the function and give back an observation, whatever it returned.

        Raises:
            ToolFailed: when it returned something that is no observation.
        """
        with remarks() as said:
            observation = as_observation(self.function(**arguments), tool=self.name, store=_store_of(arguments))
        return replace(observation, notes=(*observation.notes, *said)) if said else observation

    def on(self, host: str) -> Tool:
        """The same tool, to be run on another host."""
        return replace(self, host=host)


@overload
def tool(function: Function, /) -> Tool: ...


@overload
def tool(**options: Unpack[ToolOptions]) -> Callable[[Function], Tool]: ...


def tool(function: Function | None = None, /, **options: Unpack[ToolOptions]) -> Tool | Callable[[Function], Tool]:
    """Make a tool of a typed function: `@tool`, or `@tool(timeout_s=5, ...)` with the options of `ToolOptions`.

    Raises:
        InvalidTool: when planners could not use the function; the cause names the parameter, the remedy what to do.
    """
    if function is None:
        return functools.partial(_tool, options)
    return _tool(options, function)


def tool_factory(function: Callable[P, Tool]) -> Callable[P, Tool]:
    """Let a function that makes a configured tool be used where a tool is to run in another process.

    The function takes keyword arguments that are plain JSON (weights, threads, thresholds) or other tools, and returns
    a `Tool`. The tool remembers the factory and its arguments, so that a worker can make it again.
    """
    signature = inspect.signature(function)

    @functools.wraps(function)
    def make(*args: P.args, **kwargs: P.kwargs) -> Tool:
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        config = {name: value.recipe if isinstance(value, Tool) else value for name, value in bound.arguments.items()}
        recipe = Recipe.of(function, config)
        made: object = function(*args, **kwargs)
        if not isinstance(made, Tool):
            raise InvalidTool(
                f"The factory {function.__name__} gave back something of type {type(made).__name__}, not a Tool.",
                remedy="Decorate the inner function with @tool and return it.",
            )
        return replace(made, recipe=recipe)

    return make


def _tool(options: ToolOptions, function: Function) -> Tool:
    _check_function(function)
    docstring = Docstring.of(function)
    name = options.get("name", function.__name__)
    _check_options(name, options, docstring)
    parameters = parameters_of(function, docstring)
    card = ToolCard(
        docstring.purpose, options.get("avoid", ""), options.get("limits", ""), dict(options.get("example", {}))
    )
    effect = options.get("effect", Effect.READS)
    return Tool(
        spec=ToolSpec(name, card, parameters.json_schema, effect, tuple(options.get("finds", ()))),
        function=function,
        parameters=parameters,
        recipe=Recipe.of(function),
        timeout_s=options.get("timeout_s", 30.0),
        host=options.get("host", "inline"),
        version=options.get("version", "1"),
        cacheable=options.get("cacheable", True) and effect is Effect.READS,
        retries=options.get("retries", 0),
        licence=options.get("licence", ""),
    )


def _check_function(function: Function) -> None:
    if isinstance(function, Tool):
        raise InvalidTool(f"{function.name} is a tool already.", remedy="Use @tool once.")
    if not inspect.isfunction(function) and not inspect.ismethod(function):
        raise InvalidTool(
            f"A tool is made of a function, not of a {type(function).__name__}.",
            remedy="Write a function with type hints and a docstring that calls it.",
        )
    if (
        inspect.iscoroutinefunction(function)
        or inspect.isgeneratorfunction(function)
        or inspect.isasyncgenfunction(function)
    ):
        raise InvalidTool(
            f"{function.__name__} is a coroutine or a generator.",
            remedy="Write a plain function; it may call asyncio.run or collect what a generator yields.",
        )


def _check_options(name: str, options: ToolOptions, docstring: Docstring) -> None:
    for option in options:
        if option not in ToolOptions.__annotations__:
            close = difflib.get_close_matches(option, ToolOptions.__annotations__, 1)
            hint = f"Did you mean {close[0]!r}?" if close else f"Options: {', '.join(ToolOptions.__annotations__)}."
            raise InvalidTool(f"{name}: @tool has no option {option!r}.", remedy=hint)
    if not _NAME.match(name):
        raise InvalidTool(
            f"{name!r} cannot be the name of a tool.",
            remedy="Use letters, digits, _ and -, at most 64; a lambda needs name=.",
        )
    if not docstring.purpose:
        raise InvalidTool(
            f"{name} has no docstring.", remedy="Say in its first sentence what it is for: planners choose by it."
        )
    timeout_s = options.get("timeout_s", 30.0)
    if not (timeout_s > 0 and math.isfinite(timeout_s)):
        raise InvalidTool(f"{name}: a time limit of {timeout_s} s cannot be kept.", remedy="Give seconds above zero.")
    try:
        canonical(options.get("example", {}))
    except (TypeError, ValueError) as error:
        raise InvalidTool(f"{name}: the example is not JSON: {error}.", remedy="Name images by handle.") from error


def _store_of(arguments: Mapping[str, object]) -> ImageStore | None:
    """The store of the first picture among the arguments: what is made from it is kept beside it."""
    for value in arguments.values():
        for item in value if isinstance(value, list | tuple) else (value,):
            if isinstance(item, Image):
                return item.store
            if isinstance(item, Region):
                return item.image.store
    return None
