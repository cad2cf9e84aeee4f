"""How well fields are read off real receipts: `python benchmarks/receipts.py --receipts FOLDER`.

The folder holds pictures `NAME.jpg` with their keys beside them, `NAME.json`: company, date and total as people wrote
them down. Amounts and dates are compared after normalisation, names without case, blanks and punctuation. Exits with 1
when a target is missed.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from lavr.planners.builtin.fields import Field, find_fields, parse_date, parse_money
from lavr.tools.ocr import ocr
from lavr.vision.image import Image
from lavr.vision.region import Region

ASKED = ("total", "date", "company")
TARGETS = {"total": 0.9, "date": 0.95, "company": 0.85, "box": 1.0}
"""The share of the receipts that must be right."""


def read(path: Path) -> Sequence[Region]:
    """The lines of a picture, by the tool that `lavr` itself uses."""
    return ocr.observe(image=Image.open(path)).regions


def is_right(name: str, field: Field | None, key: str) -> bool:
    """Whether a field says what the key says."""
    if field is None:
        return False
    if name == "total":
        return parse_money(field.value) == parse_money(key)
    if name == "date":
        return field.value == str(parse_date(key))
    return bare(field.value) == bare(key)


def bare(text: str) -> str:
    """A name without case, blanks and punctuation."""
    return re.sub(r"[\W_]", "", text).upper()


def holds(field: Field | None) -> bool:
    """Whether the first region of a field contains (the beginning of) what was read."""
    if field is None or not field.regions:
        return False
    line = bare(field.regions[0].text or "")
    return bare(field.text) in line or (bool(line) and bare(field.text).startswith(line))


def judge(picture: Path) -> Mapping[str, bool]:
    """Read one receipt, print what was read, and say what was right."""
    key = json.loads(picture.with_suffix(".json").read_text(encoding="utf-8"))
    begun = time.perf_counter()
    lines = read(picture)
    seconds = time.perf_counter() - begun
    fields = find_fields(ASKED, lines)
    right = {name: is_right(name, fields[name], key[name]) for name in ASKED}
    print(f"{picture.stem}  {len(lines)} lines, {seconds:.1f} s")
    for name, field in fields.items():
        said = "-" if field is None else f"{field.value}  ({field.confidence:.2f}) {field.note}".rstrip()
        print(f"  {'ok ' if right[name] else 'BAD'} {name:8} {said}" + ("" if right[name] else f"   key: {key[name]}"))
    return {**right, "box": all(holds(field) for field in fields.values())}


def main() -> int:
    """Judge every receipt of a folder and print the scores."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--receipts", type=Path, required=True, help="folder of NAME.jpg and NAME.json")
    pictures = sorted(parser.parse_args().receipts.glob("*.jpg"))
    if not pictures:
        print("There are no .jpg files in that folder.", file=sys.stderr)
        return 2
    judged = [judge(picture) for picture in pictures]
    missed = False
    for name, target in TARGETS.items():
        right = sum(one[name] for one in judged)
        missed |= right < target * len(judged)
        print(f"{name:8} {right} of {len(judged)}  (target {target:.0%})")
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
