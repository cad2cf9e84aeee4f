"""Figures of the page: a picture, the layers of regions over it, and the switches for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..vision.image import Image
from ..vision.region import Region
from .harmless import one_line
from .markup import Markup, element
from .page_pictures import Pictures, outline

COLUMN_WH = (590, 736)  # CSS pixels that a picture has on a wide screen; keep in step with trace.css
SMALL_SIDE = 400
SMALL_SHOWN = 416
TALL = 2.2
HANDLE_SIZE = 14
MOST_OUTLINES = 1500
MOST_HANDLES = 80
HINT_CHARACTERS = 280


@dataclass(frozen=True, slots=True)
class Layer:
    """Regions that are switched on and off together; all of them on the picture of the figure.

    Attributes:
        title: what the switch says.
        regions: in the pixels of the picture.
        kind: `evidence` or `found`: how they are drawn.
        on: whether they are drawn at first.
    """

    title: str
    regions: Sequence[Region]
    kind: str = "found"
    on: bool = True


def figure(pictures: Pictures, image: Image, layers: Sequence[Layer] = (), *, note: str = "") -> Markup:
    """A picture with its layers; a line in its place when the pixels are gone."""
    picture = pictures.use(image)
    width, height = image.size_wh
    if picture is None:
        gone = "The pixels of this picture were not kept with the trace."
        return element("figure", element("p", gone, class_="gone"), caption(image, note), class_="figure")
    kind, scale = _shown(image)
    drawn = [_layer(layer, HANDLE_SIZE / scale) for layer in layers]
    canvas = element(
        "svg",
        picture,
        drawn,
        viewBox=f"0 0 {width} {height}",
        width=width,
        height=height,
        class_=f"picture {kind}".strip(),
        role="group",
        aria_label=f"{image.handle or 'Picture'}: {image.name or 'unnamed'}, {width} by {height} pixels",
        data_width=width,
        data_height=height,
    )
    return element(
        "figure",
        element("div", canvas, class_="canvas", tabindex=0 if kind == "tall" else None),
        _switches(layers),
        caption(image, note),
        class_="figure",
        data_image=image.handle,
    )


def _shown(image: Image) -> tuple[str, float]:
    """How a picture is laid out, and the scale at which a wide screen shows it."""
    width, height = image.size_wh
    if max(width, height) < SMALL_SIDE:
        return "small", SMALL_SHOWN / max(width, height)
    if height > TALL * width:
        return "tall", min(1.0, COLUMN_WH[0] / width)
    return "", min(1.0, COLUMN_WH[0] / width, COLUMN_WH[1] / height)


def caption(image: Image, note: str = "") -> Markup:
    """Handle, name and size of a picture."""
    size = f"{image.size_wh[0]} × {image.size_wh[1]} px"
    name = element("bdi", one_line(image.name, 80)) if image.name else None
    parts = [element("b", image.handle) if image.handle else None, name, size, note or None]
    return element("figcaption", [element("span", part) for part in parts if part])


def _layer(layer: Layer, size: float) -> Markup:
    regions = layer.regions[:MOST_OUTLINES]
    shapes = [_shape(region, reachable=layer.kind == "evidence") for region in regions]
    names = [_name(region, size) for region in regions] if len(regions) <= MOST_HANDLES else []
    classes = f"layer {layer.kind}" + ("" if layer.on else " off")
    return element("g", shapes, element("g", names, class_="names"), class_=classes, data_layer=layer.title)


def _shape(region: Region, *, reachable: bool) -> Markup:
    text = one_line(region.text or "", HINT_CHARACTERS)
    score = "" if region.score is None else f"{region.score:.2f}"
    said = ", ".join(part for part in (region.handle, region.label, score and f"score {score}", text) if part)
    return element(
        "path",
        d=outline(region),
        class_="region",
        role="img",
        tabindex=0 if reachable else None,
        aria_label=said or "region",
        data_key=region.handle,
        data_handle=region.handle,
        data_label=one_line(region.label, 80),
        data_score=score,
        data_text=text,
    )


def _name(region: Region, size: float) -> Markup:
    left, top = region.xyxy[0], region.xyxy[1]
    above = top - size * 0.25 if top > size * 1.25 else top + size
    return element(
        "text", region.handle, x=f"{left:.1f}", y=f"{above:.1f}", font_size=f"{size:.1f}", data_key=region.handle
    )


def _switches(layers: Sequence[Layer]) -> Markup | None:
    if not layers:
        return None
    chips = [
        _switch(f"{layer.title} · {len(layer.regions)}", checked=layer.on, kind=layer.kind, layer=layer.title)
        for layer in layers
    ]
    chips.append(_switch("handles", checked=True, kind="names", layer=None))
    return element("div", chips, class_="switches", role="group", aria_label="Layers of the picture")


def _switch(title: str, *, checked: bool, kind: str, layer: str | None) -> Markup:
    box = element(
        "input", type="checkbox", checked=checked, data_layer=layer, data_names=layer is None, autocomplete="off"
    )
    return element("label", box, element("span", title), class_=f"switch {kind}")


def overflow(regions: Sequence[Region]) -> str:
    """A word about outlines that are not drawn, or nothing."""
    hidden = len(regions) - MOST_OUTLINES
    return f"{hidden} more are not drawn" if hidden > 0 else ""
