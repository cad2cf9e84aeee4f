"""How well the built-in planner answers about real receipts, through the agent as a user would ask.

    python benchmarks/receipts.py [--receipts FOLDER]

The folder (or LAVR_RECEIPTS) holds pictures `NAME.jpg` with their keys beside them, `NAME.json`: company, date and
total as people wrote them down. Amounts and dates are compared after normalisation, names without case, blanks and
punctuation. "box" counts answers whose first piece of evidence is a region with the printed value in it. Exits with 1
when a target is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from lavr import Agent, Answer
from lavr.planners.builtin.fields import parse_date, parse_money

QUESTIONS = {
    "total": "What is the total?",
    "date": "What is the date?",
    "company": "Which company issued this receipt?",
}
TARGETS = {"total": 0.9, "date": 0.95, "company": 0.85, "box": 1.0}
"""The share of the receipts that must be right."""


def bare(text: str) -> str:
    """A name without case, blanks and punctuation."""
    return re.sub(r"[\W_]", "", text).upper()


NORMAL: Mapping[str, Callable[[str], object]] = {"total": parse_money, "date": parse_date, "company": bare}


def holds(name: str, answer: Answer) -> bool:
    """Whether the first piece of evidence is a place whose text contains the value."""
    region = answer.evidence[0].region if answer.evidence else None
    if region is None or region.text is None:
        return False
    if name == "company":
        return bare(region.text)[:8] == bare(answer.value)[:8] or bare(answer.value) in bare(region.text)
    words = [region.text, *re.split(r"\s+", region.text)]
    return any(NORMAL[name](word) == NORMAL[name](answer.value) for word in words) or answer.value in region.text


def judge(agent: Agent, picture: Path) -> Mapping[str, bool]:
    """Ask about one receipt, print the answers, and say what was right."""
    key = json.loads(picture.with_suffix(".json").read_text(encoding="utf-8"))
    session = agent.session()
    begun = time.perf_counter()
    answers = {"total": session.ask(QUESTIONS["total"], images=[picture])}
    answers |= {name: session.ask(question) for name, question in QUESTIONS.items() if name != "total"}
    print(f"{picture.stem}  {time.perf_counter() - begun:.1f} s")
    right = {name: _is_right(name, answer, key[name]) for name, answer in answers.items()}
    boxes = {name: holds(name, answer) for name, answer in answers.items()}
    for name, answer in answers.items():
        mark = "ok " if right[name] else "BAD"
        print(f"  {mark} {name:8} {answer.text}" + ("" if right[name] else f"   key: {key[name]}"))
        if not boxes[name]:
            print(f"      no box holds {answer.value!r}")
    return {**right, "box": all(boxes.values())}


def _is_right(name: str, answer: Answer, key: str) -> bool:
    return NORMAL[name](answer.value) == NORMAL[name](key)


def main() -> int:
    """Judge every receipt of a folder and print the scores."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--receipts", type=Path, default=os.environ.get("LAVR_RECEIPTS"))
    folder = parser.parse_args().receipts
    pictures = sorted(Path(folder).glob("*.jpg")) if folder else []
    if not pictures:
        print("No receipts: give --receipts FOLDER with NAME.jpg and NAME.json.", file=sys.stderr)
        return 0 if folder is None else 2
    with Agent() as agent:
        judged = [judge(agent, picture) for picture in pictures]
    missed = False
    for name, target in TARGETS.items():
        right = sum(one[name] for one in judged)
        missed |= right < target * len(judged)
        print(f"{name:8} {right} of {len(judged)}  (target {target:.0%})")
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
