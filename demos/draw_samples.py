"""Draw the sample pictures of `demos/images`: a receipt, a sign, a chart, a label with barcodes, a receipt on a desk.

All of them are ours: no photograph, no font file, no third-party picture. `python -m lavr.demos.draw_samples [FOLDER]`
writes them again; a test checks that they are still what the code draws.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import zxingcpp
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from ..errors import MissingExtra
from ..vision.frame import Frame

IMAGES = Path(__file__).parent / "images"
INK = (38, 36, 34)

ITEMS = (("2 x Flat white", "7.60"), ("1 x Almond croissant", "3.90"), ("1 x Orange juice", "4.20"))
SUMS = (("Subtotal", "15.70"), ("VAT 10%", "1.57"), ("TOTAL EUR", "17.27"), ("Cash", "20.00"), ("Change", "2.73"))


def font(size: int) -> ImageFont.FreeTypeFont:
    """Pillow's own scalable font, so that no font file is needed."""
    face = ImageFont.load_default(size)
    if not isinstance(face, ImageFont.FreeTypeFont):
        raise MissingExtra("This Pillow was built without FreeType.", remedy="pip install --force-reinstall pillow")
    return face


def receipt() -> Image.Image:
    """A till receipt of an invented café: 620 x 900, on paper that is not quite white or clean."""
    return _worn(_slip())


def _slip() -> Image.Image:
    """The receipt on clean paper."""
    paper = Image.new("RGB", (620, 900), (250, 248, 243))
    draw = ImageDraw.Draw(paper)
    draw.text((310, 64), "CAFE LUMEN GMBH", INK, font(40), anchor="mm")
    for y, line in ((112, "Lindenstrasse 12, 10969 Berlin"), (144, "Tel. 030 555 0148"), (176, "VAT ID DE123456789")):
        draw.text((310, y), line, INK, font(22), anchor="mm")
    draw.text((50, 232), "Invoice no. 2026-0417", INK, font(24), anchor="lm")
    draw.text((50, 266), "Date 14/03/2026", INK, font(24), anchor="lm")
    draw.text((570, 266), "09:42", INK, font(24), anchor="rm")
    _dashes(draw, 306)
    _rows(draw, ITEMS, top=346, step=44, size=26)
    _dashes(draw, 480)
    _rows(draw, SUMS[:2], top=520, step=42, size=26)
    _rows(draw, SUMS[2:3], top=618, step=0, size=40)
    _rows(draw, SUMS[3:], top=680, step=42, size=26)
    _dashes(draw, 766)
    draw.text((310, 812), "Thank you, see you tomorrow!", INK, font(26), anchor="mm")
    return paper


def _rows(draw: ImageDraw.ImageDraw, rows: tuple[tuple[str, str], ...], *, top: int, step: int, size: int) -> None:
    for index, (name, amount) in enumerate(rows):
        draw.text((50, top + index * step), name, INK, font(size), anchor="lm")
        draw.text((570, top + index * step), amount, INK, font(size), anchor="rm")


def _dashes(draw: ImageDraw.ImageDraw, y: int) -> None:
    for x in range(50, 570, 16):
        draw.line((x, y, x + 8, y), INK, 2)


def _worn(paper: Image.Image) -> Image.Image:
    """Grain and a soft shadow, the same every time."""
    grain = np.random.default_rng(7).normal(0, 3.0, (*paper.size[::-1], 1))
    shadow = np.linspace(0, 14, paper.width)[None, :, None]
    worn = np.clip(np.asarray(paper, dtype=np.float64) + grain - shadow, 0, 255)
    return Image.fromarray(worn.astype(np.uint8)).filter(ImageFilter.GaussianBlur(0.4))


def sign() -> Image.Image:
    """A shop sign: white on a teal board, on a brick-coloured wall, 900 x 600."""
    wall = Image.new("RGB", (900, 600), (176, 92, 70))
    draw = ImageDraw.Draw(wall)
    for row, y in enumerate(range(0, 600, 40)):
        draw.line((0, y, 900, y), (150, 74, 56), 3)
        for x in range(-40 if row % 2 else 0, 900, 80):
            draw.line((x, y, x, y + 40), (150, 74, 56), 3)
    draw.rounded_rectangle((130, 120, 770, 480), 28, (0, 110, 116), (240, 236, 224), 8)
    for y, line, size in (
        (205, "OPEN", 110),
        (315, "Mon - Fri  8:00 - 18:30", 44),
        (395, "No dogs inside, please", 40),
    ):
        draw.text((450, y), line, (255, 255, 255), font(size), anchor="mm")
    return wall


