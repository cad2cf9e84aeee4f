"""Ask about a picture, look at the evidence, keep the trace.

Run it: `python -m lavr.demos.ask [IMAGE] [QUESTION]`
"""

import sys
from pathlib import Path

from lavr import Agent

RECEIPT = Path(__file__).parent / "images" / "receipt.png"


def main(image: str = str(RECEIPT), question: str = "What is the total, and the date?") -> None:
    """Print the answer and where on the picture each piece of it was read; write `trace.html`."""
    answer = Agent().ask(image, question)
    print(answer.text)
    for evidence in answer.evidence:
        if evidence.region is not None:
            left, top, right, bottom = (round(value) for value in evidence.region.xyxy)
            print(f"  {evidence.quote}: {evidence.handle} at x {left}-{right}, y {top}-{bottom}")
    answer.trace.save("trace.html")


if __name__ == "__main__":
    main(*sys.argv[1:])
