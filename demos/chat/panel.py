"""The pictures beside the conversation: what was found on them, what the answer rests on, what was pointed at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from operator import is_

from ...agent.answer import Evidence
from ...agent.harmless import one_line
from ...agent.markup import Markup, element
from ...agent.page import layers
from ...agent.page_figures import Layer, figure
from ...errors import InvalidRegion, UsageError
from ...jsonable import Json
from ...vision.image import Image
from ...vision.region import Region
from .addresses import Served, of_room
from .room import Room

MOST_POINTED = 8
MOST_CUTOUTS = 6


def sheets(room: Room) -> list[list[str]]:
    """One sheet for each picture: its lineage, which the same picture sent twice does not share, and its HTML.

    A sheet is drawn anew only when something that it shows is new.
    """
    images, shown = room.images, _shown(room)
    drawn: dict[str, tuple[list[object], str]] = {}
    for key, image in images.items():
        basis = [image, *shown[""], *shown[image.lineage]]
        known, html = room.sheets.get(key, ([], ""))
        same = len(known) == len(basis) and all(map(is_, known, basis))
        drawn[key] = (basis, html if same else _sheet(key, image, room))
    room.sheets = drawn
    return [[image.lineage, drawn[key][1]] for key, image in images.items()]


def _shown(room: Room) -> dict[str, list[object]]:
    """What is shown on the pictures of each lineage; what is shown on all of them is under the empty one."""
    answers = [turn.answer for turn in room.turns if turn.answer]
    shown: dict[str, list[object]] = defaultdict(list)
    shown[""] = [room.turns[-1].answer if room.turns else None, answers[-1] if answers else None]
    for answer in answers:
        for lineage in {piece.region.image.lineage for piece in answer.evidence if piece.region}:
            shown[lineage].append(answer)
    for result in room.turns[-1].facts.results if room.turns else ():
        for lineage in {region.image.lineage for region in (result.observation.regions if result.observation else ())}:
            shown[lineage].append(result)
    for region in room.pointed:
        shown[region.image.lineage].append(region)
    return shown


def tabs(room: Room) -> str:
    """A button for each picture, to change between them; nothing for one."""
    images = room.images
    if len(images) < 2:
        return ""
    return element("div", [_tab(key, image, room) for key, image in images.items()], class_="tabs", role="tablist")


def focus(room: Room) -> str:
    """The last answer and the picture that it rests on, which is shown when the answer comes; empty for none."""
    turn = room.turns[-1] if room.turns else None
    cited = [piece.image for piece in turn.answer.evidence if piece.image] if turn and turn.answer else []
    return f"{turn.number} {cited[0].lineage}" if turn and cited else ""


def _tab(key: str, image: Image, room: Room) -> Markup:
    name = one_line(image.name, 60)
    return element(
        "button",
        element("img", src=of_room(room.key, "thumb", image.digest), alt=""),
        element("span", image.handle or "new"),
        type="button",
        role="tab",
        data_picture=image.lineage,
        aria_label=f"{image.handle or key} {name}".strip(),
        title=name,
    )


def _sheet(key: str, image: Image, room: Room) -> Markup:
    drawn = [layer for layer in _layers(image, room) if layer.regions]
    shown = figure(Served(room.key), image, drawn, note="" if image.handle else "goes with your next question")
    return element("section", shown, _takes(image, room), class_="sheet", data_picture=image.lineage, data_sheet=key)


def _layers(image: Image, room: Room) -> list[Layer]:
    evidence = [list(turn.answer.evidence) for turn in room.turns if turn.answer]
    last = room.turns[-1].facts.results if room.turns else ()
    current = evidence[-1] if evidence and room.turns[-1].answer else []
    cited = {piece.handle for piece in current}
    earlier = [piece for pieces in evidence for piece in pieces if piece.handle not in cited]
    found = layers(image, current, last)
    pointed = [region for region in _marked(room.pointed) if region.image.lineage == image.lineage]
    return [
        *found,
        Layer("earlier evidence", _places(earlier, image), on=False),
        Layer("this one", [region.on(image) for region in pointed], kind="pointed"),
    ]


def _places(evidence: Sequence[Evidence], image: Image) -> list[Region]:
    places = {piece.handle: piece.region for piece in evidence if piece.region is not None}
    return [region.on(image) for region in places.values() if region.image.lineage == image.lineage]


def _marked(regions: Sequence[Region]) -> list[Region]:
    """Regions that were pointed at, each with a word for it until it has a handle."""
    return [region if region.handle else replace(region, handle="this one") for region in regions]


def _takes(image: Image, room: Room) -> Markup | None:
    """What can be downloaded."""
    if not image.handle:
        return None
    links = list(_links(image, room))
    return element("p", "Download: ", [[link, " "] for link in links], class_="takes")


def _links(image: Image, room: Room) -> Iterator[Markup]:
    yield _link("picture with marks", of_room(room.key, "overlay", f"{image.handle}.png"))
    answered = [turn.answer for turn in room.turns if turn.answer]
    regions = _places(answered[-1].evidence, image) if answered else []
    for region in regions[:MOST_CUTOUTS]:
        yield _link(f"cut-out of {region.handle}", of_room(room.key, "cutout", f"{region.handle}.png"))
    yield _link("trace", of_room(room.key, "trace.html"))


def _link(title: str, address: str) -> Markup:
    return element("a", title, href=address, download=True)


def chips(room: Room) -> str:
    """What goes with the next question, each with a button that takes it away."""
    pictures = [_picture_chip(key, image, room) for key, image in room.pending.items()]
    places = [_place_chip(number, region) for number, region in enumerate(room.pointed)]
    return element("div", [*pictures, *places], class_="chips") if pictures or places else ""


def _picture_chip(key: str, image: Image, room: Room) -> Markup:
    name = one_line(image.name, 40) or "picture"
    thumb = element("img", src=of_room(room.key, "thumb", image.digest), alt="")
    return _chip([thumb, name], f"Take {name} away", key)


def _place_chip(number: int, region: Region) -> Markup:
    said = _words(region)
    return _chip([element("b", region.handle or "this one"), said], f"Take {said} away", f"place_{number}")


def _words(region: Region) -> str:
    where = region.image.handle or one_line(region.image.name, 30)
    return f"“{one_line(region.text, 30)}”" if region.text else f"a {region.label or 'place'} on {where}"


def _chip(shown: Sequence[Markup | str], says: str, key: str) -> Markup:
    away = element("button", "×", type="button", data_away=key, aria_label=says)
    return element("span", [[part, " "] for part in shown], away, class_="chip")


def take_away(room: Room, key: str) -> str:
    """Take a picture or a place out of what goes with the next question. What is not there is ignored.

    Returns what a screen reader is told.
    """
    number = key.removeprefix("place_")
    if key in room.pending:
        room.take_away(key)
    elif number.isdigit() and int(number) < len(room.pointed):
        del room.pointed[int(number)]
    return "Taken away."


def point_at(room: Room, said: Mapping[str, Json]) -> str:
    """Take in what a visitor points at. Returns what a screen reader is told.

    Args:
        room: where.
        said: the picture's key in `room.images`, and a `handle` of a region, an `xyxy`, or an `x` and a `y`.

    Raises:
        LavrError: when there is no such picture or region, or the place is none.
    """
    region = _pointed(room, said)
    if region not in room.pointed:
        room.pointed.append(region)
        del room.pointed[:-MOST_POINTED]
    return f"Pointing at {_words(region)}. Ask about this one."


def _pointed(room: Room, said: Mapping[str, Json]) -> Region:
    known = room.regions.get(str(said.get("handle", "")))
    if known is not None:
        return known
    image = room.images.get(str(said.get("picture", "")))
    if image is None:
        raise UsageError("That picture is not here any more.", remedy="Point at one that is.")
    box, x, y = said.get("xyxy"), said.get("x"), said.get("y")
    if isinstance(box, list) and len(box) == 4:
        left, top, right, bottom = (_number(value) for value in box)
        return Region(image, (left, top, right, bottom), "box").clipped()
    return Region.at(image, (_number(x), _number(y)))


def _number(value: Json) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise InvalidRegion("A place is made of numbers.", remedy="Point again.")
    return float(value)
