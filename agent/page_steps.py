"""The steps on the page: what was thought, called, seen, refused and limited."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from ..errors import LavrError
from ..jsonable import Json
from ..tools.calls import Observation, ToolCall, ToolResult
from ..vision.image import Image
from ..vision.region import Region
from .harmless import one_line
from .markup import Child, Markup, element
from .page_figures import Layer, figure, overflow
from .page_pictures import Pictures
from .trace import Step
from .trace_json import plain

MOST_TEXT = 20_000
MOST_ROWS = 500
CELL_CHARACTERS = 400


def step_section(step: Step, pictures: Pictures, prefix: str) -> Markup:
    """One step; `prefix` makes the ids of its calls unique on the page."""
    return element("li", element("h3", f"Step {step.number}"), step_parts(step, pictures, prefix), class_="step")


def step_parts(step: Step, pictures: Pictures, prefix: str, *, running: bool = False) -> list[Child]:
    """What happened in a step: the thought, the calls, what they gave. `running`: it is not over."""
    shown = {event.image.handle for event in step.images}
    given = [event.image for event in step.images if not event.call_id]
    return [
        element("p", step.thought, class_="thought", dir="auto") if step.thought else None,
        _looked_at(given),
        [_refusal(error) for error in step.refused],
        [_call(result, pictures, prefix, shown) for result in step.results],
        [_unanswered(call, running) for call in step.unanswered],
        [element("p", element("b", "Limit reached: "), hit.message, class_="notice limit") for hit in step.limits],
        element("p", "The answer was given.", class_="notice") if step.decision and step.decision.answer else None,
    ]


def error_notice(error: LavrError, title: str) -> Markup:
    """An error as people should see it: its kind, what happened, what to do."""
    return element(
        "div",
        element("p", element("b", title), " ", element("code", error.name), class_="error-title"),
        element("p", _cut(error.cause), dir="auto"),
        element("p", "→ ", _cut(error.remedy), class_="remedy", dir="auto") if error.remedy else None,
        class_="notice error",
        role="note",
    )


def seconds(value: float) -> str:
    """A duration for people: `0.4 ms`, `37 ms`, `1.24 s`."""
    if value >= 1:
        return f"{value:.2f} s"
    return f"{value * 1000:.0f} ms" if value >= 0.001 else f"{value * 1000:.1f} ms"


def _looked_at(images: Sequence[Image]) -> Markup | None:
    if not images:
        return None
    return element("p", "Looked at ", ", ".join(image.handle for image in images), ".", class_="notice")


def _refusal(error: LavrError) -> Markup:
    return error_notice(error, "The planner was asked again:")


def _unanswered(call: ToolCall, running: bool) -> Markup:
    parts = [
        _head(call, []),
        _arguments(call.arguments),
        element("p", "Running …" if running else "The run ended before this call did."),
    ]
    return element("article", parts, class_="call running" if running else "call")


def _call(result: ToolResult, pictures: Pictures, prefix: str, shown: set[str]) -> Markup:
    tags = [element("span", seconds(result.seconds), class_="tag")]
    if result.cached:
        tags.append(element("span", "cached", class_="tag"))
    if result.error is not None:
        tags.append(element("span", "failed", class_="tag bad"))
    parts: list[Markup | None] = [
        _head(result.call, tags),
        _arguments(result.call.arguments),
        _notes(result.notes) if result.notes else None,
        error_notice(result.error, "Failed:") if result.error is not None else None,
    ]
    if result.observation is not None:
        parts += _observation(result.observation, pictures, shown)
    classes = "call failed" if result.error is not None else "call"
    return element("article", parts, class_=classes, id=f"{prefix}{result.call.id}", data_scope=True)


def _head(call: ToolCall, tags: Sequence[Markup]) -> Markup:
    name = element("h4", element("bdi", one_line(call.name, 80)))
    return element("header", name, element("span", call.id, class_="tag id"), tags)


def _notes(notes: Sequence[str]) -> Markup:
    return element("ul", [element("li", _cut(note), dir="auto") for note in notes], class_="notes")


def _arguments(arguments: Mapping[str, Json]) -> Markup | None:
    if not arguments:
        return None
    pairs = [
        element("div", element("dt", one_line(name, 60)), element("dd", one_line(written(value), 2000), dir="auto"))
        for name, value in arguments.items()
    ]
    return element("dl", pairs, class_="arguments")


def written(value: Json) -> str:
    """An argument as people write it: text as it is, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(plain(value), ensure_ascii=False)


def _observation(observation: Observation, pictures: Pictures, shown: set[str]) -> list[Markup | None]:
    return [
        _text(observation),
        element("div", _figures(observation, pictures, shown), class_="figures"),
        _table(observation.regions),
        _data(observation.data),
    ]


def _text(observation: Observation) -> Markup | None:
    if not observation.text.strip():
        return None
    badge = element("span", "text out of the picture: data, not instructions", class_="untrusted")
    return element(
        "div",
        badge if observation.untrusted else None,
        element("pre", _cut(observation.text), tabindex=0, dir="auto", role="region", aria_label="Result"),
        class_="result",
    )


def _figures(observation: Observation, album: Pictures, shown: set[str]) -> list[Markup]:
    by_picture: dict[tuple[str, str], list[Region]] = {}
    pictures = {(image.handle, image.digest): image for image in observation.images}
    for region in observation.regions:
        key = (region.image.handle, region.image.digest)
        by_picture.setdefault(key, []).append(region)
        pictures.setdefault(key, region.image)
    figures = []
    for key, image in pictures.items():
        regions = by_picture.get(key, [])
        notes = ["shown to the planner" if image.handle in shown else "", overflow(regions)]
        layers = [Layer("regions", regions)] if regions else []
        figures.append(figure(album, image, layers, note=", ".join(note for note in notes if note)))
    return figures


def _table(regions: Sequence[Region]) -> Markup | None:
    if not regions:
        return None
    head = element("tr", [element("th", title, scope="col") for title in ("Region", "Label", "Text", "Score", "Box")])
    rows = [_row(region) for region in regions[:MOST_ROWS]]
    more = element("p", f"{len(regions) - MOST_ROWS} more are not listed.") if len(regions) > MOST_ROWS else None
    count = "1 region" if len(regions) == 1 else f"{len(regions)} regions"
    table = element("table", element("thead", head), element("tbody", rows))
    scroller = element("div", table, class_="scroller", tabindex=0, role="region", aria_label="Regions")
    return element("details", element("summary", count), scroller, more)


def _row(region: Region) -> Markup:
    box = ", ".join(f"{value:.0f}" for value in region.xyxy)
    score = "" if region.score is None else f"{region.score:.2f}"
    text = element("td", one_line(region.text or "", CELL_CHARACTERS), class_="text", dir="auto")
    cells = [element("td", region.label), text, element("td", score), element("td", f"{box} on {region.image.handle}")]
    return element("tr", element("th", region.handle, scope="row"), cells, data_key=region.handle)


def _data(data: Json) -> Markup | None:
    if data is None or data in ({}, []):
        return None
    text = json.dumps(plain(data), indent=1, ensure_ascii=False)
    block = element("pre", _cut(text), tabindex=0, role="region", aria_label="Data")
    return element("details", element("summary", "Data"), block)


def _cut(text: str) -> str:
    if len(text) <= MOST_TEXT:
        return text
    return f"{text[:MOST_TEXT]}\n… {len(text) - MOST_TEXT} more characters"
