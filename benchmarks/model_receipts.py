"""How well a language model reads the totals of receipts, on this machine or behind a server.

    python benchmarks/model_receipts.py --receipts FOLDER --local FILE_OR_FOLDER
    python benchmarks/model_receipts.py --receipts FOLDER --server http://127.0.0.1:8080/v1 --name MODEL --mode schema

The folder holds pictures `NAME.jpg` with their keys beside them, `NAME.json`. Every receipt is asked "What is the
total?" twice: of the model, which has the tools `ocr` and `calculate` and no eyes, and of `builtin`. Amounts are
compared as numbers. Exits with 1 when the model is right less often than `TARGET` says, or wrote a decision that could
not be read. Without arguments it measures nothing and says so.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from lavr import Agent
from lavr.agent.events import AnswerReady, CallFinished, DecisionMade, DecisionRefused, Event
from lavr.agent.limits import Limits
from lavr.errors import LavrError
from lavr.planners.base import Planner
from lavr.tools.registry import default_tools

QUESTION = "What is the total?"
TARGET = 0.7
"""The share of the totals that must be right."""

_MONEY = re.compile(r"\d[\d,]*(?:\.\d+)?")


@dataclass(frozen=True)
class Judged:
    """What came of one receipt: the answer, whether it is right, and what it took."""

    said: str
    right: bool
    seconds: float
    calls: tuple[str, ...] = ()
    malformed: int = 0
    read: int = 0
    reused: int = 0
    written: int = 0


def main() -> int:
    """Ask about every receipt and print the scores."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--receipts", type=Path, help="folder of NAME.jpg and NAME.json")
    parser.add_argument("--local", default="", help="a model on this machine: what `load_model` takes")
    parser.add_argument("--server", default="", help="the address of an OpenAI-compatible server, ending in /v1")
    parser.add_argument("--name", default="", help="of the model behind the server")
    parser.add_argument("--mode", default="auto", help="how the server is asked: auto, tools, schema or text")
    parser.add_argument("--only", nargs="*", default=[], help="names of receipts; all when left out")
    parser.add_argument("--threads", type=int, default=0, help="of torch; its own choice when left out")
    parser.add_argument("--thought", type=int, default=32, help="tokens of thought before a local decision")
    chosen = parser.parse_args()
    if not chosen.receipts or not (chosen.local or chosen.server):
        print("Nothing is measured: give --receipts, and --local or --server.")
        return 0
    pictures = [path for path in sorted(chosen.receipts.glob("*.jpg")) if not chosen.only or path.stem in chosen.only]
    if not pictures:
        print("There are no such receipts.", file=sys.stderr)
        return 2
    planner = _local(chosen) if chosen.local else _served(chosen)
    tools = [tool for tool in default_tools() if tool.name in {"ocr", "calculate"}]
    model, builtin = Agent(planner, tools=tools, limits=Limits(seconds=3600.0)), Agent("builtin")
    judged = [both(picture, model, builtin) for picture in pictures]
    return report([one for one, _ in judged], [other for _, other in judged])


def _local(chosen: argparse.Namespace) -> Planner:
    import torch

    from lavr.planners.local.planner import LocalPlanner

    if chosen.threads:
        torch.set_num_threads(chosen.threads)
    begun = time.perf_counter()
    planner = LocalPlanner(chosen.local, thought_tokens=chosen.thought)
    print(
        f"{planner.name}: {planner.reason}; loaded in {time.perf_counter() - begun:.0f} s", *planner.notes, flush=True
    )
    return planner


def _served(chosen: argparse.Namespace) -> Planner:
    from lavr.planners.openai.planner import OpenAIPlanner

    return OpenAIPlanner(
        chosen.name,
        base_url=chosen.server,
        api_key="",
        mode=chosen.mode,
        sees=False,
        timeout_s=1200.0,
        deadline_s=3600.0,
        max_tokens=400,
    )


def both(picture: Path, model: Agent, builtin: Agent) -> tuple[Judged, Judged]:
    """What the two say about one receipt, printed."""
    key = str(json.loads(picture.with_suffix(".json").read_text(encoding="utf-8"))["total"])
    one, other = judge(model, picture, key), judge(builtin, picture, key)
    marks = ["ok" if each.right else "BAD" for each in (one, other)]
    print(
        f"{picture.stem}  {marks[0]:3} {one.said!r}  key {key}  builtin {marks[1]}  {one.seconds:.0f} s, "
        f"{' '.join(one.calls) or 'no calls'}, read {one.read}, reused {one.reused}, wrote {one.written}, "
        f"malformed {one.malformed}",
        flush=True,
    )
    return one, other


def judge(agent: Agent, picture: Path, key: str) -> Judged:
    """Ask, and compare the bare value (or the last amount of the text) with the key."""
    begun = time.perf_counter()
    events: list[Event] = []
    try:
        events += agent.stream(str(picture), QUESTION)
    except LavrError as error:
        return Judged(f"{error.name}: {error.cause}", right=False, seconds=time.perf_counter() - begun)
    answer = next(each.answer for each in events if isinstance(each, AnswerReady))
    said = answer.value or answer.text
    tokens = [each.decision.tokens for each in events if isinstance(each, DecisionMade)]
    return Judged(
        said=said,
        right=amount(said) == amount(key),
        seconds=time.perf_counter() - begun,
        calls=tuple(each.result.call.name for each in events if isinstance(each, CallFinished)),
        malformed=sum(isinstance(each, DecisionRefused) for each in events),
        read=sum(each.read for each in tokens),
        reused=sum(each.reused for each in tokens),
        written=sum(each.written for each in tokens),
    )


def amount(text: str) -> Decimal | None:
    """The last amount in a text."""
    found = _MONEY.findall(text)
    return Decimal(found[-1].replace(",", "")) if found else None


def report(model: Sequence[Judged], builtin: Sequence[Judged]) -> int:
    """Print the scores; 1 when a target was missed."""
    right, malformed = sum(one.right for one in model), sum(one.malformed for one in model)
    print(
        f"model {right} of {len(model)}, builtin {sum(one.right for one in builtin)} of {len(builtin)}; "
        f"malformed {malformed}; {sum(one.seconds for one in model) / len(model):.0f} s a receipt"
    )
    return 0 if right >= TARGET * len(model) and not malformed else 1


if __name__ == "__main__":
    raise SystemExit(main())
