"""`lavr tools`: the tools on a bench: list them, read their cards, run one by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ...errors import InvalidArguments, UnknownTool
from ...jsonable import Json, JsonObject
from ...tools.calls import Observation, ToolCall, ToolResult
from ...tools.tool import Tool
from ...vision.drawing import marked_pictures
from ...vision.image import Image
from ...vision.region import Region
from ...vision.scene import Scene
from ..harmless import harmless, one_line
from ..page_steps import seconds, written
from ..trace_json import plain
from .chatting import described
from .failing import print_json
from .progress import pictured
from .saving import is_cutout, made_pictures, save_pictures
from .screen import answer_screen, progress_screen


def list_tools(*, detector: str = "", as_json: bool) -> None:
    """One line for each tool; then how to get those that are not configured."""
    from ...tools.configured import tools_at_hand, unconfigured

    toolbox = tools_at_hand({"detect": detector})
    if as_json:
        print_json([spec.to_json() for spec in toolbox.specs])
        return
    width = max(map(len, toolbox.names))
    for spec in toolbox.specs:
        answer_screen().print(f"{spec.name:<{width}}  {one_line(spec.card.purpose)}")
    for each in unconfigured(toolbox.names):
        progress_screen().print(f"Not configured: {each.name}. {each.more}", style="dim")


def show_tool(name: str, *, detector: str = "", as_json: bool) -> None:
    """The card of a tool and its arguments. Raises `UnknownTool`."""
    tool = _tool(name, detector)
    if as_json:
        print_json(tool.spec.to_json())
        return
    screen, card = answer_screen(), tool.spec.card
    screen.print(f"{tool.name}: {card.purpose}")
    facts = {
        "Not for": card.avoid,
        "Limits": card.limits,
        "Effect": tool.spec.effect.value,
        "Finds": ", ".join(tool.spec.finds),
        "Runs": f"{tool.host}, at most {tool.timeout_s:g} s",
        "Licence": tool.licence,
        "Example": " ".join(f"{key}={written(value)}" for key, value in card.example.items()),
    }
    for title, text in facts.items():
        if text:
            screen.print(f"  {title + ':':<9} {text}")
    for argument in tool.parameters.names:
        screen.print(f"  {_argument(tool, argument)}")


def run_tool(name: str, words: Sequence[str], *, detector: str = "", as_json: bool, folder: Path | None) -> None:
    """Run a tool on arguments written as `key=value`.

    Raises:
        LavrError: for a tool, an argument or a picture that is refused, and for whatever the tool failed with.
    """
    from ...tools.registry import Toolbox
    from ...tools.runner import ToolRunner

    tool = _tool(name, detector)
    scene = Scene()
    call = ToolCall("c1", name, arguments_of(tool, words, scene))
    runner = ToolRunner(Toolbox([tool]))
    try:
        result = runner.run(call, scene)
    finally:
        runner.close()
    if result.error is not None:
        raise result.error
    given = result.observation or Observation()
    observation = _taken_in(given, scene)
    saved = _saved(observation, folder, marks=not given.marked) if folder is not None else []
    if as_json:
        print_json(_as_plain(result, observation, saved))
    else:
        _print(result, observation, saved)


def arguments_of(tool: Tool, words: Sequence[str], scene: Scene) -> JsonObject:
    """`key=value` words as the arguments of a call; pictures are opened and taken into the scene.

    Raises:
        InvalidArguments: for a word without `=`, or a region before there is a picture for it.
        ImageError: for a picture that is refused.
    """
    given: dict[str, str] = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals:
            raise InvalidArguments(
                f"{word!r} is no argument.",
                remedy=f"Write key=value; {tool.name} takes {', '.join(tool.parameters.names)}.",
            )
        given[key] = value
    kinds = {key: _kind(tool, key) for key in given}
    # Pictures first: a region lies on one.
    read = {key: _value(kinds[key], given[key], scene) for key in sorted(given, key=lambda key: kinds[key] != "image")}
    return {key: read[key] for key in given}


def _value(kind: str, text: str, scene: Scene) -> Json:
    if kind == "image":
        handles = [scene.add_image(Image.open(path, store=scene.store)).handle for path in _paths(text)]
        return handles[0] if len(handles) == 1 else list(handles)
    if kind == "region":
        handles = [_region(part, scene) for part in text.split(";")]
        return handles[0] if len(handles) == 1 else list(handles)
    if kind == "string":
        return text
    try:
        if kind in {"xyxy", "xy"} and not text.startswith("["):
            several: list[Json] = [json.loads(f"[{part}]") for part in text.split(";")]
            return several[0] if len(several) == 1 else several
        value: Json = json.loads(text)
    except ValueError:
        return text
    return value


def _paths(text: str) -> list[str]:
    """One path, or several with commas between where that names no file."""
    return [text] if Path(text).exists() or "," not in text else [part.strip() for part in text.split(",")]


def _region(text: str, scene: Scene) -> str:
    if not scene.images:
        raise InvalidArguments("A region lies on a picture.", remedy="Give a picture as well: image=photo.jpg")
    try:
        left, top, right, bottom = (float(part) for part in text.strip("[]").split(","))
    except ValueError as error:
        raise InvalidArguments(
            f"{text!r} is no region.", remedy="Give left,top,right,bottom in pixels, and ; between several."
        ) from error
    return scene.add_region(Region(scene.images[0], (left, top, right, bottom))).handle


def _kind(tool: Tool, name: str) -> str:
    """What the schema says of an argument: `image`, `region`, `xyxy`, `xy`, `string`, or empty for anything else."""
    schema = _properties(tool).get(name, {})
    options: list[Mapping[str, Any]] = [schema, *schema.get("anyOf", ())]
    options += [option["items"] for option in options if isinstance(option.get("items"), Mapping)]
    formats = [str(option["format"]) for option in options if "format" in option]
    if formats:
        return formats[0]
    types = {option.get("type") for option in options} - {None, "null"}
    return "string" if types == {"string"} else ""


def _properties(tool: Tool) -> Mapping[str, Mapping[str, Any]]:
    found: Any = tool.spec.parameters.get("properties", {})
    return found if isinstance(found, dict) else {}


def argument_facts(tool: Tool, name: str) -> tuple[str, str]:
    """What an argument of a tool takes, and what it is when it is left out, both in words."""
    schema = _properties(tool).get(name, {})
    kind = _kind(tool, name) or "/".join(
        str(option.get("type", "any")) for option in schema.get("anyOf", [schema]) if option.get("type") != "null"
    )
    if "enum" in schema:
        kind = " | ".join(map(str, schema["enum"]))
    if kind in ("image", "region") and any("items" in option for option in (schema, *schema.get("anyOf", ()))):
        kind += "s"
    default = schema.get("default")
    usual = f"default {json.dumps(default)}" if default not in (None, "", []) else "optional"
    return kind, "required" if name in tool.parameters.required else usual


def _argument(tool: Tool, name: str) -> str:
    return f"{name} ({', '.join(argument_facts(tool, name))}): {tool.parameters.describe(name)}".removesuffix(": ")


def _tool(name: str, detector: str) -> Tool:
    """A tool by its name. Raises `UnknownTool`, which says how to get one that is not configured."""
    from ...tools.configured import tools_at_hand, unconfigured

    toolbox = tools_at_hand({"detect": detector})
    for each in unconfigured(toolbox.names):
        if each.name == name:
            raise UnknownTool(f"The tool {name!r} is not configured.", remedy=each.more, tool=name)
    return toolbox.get(name)


def _taken_in(observation: Observation, scene: Scene) -> Observation:
    """The observation with the handles that a session would give it."""
    images = [scene.add_image(image) for image in observation.images]
    regions = tuple(scene.add_region(region) for region in observation.regions)
    if observation.marked:
        images += [scene.add_image(picture) for picture in marked_pictures(regions)]
    return replace(observation, images=tuple(images), regions=regions, marked=False)


def _saved(observation: Observation, folder: Path, *, marks: bool) -> list[str]:
    """Write the pictures, and with `marks` each picture with regions on it once more, with its marks; the files."""
    from ...vision.drawing import draw_marks

    pictures = made_pictures([observation])
    found = [region for region in observation.regions if marks and not is_cutout(region)]
    for image in dict.fromkeys(region.image for region in found):
        marked = draw_marks(image, [region for region in found if region.image == image])
        pictures[f"{image.handle}-marked"] = marked.image.pil()
    return save_pictures(pictures, folder)


def _as_plain(result: ToolResult, observation: Observation, saved: Sequence[str]) -> Json:
    return plain(
        {
            "tool": result.call.name,
            "arguments": result.call.arguments,
            "text": observation.text,
            "regions": [region.to_json() for region in observation.regions],
            "images": [image.to_json() for image in observation.images],
            "data": observation.data,
            "notes": result.notes,
            "seconds": result.seconds,
            "saved": saved,
        }
    )


def _print(result: ToolResult, observation: Observation, saved: Sequence[str]) -> None:
    answer, progress = answer_screen(), progress_screen()
    if observation.text:
        answer.print(harmless(observation.text))
    for region in observation.regions:
        progress.print(f"  {described(region)}", style="cyan")
    for image in observation.images:
        progress.print(f"▣ {pictured(image)}", style="cyan")
    for note in result.notes:
        progress.print(f"! {one_line(note)}", style="yellow")
    for path in saved:
        progress.print(f"Saved {harmless(path)}", style="dim")
    progress.print(f"  {seconds(result.seconds)}", style="dim")
