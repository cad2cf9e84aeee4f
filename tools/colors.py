"""What people call a colour: the nearest of some 390 named shades, in a space where distance is what the eye sees.

Each shade belongs to a name in everyday use ("teal", "navy", "red") and that to one of the eleven basic colour terms
(B. Berlin, P. Kay: Basic Color Terms, 1969). The shades are those of the XKCD colour survey, 222,500 people naming what
they saw (https://xkcd.com/color/rgb.txt, CC0), and the CSS names (https://www.w3.org/TR/css-color-4/#named-colors),
without those that no one would use unasked, with a few even grays between, and
sorted into names by hand. Distances are Euclidean in OKLab
(B. Ottosson, 2020, https://bottosson.github.io/posts/oklab/).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

BASIC = ("black", "white", "gray", "red", "orange", "yellow", "green", "blue", "purple", "pink", "brown")
"""The basic colour terms of English."""

BASIC_OF = {
    "silver": "gray", "maroon": "red", "crimson": "red", "gold": "yellow", "olive": "green", "lime": "green",
    "teal": "green", "turquoise": "blue", "cyan": "blue", "navy": "blue", "indigo": "purple", "violet": "purple",
    "lavender": "purple", "magenta": "pink", "salmon": "pink", "beige": "brown", "cream": "white", "tan": "brown",
    "peach": "orange", "mint": "green", "khaki": "brown",
}  # fmt: skip
"""The basic term of each name that is none itself."""

SHADES = {
    "black": "black 000000, black 141414, black 202020, black 282828",
    "white": "white ffffff, off white f8f8f8, ghost white f8f8ff, snow fffafa, pale gray fdfdfe, smoke f5f5f5",
    "gray": "gray 808080, gray 929591, gray a9a9a9, dark gray 363737, dim gray 696969, medium gray 7d7f7c, "
    "charcoal 343837, dark gray 404040, dark gray 505050, gray 909090, light gray e0e0e0, "
    "slate gray 708090, cool gray 95a3a6, warm gray 978a84, gunmetal 536267, light gray d8dcd6, "
    "light gray d3d3d3, gainsboro dcdcdc, dark slate gray 2f4f4f, bluish gray 748b97, brownish gray 86775f",
    "silver": "silver c0c0c0, silver c5c9c7",
    "red": "red ff0000, red e50000, dark red 840000, dark red 8b0000, deep red 9a0200, blood red 980002, "
    "scarlet be0119, bright red ff000d, light red ff474c, brick red 8f1402, brick red b22222, tomato ef4026, "
    "rusty red af2f0d, cherry red f7022a, pastel red db5856, indian red cd5c5c, dried blood 4b0101, blood 770001, "
    "dusty red b9484e, rose red be013c, pinkish red f10c45, ruby ca0147, tomato ff6347, lipstick c0022f",
    "maroon": "maroon 800000, maroon 650021, burgundy 610023, wine 80013f, claret 680018",
    "crimson": "crimson dc143c",
    "orange": "orange ffa500, orange f97306, dark orange c65102, dark orange ff8c00, burnt orange c04e01, "
    "light orange fdaa48, bright orange ff5b00, reddish orange f8481c, orange red ff4500, pumpkin e17701, "
    "tangerine ff9408, pastel orange ff964f, yellowish orange ffab0f, coral ff7f50, deep orange dc4d01, "
    "dusty orange f0833a, amber feb308, apricot ffb16d, faded orange f0944d, mango ffa62b",
    "peach": "peach ffb07c, peach ffdab9, light peach ffd8b1, bisque ffe4c4",
    "yellow": "yellow ffff00, yellow ffff14, bright yellow fffd01, light yellow fffe7a, pale yellow ffff84, "
    "dark yellow d5b60a, sun yellow ffdf22, lemon fdff52, mustard ceb301, ochre bf9005, straw fcf679, "
    "dirty yellow cdc50a, greenish yellow cdfd02, golden yellow fec615, canary fdff63, butter ffff81, "
    "sandy yellow fdee73, sunflower ffc512, pastel yellow fffe71",
    "gold": "gold ffd700, gold dbb40c, golden rod daa520, golden rod fac205",
    "olive": "olive 808000, olive 6e750e, olive drab 6b8e23, dark olive 556b2f, dark olive 373e02, "
    "olive green 677a04, army green 4b5d16",
    "green": "green 008000, green 15b01a, green 00ff00, dark green 006400, dark green 033500, light green 96f97b, "
    "light green 90ee90, bright green 01ff07, forest green 228b22, forest green 06470c, grass green 3f9b0b, "
    "lime green 32cd32, sea green 2e8b57, sea green 53fca1, hunter green 0b4008, kelly green 02ab2e, "
    "emerald 01a049, pastel green b0ff9d, pale green c7fdb5, pale green 98fb98, sage 87ae73, moss green 658b38, "
    "leaf green 5ca904, pea green 8eab12, apple green 76cd26, jade 1fa774, dark sea green 8fbc8f, "
    "medium sea green 3cb371, muted green 5fa052, bluish green 10a674, yellow green c0fb2d, yellow green 9acd32, "
    "spring green 00ff7f, bottle green 044a05, pine green 0a481e, grayish green 82a67d, avocado 90b134, "
    "medium green 39ad48, dark sage 598556, true green 089404, lawn green 7cfc00, racing green 014600",
    "lime": "lime aaff32, chartreuse c1f80a, chartreuse 7fff00, green yellow adff2f, lime 89fe05",
    "mint": "mint 9ffeb0, seafoam 80f9ad, light seafoam a0febf, pale aqua b8ffeb, celadon befdb7",
    "teal": "teal 008080, teal 029386, dark teal 014d4e, deep teal 00555a, dark cyan 008b8b, blue green 137e6d, "
    "greenish blue 0b8b87, dusty teal 4c9085, gray teal 5e9b8a, petrol 005f6a, dark turquoise 045c5a",
    "turquoise": "turquoise 40e0d0, turquoise 06c2ac, aquamarine 7fffd4, aquamarine 04d8b2, aqua 13eac9, "
    "light sea green 20b2aa, medium turquoise 48d1cc, light turquoise 7ef4cc, dark turquoise 00ced1, topaz 13bbaf",
    "cyan": "cyan 00ffff, bright cyan 41fdfe, light cyan acfffc, light cyan e0ffff",
    "blue": "blue 0000ff, blue 0343df, dark blue 00008b, dark blue 030764, medium blue 0000cd, light blue 95d0fc, "
    "light blue add8e6, sky blue 75bbfd, sky blue 87ceeb, royal blue 0504aa, royal blue 4169e1, baby blue a2cffe, "
    "bright blue 0165fc, pale blue d0fefe, steel blue 4682b4, steel blue 5a7d9a, slate blue 5b7c99, azure 069af3, "
    "cobalt blue 1e488f, cornflower blue 6495ed, cornflower blue 5170d7, cerulean 0485d1, dodger blue 1e90ff, "
    "deep sky blue 00bfff, powder blue b1d1fc, grayish blue 5e819d, cadet blue 5f9ea0, ocean blue 03719c, "
    "denim 3b638c, periwinkle 8e82fe, light steel blue b0c4de, medium blue 2c6fbb, dusty blue 5a86ad, "
    "electric blue 0652ff, pastel blue a2bffe, ice blue d7fffe, deep blue 040273, muted blue 3b719f, "
    "slate blue 6a5acd, windows blue 3778bf, dark slate blue 214761, bright sky blue 02ccfe, flat blue 3c73a8",
    "navy": "navy 000080, navy 01153e, navy blue 001146, midnight blue 191970, midnight blue 020035, dark blue 00035b, "
    "dark navy 000435",
    "indigo": "indigo 4b0082, indigo 380282, dark indigo 1f0954",
    "purple": "purple 800080, purple 7e1e9c, dark purple 35063e, light purple bf77f6, bright purple be03fd, "
    "deep purple 36013f, royal purple 4b006e, plum 580f41, eggplant 380835, grape 6c3461, mauve ae7181, "
    "bluish purple 703be7, reddish purple 910951, dusty purple 825f87, medium purple 9370db, dark orchid 9932cc, "
    "rebecca purple 663399, blue violet 8a2be2, dark magenta 8b008b, purple blue 632de9, amethyst 9b5fc0, "
    "medium orchid ba55d3, muted purple 805b87, soft purple a66fb5, pale purple b790d4, purplish gray 7a687f",
    "violet": "violet 9a0eea, violet ee82ee, dark violet 9400d3, dark violet 34013f",
    "lavender": "lavender c79fef, lavender e6e6fa, lilac cea2fd, thistle d8bfd8, light violet d6b4fc, plum dda0dd, "
    "pastel purple caa0ff, light lavender dfc5fe",
    "magenta": "magenta ff00ff, magenta c20078, fuchsia ed0dd9, hot magenta f504c9, deep magenta a0025c, "
    "dark magenta 960056",
    "pink": "pink ffc0cb, pink ff81c0, light pink ffb6c1, light pink ffd1df, hot pink ff69b4, hot pink ff028d, "
    "deep pink ff1493, dark pink cb416b, pale pink ffcfdc, bright pink fe01b1, baby pink ffb7ce, rose cf6275, "
    "dusty rose c0737a, dusty pink d58a94, rose pink f7879a, bubblegum pink fe83cc, pale violet red db7093, "
    "orchid da70d6, raspberry b00149, misty rose ffe4e1, grayish pink c88d94, purplish pink ce5dae, "
    "medium violet red c71585, old rose c87f89, pinkish d46a7e, warm pink fb5581, barbie pink fe46a5",
    "salmon": "salmon fa8072, salmon ff796c, light salmon ffa07a, dark salmon e9967a, light coral f08080, coral fc5a50",
    "brown": "brown a52a2a, brown 653700, dark brown 341c02, light brown ad8150, reddish brown 7f2b0a, "
    "chocolate 3d1c02, chocolate d2691e, saddle brown 8b4513, sienna a0522d, chestnut 742802, rust a83c09, "
    "copper b66325, "
    "terracotta ca6641, mud brown 60460f, medium brown 7f5112, dirt brown 836539, clay b66a50, coffee a6814c, "
    "cinnamon ac4f06, peru cd853f, rosy brown bc8f8f, dull brown 876e4b, dark taupe 7f684e, grayish brown 7a6a4f, "
    "caramel af6f09, umber b26400, very dark brown 1d0200, milk chocolate 7f4e1e, warm brown 964e02, "
    "yellowish brown 9b7a01, orange brown be6400, mocha 9d7651, leather ac7434",
    "tan": "tan d2b48c, tan d1b26f, burly wood deb887, sandy brown f4a460, taupe b9a281, dark tan af884a, "
    "camel c69f59, mushroom ba9e88, sand brown cba560",
    "khaki": "khaki f0e68c, khaki aaa662, dark khaki bdb76b",
    "beige": "beige f5f5dc, beige e6daa6, wheat f5deb3, sand e2ca76, moccasin ffe4b5, linen faf0e6, "
    "antique white faebd7",
    "cream": "cream ffffc2, ivory fffff0, ivory ffffcb, corn silk fff8dc, light yellow ffffe0, eggshell ffffd4, "
    "old lace fdf5e6, sea shell fff5ee, floral white fffaf0",
}
"""Shades and their sRGB values by the name they go under."""


@dataclass(frozen=True, slots=True)
class NamedColor:
    """What people call a colour.

    Attributes:
        name: in everyday use, such as "teal".
        basic: one of the eleven basic terms, such as "green".
        shade: the shade that comes nearest, such as "dark teal".
    """

    name: str
    basic: str
    shade: str


def oklab(rgb: NDArray[np.generic]) -> NDArray[np.float64]:
    """... x 3 sRGB values, 0 to 255, in OKLab: lightness 0 to 1, green to red, blue to yellow."""
    linear = _LINEAR[rgb] if rgb.dtype == np.uint8 else _linear(np.asarray(rgb, dtype=np.float64))
    cones = np.cbrt(linear @ _TO_CONES.T)
    result: NDArray[np.float64] = cones @ _TO_LAB.T
    return result


def _linear(encoded: NDArray[np.float64]) -> NDArray[np.float64]:
    """Amounts of light, 0 to 1, of sRGB values, 0 to 255."""
    part = encoded / 255
    return np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)


def names_of(rgb: NDArray[np.generic]) -> list[NamedColor]:
    """The names of N x 3 sRGB values, 0 to 255."""
    named, places = _table()
    distance = ((oklab(rgb)[:, None, :] - places[None, :, :]) ** 2).sum(axis=2)
    return [named[int(index)] for index in distance.argmin(axis=1)]


def name_of(rgb: tuple[int, int, int]) -> NamedColor:
    """The name of one sRGB value, 0 to 255."""
    return names_of(np.array([rgb]))[0]


def hex_of(rgb: NDArray[np.generic]) -> str:
    """An sRGB value as #rrggbb."""
    return "#" + "".join(f"{round(float(value)):02x}" for value in rgb)


@lru_cache(maxsize=1)
def _table() -> tuple[tuple[NamedColor, ...], NDArray[np.float64]]:
    named: list[NamedColor] = []
    values: list[bytes] = []
    for name, shades in SHADES.items():
        for entry in shades.split(", "):
            shade, _, value = entry.rpartition(" ")
            named.append(NamedColor(name, BASIC_OF.get(name, name), shade))
            values.append(bytes.fromhex(value))
    return tuple(named), oklab(np.array([list(value) for value in values]))


_TO_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
_LINEAR = _linear(np.arange(256, dtype=np.float64))
