"""A tool from the docs and the built-in planner on easy-VQA: shape and colour questions about drawn pictures.

The tool is the first Python block of `docs/write-a-tool.md`, run as it stands there. The data are the test split of the
package `easy-vqa` (Victor Zhou, 2019; MIT): 1,000 pictures of 64 x 64 and 9,673 questions.

    python benchmarks/easy_vqa_tool.py [--every N]     ask each N-th question only (1)
"""

from __future__ import annotations

import argparse
import re
import time
from collections import Counter
from pathlib import Path

from easy_vqa import get_test_image_paths, get_test_questions

from lavr import Agent, Image, Tool

PAGE = Path(__file__).parents[1] / "docs" / "write-a-tool.md"
GOAL = 0.99


def documented_tool() -> Tool:
    """The tool `shapes` of the page, made from its first block."""
    block = re.search(r"^```python\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    if block is None:
        raise SystemExit(f"{PAGE} has no Python block.")
    names: dict[str, object] = {"__name__": "write_a_tool"}
    exec(compile(block[1], str(PAGE), "exec"), names)
    tool = names["shapes"]
    if not isinstance(tool, Tool):
        raise SystemExit("The first block does not make a tool called shapes.")
    return tool


def main() -> None:
    """Ask, count, and print the share of right answers and the first wrong ones."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--every", type=int, default=1)
    every = parser.parse_args().every
    paths = get_test_image_paths()
    images = {index: Image.open(path) for index, path in paths.items()}
    asked = list(zip(*get_test_questions(), strict=True))[::every]
    wrong: Counter[str] = Counter()
    begin = time.perf_counter()
    with Agent(extra_tools=[documented_tool()]) as agent:
        for question, expected, index in asked:
            value = agent.ask(images[index], question).value
            if value != expected:
                wrong[f"{question} expected {expected}, got {value!r} (picture {index})"] += 1
    seconds = time.perf_counter() - begin
    share = 1 - wrong.total() / len(asked)
    each_ms = seconds / len(asked) * 1000
    print(f"easy-VQA, test split: {share:.2%} of {len(asked):,} questions right, {each_ms:.1f} ms each")
    for line, _ in wrong.most_common(10):
        print("  wrong:", line)
    if share < GOAL:
        raise SystemExit(f"The goal is {GOAL:.0%}.")


if __name__ == "__main__":
    main()
