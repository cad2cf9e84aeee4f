"""The detector of `demos/train_shapes.py` and the built-in planner on drawn shapes that the detector never saw.

Questions that count, compare, locate and name colours, and requests to cut out, blur and black out, judged by pixels:
see `tests/tools/shape_questions.py` and `tests/tools/edit_questions.py`. Without weights the detector is trained first,
which takes some minutes, once.

    python benchmarks/shape_questions.py [--count N] [--seed N] [--weights FILE]
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from pathlib import Path

from lavr import Agent
from lavr.tests.tools.edit_questions import EDITS
from lavr.tests.tools.shape_questions import KINDS, cases
from lavr.tests.tools.shapes_detector import shapes_weights
from lavr.tools.detect import detect_tool

GOAL = 0.95


def main() -> None:
    """Ask, judge, and print the share of right answers by kind, and the wrong ones."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--weights", type=Path)
    options = parser.parse_args()
    weights = options.weights or shapes_weights()
    asked, right = Counter[str](), Counter[str]()
    begin = time.perf_counter()
    with Agent(planner="builtin", extra_tools=[detect_tool(weights=str(weights))]) as agent:
        for case in cases(options.count, seed=options.seed, kinds={**KINDS, **EDITS}):
            answer = agent.ask(case.scene.image, case.question)
            is_right = case.right(answer)
            asked[case.kind] += 1
            right[case.kind] += is_right
            if not is_right:
                print(f"  wrong: {case.question} {case.expected!r}, not {answer.value!r}: {answer.text}", flush=True)
    seconds = time.perf_counter() - begin
    share = right.total() / asked.total()
    each_s = seconds / asked.total()
    print(f"Drawn shapes: {share:.1%} of {asked.total()} questions right, {each_s:.2f} s each")
    print("  " + ", ".join(f"{kind} {right[kind]}/{asked[kind]}" for kind in asked))
    if share < GOAL:
        raise SystemExit(f"The goal is {GOAL:.0%}.")


if __name__ == "__main__":
    main()
