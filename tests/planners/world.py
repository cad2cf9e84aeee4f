"""A small world for planners: pictures whose contents are known, tools that look them up, and the loop."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

import numpy as np

from lavr.errors import ToolFailed
from lavr.jsonable import Json
from lavr.planners.base import Conversation, Decision, Draft, Kind, Message, Role, silent
from lavr.planners.builtin import BuiltinPlanner
from lavr.planners.testing import asked, continued
from lavr.tools.calls import Observation, ToolCall, ToolResult
from lavr.tools.spec import ToolCard, ToolSpec
from lavr.vision.image import Image
from lavr.vision.region import Region
from lavr.vision.scene import Scene

IMAGE: Json = {"type": "string", "format": "image"}


def spec(name: str, *, finds: tuple[str, ...] = (), image: str = "image", **properties: Json) -> ToolSpec:
    """A spec with a picture and other parameters."""
    known: dict[str, Json] = {image: IMAGE, **properties}
    return ToolSpec(name, ToolCard(name), {"type": "object", "properties": known, "required": [image]}, finds=finds)


SPECS = (
    spec("ocr", region={"type": "string", "default": None}),
    spec("color"),
    spec("barcode"),
    spec("compare"),
    spec("calculate"),
    spec("zoom"),
    spec("look"),
    spec("mark"),
    spec("measure"),
)
FINDER = spec("find_shapes", finds=("circle", "triangle", "rectangle"), image="picture")


@dataclass
class World:
    """Pictures and what is on them; runs calls as the agent would."""

    scene: Scene = field(default_factory=Scene)
    lines: dict[str, list[tuple[str, tuple[float, float, float, float]]]] = field(default_factory=dict)
    shapes: dict[str, list[tuple[str, str, tuple[float, float, float, float]]]] = field(default_factory=dict)
    hidden: dict[str, list[tuple[str, str, tuple[float, float, float, float]]]] = field(default_factory=dict)
    codes: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    colors: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    more: Mapping[str, Callable[[World, Mapping[str, Json]], Observation]] = field(default_factory=dict)
    calls: list[ToolCall] = field(default_factory=list)

    def image(self, lines: Sequence[str] = (), *, name: str = "", size_wh: tuple[int, int] = (600, 800)) -> Image:
        """A picture with lines of text, one below the other."""
        rows = [(text, (40.0, 40.0 + 40 * at, 40.0 + 12 * len(text), 66.0 + 40 * at)) for at, text in enumerate(lines)]
        pixels = np.full((size_wh[1], size_wh[0], 3), len(self.scene.images), np.uint8)
        image = self.scene.add_image(Image.of(pixels, name=name))
        self.lines[image.handle] = rows
        return image

    def place(self, image: Image, text: str, xyxy: tuple[float, float, float, float]) -> None:
        """Write a text at a place."""
        self.lines[image.handle].append((text, xyxy))

    def draw(self, image: Image, label: str, color: str, xyxy: tuple[float, float, float, float]) -> None:
        """Draw a shape."""
        self.shapes.setdefault(image.handle, []).append((label, color, xyxy))

    def ask(
        self,
        question: str,
        *images: Image,
        after: Conversation | None = None,
        tools: Sequence[ToolSpec] = (*SPECS, FINDER),
    ) -> Asked:
        """Ask the built-in planner and run what it calls until it answers."""
        conversation = asked(question, images)
        if after is not None:
            conversation = after.extended(conversation.messages)
        made: list[ToolCall] = []
        thoughts: list[str] = []
        for step in range(8):
            decision = BuiltinPlanner().decide(conversation, tools if step < 7 else (), emit=silent)
            thoughts.append(decision.thought)
            if decision.answer is not None:
                last = Message(Role.PLANNER, Kind.DECISION, decision=decision)
                return Asked(decision.answer, tuple(made), tuple(thoughts), conversation.extended([last]))
            made += decision.calls
            conversation = continued(conversation, decision, [self.run(call) for call in decision.calls])
        raise AssertionError(f"No answer to {question!r}; it called {[call.to_json() for call in made]}")

    def run(self, call: ToolCall) -> ToolResult:
        """One call; regions and pictures of its result get handles."""
        self.calls.append(call)
        if call.name in self.broken:
            return ToolResult(call, error=ToolFailed(f"{call.name} is broken.", remedy="Repair it."))
        seen = {**RUN, **self.more}[call.name](self, call.arguments)
        regions = tuple(map(self.scene.add_region, seen.regions))
        images = tuple(map(self.scene.add_image, seen.images))
        return ToolResult(call, replace(seen, regions=regions, images=images))

    def given(self, arguments: Mapping[str, Json]) -> Image:
        """The picture a call names."""
        return self.scene.image(str(arguments.get("image", arguments.get("picture", ""))))


@dataclass(frozen=True)
class Asked:
    """An answer and the way to it."""

    draft: Draft
    calls: tuple[ToolCall, ...]
    thoughts: tuple[str, ...]
    conversation: Conversation

    @property
    def names(self) -> list[str]:
        """The tools that were called, in order."""
        return [call.name for call in self.calls]

    def cited(self, world: World) -> set[str]:
        """The texts or labels of the regions that are cited."""
        handles = {region.handle: region for region in world.scene.regions}
        regions = [handles[one.handle] for one in self.draft.citations if one.handle in handles]
        return {region.text or region.label for region in regions}


def _ocr(world: World, arguments: Mapping[str, Json]) -> Observation:
    image = world.given(arguments)
    regions = [
        Region(image, xyxy, "line", 0.9, text, attributes={"row": round(xyxy[1] / 40)})
        for text, xyxy in world.lines.get(image.handle, [])
    ]
    return Observation("\n".join(region.text or "" for region in regions), tuple(regions), untrusted=True)


def _color(world: World, arguments: Mapping[str, Json]) -> Observation:
    handle = str(arguments.get("region", ""))
    key = handle or str(arguments["image"])
    if handle:
        region = world.scene.region(handle)
        shapes = world.shapes.get(region.image.handle, [])
        named = [color for label, color, xyxy in shapes if label == region.label and xyxy == region.xyxy]
        known = world.colors.get(handle) or world.colors.get(region.text or "", [("white", "white")])
        colors = [(color, color) for color in named if color] or known
    else:
        colors = world.colors.get("box" if "box" in arguments else key, [("maroon", "red"), ("teal", "green")])
    rows: list[Json] = [{"name": name, "basic": basic, "hex": "#000000", "share": 0.5} for name, basic in colors]
    background: Json = None if handle else {"name": "white", "basic": "white", "share": 0.8}
    return Observation("colors", data={"colors": rows, "background": background})


def _barcode(world: World, arguments: Mapping[str, Json]) -> Observation:
    image = world.given(arguments)
    codes = world.codes.get(image.handle, [])
    boxes = [(10.0, 10.0 + 50 * at, 50.0, 50.0 + 50 * at) for at in range(len(codes))]
    regions = [Region(image, box, label, text=text) for box, (label, text) in zip(boxes, codes, strict=True)]
    return Observation("codes", tuple(regions), untrusted=True)


def _shapes(world: World, arguments: Mapping[str, Json]) -> Observation:
    image = world.given(arguments)
    found = world.shapes.get(image.handle, [])
    return Observation("shapes", tuple(Region(image, xyxy, label) for label, _, xyxy in found))


def _compare(world: World, arguments: Mapping[str, Json]) -> Observation:
    a, b = (world.scene.image(str(arguments[key])) for key in ("a", "b"))
    if world.lines[a.handle] == world.lines[b.handle]:
        return Observation("They do not differ.", data={"same": True})
    places = tuple(Region(image, (10.0, 10.0, 20.0, 20.0), "difference") for image in (a, b))
    return Observation("They differ in 1 place.", places, data={"same": False})


def _calculate(world: World, arguments: Mapping[str, Json]) -> Observation:
    value = _evaluate(ast.parse(str(arguments["expression"]), mode="eval").body)
    return Observation(str(value), data={"value": str(value)})


def _evaluate(node: ast.expr) -> Decimal:
    if isinstance(node, ast.BinOp):
        return _OPERATORS[type(node.op)](_evaluate(node.left), _evaluate(node.right))
    if isinstance(node, ast.Call):
        return abs(_evaluate(node.args[0]))
    assert isinstance(node, ast.Constant)
    return Decimal(str(node.value))


_OPERATORS: dict[type[ast.operator], Callable[[Decimal, Decimal], Decimal]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b,
}


def _picture(world: World, arguments: Mapping[str, Json]) -> Observation:
    image = world.given(arguments)
    return Observation(
        "shown", images=(image.derive(image.pixels()[:10, :10], image.frame, f"part of {image.handle}"),)
    )


def _measure(world: World, arguments: Mapping[str, Json]) -> Observation:
    return Observation("The centres are 40.0 pixels apart.", data={"distance": 40.0})


RUN: dict[str, Callable[[World, Mapping[str, Json]], Observation]] = {
    "ocr": _ocr,
    "color": _color,
    "barcode": _barcode,
    "find_shapes": _shapes,
    "compare": _compare,
    "calculate": _calculate,
    "zoom": _picture,
    "look": _picture,
    "mark": _picture,
    "measure": _measure,
}


def decision_of(conversation: Conversation, tools: Sequence[ToolSpec] = SPECS) -> Decision:
    """What the built-in planner does next."""
    return BuiltinPlanner().decide(conversation, tools, emit=silent)
