"""Every error that lavr raises, in one tree, split by who must act.

    LavrError
    ├── PlannerError              the model must try again
    │   ├── MalformedReply        its reply is neither calls nor an answer
    │   ├── UnknownTool           it named a tool that is not there
    │   ├── UnknownHandle         it named an image or a region that is not there
    │   └── InvalidArguments      a call does not fit the tool's schema
    ├── ToolError                 the model must adapt
    │   ├── ToolFailed            the tool raised, or gave back something that is no observation
    │   ├── ToolTimeout           it did not end within its time limit
    │   └── ToolCrashed           its process died
    ├── UsageError                the developer or the user must fix something
    │   ├── InvalidTool           a function that cannot be made into a tool
    │   ├── InvalidRegion         a box, mask or polygon that cannot be one
    │   ├── UnknownLineage        a region asked for on a picture it has no path to
    │   ├── WeightsRefused        a file of weights that is damaged, or that would run code
    │   └── ImageError            a picture that is refused
    │       ├── ImageNotFound     nothing is there
    │       ├── ForbiddenSource   a path, a URL or an address that may not be read
    │       ├── NotAnImage        not a picture of a known format
    │       ├── CorruptImage      a picture that is cut off or damaged
    │       ├── ImageTooLarge     more bytes, pixels or length than the limits allow
    │       └── FetchFailed       a URL that did not answer with a picture
    ├── EnvironmentLacks          the environment lacks something; the remedy is what provides it
    │   ├── MissingExtra          a package
    │   └── MissingModel          weights
    └── LimitReached              a run used up its steps, calls, seconds or tokens

Each error has a stable `code`, a `cause` (one line: what happened), a `remedy` (one line: what to do) and `data`
(the numbers, plain JSON). `to_json` and `from_json` carry it across processes without losing its kind.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from .jsonable import Json, JsonObject


class LavrError(Exception):
    """The root of the tree. Catch it to catch everything that lavr raises on purpose."""

    code: ClassVar[str] = "lavr"

    def __init__(self, cause: str, *, remedy: str = "", **data: Json) -> None:
        super().__init__(cause)
        self.cause = cause
        self.remedy = remedy
        self.data: JsonObject = data
        self.trace: Any = None
        """What happened up to it (a `lavr.agent.trace.Trace`), when a run failed of it."""

    @property
    def name(self) -> str:
        """The name of the class, such as `ImageTooLarge`."""
        return type(self).__name__

    def __str__(self) -> str:
        return f"{self.cause} {self.remedy}".strip()

    def __reduce__(self) -> tuple[object, ...]:
        return from_json, (self.to_json(),)

    def to_json(self) -> JsonObject:
        """The error as plain JSON: code, name, cause, remedy, data."""
        return {"code": self.code, "name": self.name, "cause": self.cause, "remedy": self.remedy, "data": self.data}


class PlannerError(LavrError):
    """The model must try again."""

    code = "planner"


class MalformedReply(PlannerError):
    """The reply of a planner is neither calls nor an answer."""

    code = "planner.malformed_reply"


class UnknownTool(PlannerError):
    """A call names a tool that is not there."""

    code = "planner.unknown_tool"


class UnknownHandle(PlannerError):
    """A call names an image or a region that is not there; the remedy lists the live handles."""

    code = "planner.unknown_handle"


class InvalidArguments(PlannerError):
    """The arguments of a call do not fit the tool's schema."""

    code = "planner.invalid_arguments"


class ToolError(LavrError):
    """The model must adapt: the call was understood, and did not work."""

    code = "tool"


class ToolFailed(ToolError):
    """The tool raised, or gave back something that is no observation."""

    code = "tool.failed"


class ToolTimeout(ToolError):
    """The tool did not end within its time limit."""

    code = "tool.timeout"


class ToolCrashed(ToolError):
    """The process of the tool died."""

    code = "tool.crashed"


class UsageError(LavrError):
    """The developer or the user must fix something."""

    code = "usage"


class InvalidTool(UsageError):
    """A function that cannot be made into a tool."""

    code = "usage.invalid_tool"


class InvalidRegion(UsageError):
    """A box, mask or polygon that cannot be one."""

    code = "usage.invalid_region"


class UnknownLineage(UsageError):
    """A region was asked for on a picture that does not come from the same root."""

    code = "usage.unknown_lineage"


class WeightsRefused(UsageError):
    """A file of weights that is damaged, is none, or would run code of its own."""

    code = "usage.weights_refused"


class ImageError(UsageError):
    """A picture that is refused."""

    code = "image"


class ImageNotFound(ImageError):
    """Nothing is at the path that was given."""

    code = "image.not_found"


class ForbiddenSource(ImageError):
    """A path, a URL or an address that may not be read."""

    code = "image.forbidden_source"


class NotAnImage(ImageError):
    """Not a picture of a known format."""

    code = "image.not_an_image"


class CorruptImage(ImageError):
    """A picture that is cut off or damaged."""

    code = "image.corrupt"


class ImageTooLarge(ImageError):
    """A picture of more bytes, pixels or length than the limits allow."""

    code = "image.too_large"


class FetchFailed(ImageError):
    """A URL that did not answer with a picture."""

    code = "image.fetch_failed"


class EnvironmentLacks(LavrError):
    """The environment lacks something; the remedy is the command that provides it."""

    code = "environment"


class MissingExtra(EnvironmentLacks):
    """A package is not installed."""

    code = "environment.missing_extra"


class MissingModel(EnvironmentLacks):
    """The weights of a model are not there."""

    code = "environment.missing_model"


class LimitReached(LavrError):
    """A run used up its steps, calls, seconds or tokens."""

    code = "limit"


def _tree(root: type[LavrError]) -> Iterator[type[LavrError]]:
    yield root
    for child in root.__subclasses__():
        yield from _tree(child)


def from_json(data: JsonObject) -> LavrError:
    """The error that `to_json` described; one of an unknown code comes back as a plain `LavrError`."""
    kinds = {kind.code: kind for kind in _tree(LavrError)}
    kind = kinds.get(str(data.get("code")), LavrError)
    extra = data.get("data")
    fields = dict(extra) if isinstance(extra, dict) else {}
    return kind(str(data.get("cause", "")), remedy=str(data.get("remedy", "")), **fields)