def chart() -> Image.Image:
    """A bar chart of visitors by month: 900 x 600."""
    picture = Image.new("RGB", (900, 600), (255, 255, 255))
    draw = ImageDraw.Draw(picture)
    draw.text((450, 48), "Visitors per month", INK, font(36), anchor="mm")
    colors = ((46, 110, 200), (220, 60, 50), (60, 160, 80), (240, 180, 40))
    for index, (month, count) in enumerate((("January", 120), ("February", 95), ("March", 210), ("April", 180))):
        left = 110 + index * 195
        draw.rectangle((left, 500 - count * 1.8, left + 120, 500), colors[index])
        draw.text((left + 60, 480 - count * 1.8), str(count), INK, font(28), anchor="mm")
        draw.text((left + 60, 530), month, INK, font(28), anchor="mm")
    draw.line((80, 500, 860, 500), INK, 3)
    return picture


def label() -> Image.Image:
    """A parcel label with a Code 128 and a QR code: 800 x 520."""
    picture = Image.new("RGB", (800, 520), (255, 255, 255))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((8, 8, 791, 511), outline=INK, width=4)
    draw.text((40, 60), "LUMEN PARCEL SERVICE", INK, font(34), anchor="lm")
    for y, line in ((116, "To: Ada Example"), (152, "Harbour Road 7"), (188, "20457 Hamburg"), (240, "Weight 2.4 kg")):
        draw.text((40, y), line, INK, font(28), anchor="lm")
    picture.paste(_code("Code128", "LPS-0042-7781", 460, 130), (40, 300))
    draw.text((270, 460), "LPS-0042-7781", INK, font(26), anchor="mm")
    picture.paste(_code("QRCode", "https://example.org/track/0042-7781", 220, 220), (540, 250))
    return picture


def _code(kind: str, text: str, width: int, height: int) -> Image.Image:
    barcode = zxingcpp.create_barcode(text, getattr(zxingcpp.BarcodeFormat, kind))
    return Image.fromarray(np.asarray(barcode.to_image(scale=4))).convert("RGB").resize((width, height))


DESK_CORNERS = ((265.0, 60.0), (596.0, 118.0), (560.0, 628.0), (160.0, 540.0))
"""Where the corners of the receipt lie on the picture of the desk, clockwise from its top left."""


def desk() -> Image.Image:
    """The receipt lying on a desk, seen from the side: 800 x 680."""
    wood = np.linspace((150, 100, 62), (186, 132, 88), 800)[None].repeat(680, axis=0)
    wood[::85] *= 0.7
    table = Image.fromarray(wood.astype(np.uint8))
    shadow = Image.new("L", table.size)
    ImageDraw.Draw(shadow).polygon([(x + 10, y + 14) for x, y in DESK_CORNERS], 130)
    table.paste((40, 24, 12), mask=shadow.filter(ImageFilter.GaussianBlur(9)))
    slip = _slip()
    # Pillow asks where on the receipt each pixel of the table lies, and counts from corners as frames do.
    path = Frame.perspective(slip.size, np.array(DESK_CORNERS)).inverse().to_json()
    lying = [value / path[8] for value in path[:8]]
    sheet, where = (
        part.transform(table.size, Image.Transform.PERSPECTIVE, lying, Image.Resampling.BICUBIC)
        for part in (slip, Image.new("L", slip.size, 255))
    )
    table.paste(sheet, mask=where)
    return table


SAMPLES: dict[str, Callable[[], Image.Image]] = {
    "receipt": receipt,
    "sign": sign,
    "chart": chart,
    "label": label,
    "desk": desk,
}


def main(folder: Path = IMAGES) -> None:
    """Write every sample to `folder` as PNG."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, draw in SAMPLES.items():
        draw().save(folder / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else IMAGES)
