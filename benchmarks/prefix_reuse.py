"""What exact reuse of the read prefix saves: a conversation of many steps, each result a picture or text.

Run it: `python benchmarks/prefix_reuse.py [--steps 2 4 6 8 12] [--shape small|medium|7b] [--device cuda]`. The model
has the shape of Qwen3-VL and random weights, so nothing is downloaded. It is compared with reading everything again at
every step, in the same run and on the same tokens: the same code with a fresh session (`--baseline refill`) or
`model.generate` (`--baseline generate`, the default on a GPU). Where others use the processor too, look at CPU seconds.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import torch
from shapes.qwen3_vl import PAD, PICTURE_TOKENS, SHAPES, made, shown, words

from lavr.planners.local.loaded import LoadedModel
from lavr.planners.local.session import Session
from lavr.planners.local.spans import Span, token_span

Seconds: TypeAlias = tuple[float, float]
WALL, CPU = 0, 1
PROMPT_WORDS, RESULT_WORDS, TEXT_RESULT, WRITTEN = 430, 50, 66, 16


@dataclass
class Cost:
    """Wall and CPU seconds up to the first token, and in total; what was written."""

    first: Seconds = (0.0, 0.0)
    total: Seconds = (0.0, 0.0)
    ids: list[int] = field(default_factory=list)

    def __add__(self, other: Cost) -> Cost:
        return Cost(_sum(self.first, other.first), _sum(self.total, other.total), self.ids + other.ids)


def _sum(one: Seconds, other: Seconds) -> Seconds:
    return one[0] + other[0], one[1] + other[1]


class Watch:
    """Wall and CPU seconds since it was made; on a GPU, after all work is done."""

    def __init__(self, device: str) -> None:
        self._device = device
        self._wall, self._cpu = self._now()

    def _now(self) -> Seconds:
        if self._device.startswith("cuda"):
            torch.cuda.synchronize()
        return time.perf_counter(), time.process_time()

    def seconds(self) -> Seconds:
        """Wall and CPU seconds up to now."""
        wall, cpu = self._now()
        return wall - self._wall, cpu - self._cpu


def reusing(session: Session, result: Span) -> Cost:
    """One step with reuse: the result is appended, then tokens are written."""
    watch = Watch(session.model.device)
    session.append(result)
    return _written(session, watch)


def _written(session: Session, watch: Watch) -> Cost:
    cost = Cost()
    for index in range(WRITTEN):
        cost.ids.append(int(session.logits().argmax()))
        if index == 0:
            cost.first = watch.seconds()
        session.push(cost.ids[-1:])
    cost.total = watch.seconds()
    return cost


def refilling(model: LoadedModel, spans: Sequence[Span]) -> Cost:
    """One step without reuse: everything is read again, in one pass."""
    watch = Watch(model.device)
    session = Session(model)
    for span in spans:
        session.append(span)
    return _written(session, watch)


class _FirstToken:
    """A streamer of `generate` that notes when the first token is there."""

    def __init__(self, watch: Watch) -> None:
        self._watch, self._calls = watch, 0
        self.seconds: Seconds = (0.0, 0.0)

    def put(self, _: torch.Tensor) -> None:
        self._calls += 1
        if self._calls == 2:  # the first call brings the prompt
            self.seconds = self._watch.seconds()

    def end(self) -> None:
        """Nothing is left to do."""


def generating(model: LoadedModel, spans: Sequence[Span]) -> Cost:
    """One step without reuse, by `model.generate`."""
    pieces = [piece for span in spans for piece in span.pieces]
    ids = torch.cat([piece.ids for piece in pieces], 1).to(model.device)
    seen = [piece.pictures for piece in pieces if piece.pictures]
    pictures = {key: torch.cat([each[key] for each in seen]).to(model.device) for key in seen[0]}
    watch = Watch(model.device)
    first = _FirstToken(watch)
    output = model.network.generate(
        input_ids=ids,
        attention_mask=torch.ones_like(ids),
        mm_token_type_ids=(ids == PAD).long(),
        **pictures,
        max_new_tokens=WRITTEN,
        do_sample=False,
        streamer=first,
    )
    return Cost(first.seconds, watch.seconds(), output[0, ids.shape[1] :].tolist())


@dataclass
class Compared:
    """The costs of each step, with and without reuse."""

    ours: list[Cost] = field(default_factory=list)
    theirs: list[Cost] = field(default_factory=list)

    def row(self, steps: int) -> str:
        """The totals after some steps."""
        ours, theirs = sum(self.ours[:steps], Cost()), sum(self.theirs[:steps], Cost())
        same = sum(one == other for one, other in zip(ours.ids, theirs.ids, strict=True))
        parts = [_columns(theirs.total, ours.total), _columns(theirs.first, ours.first)]
        return f"{steps:5d} | {' | '.join(parts)} | {same}/{len(ours.ids)}"

    def waits(self) -> list[float]:
        """How many times sooner the first token of each step is there."""
        pairs = zip(self.theirs, self.ours, strict=True)
        return [theirs.first[CPU] / ours.first[CPU] for theirs, ours in pairs]


def _columns(theirs: Seconds, ours: Seconds) -> str:
    ratios = f"{theirs[CPU] / ours[CPU]:5.1f}x {theirs[WALL] / ours[WALL]:5.1f}x"
    return f"{theirs[CPU]:8.1f} {ours[CPU]:8.1f} {ratios}"


HEAD = """\
      |      total: CPU s, ratios        |  to the first tokens: CPU s     |
steps |    again   reused    CPU   wall |    again   reused    CPU   wall | same tokens"""


def compare(model: LoadedModel, results: Sequence[Span], baseline: str) -> Compared:
    """Feed the results one after the other, with and without reuse, on the same tokens."""
    again = generating if baseline == "generate" else refilling
    compared, session, log = Compared(), Session(model), list[Span]()
    for result in results:
        log.append(result)
        compared.theirs.append(again(model, log))
        compared.ours.append(reusing(session, result))
        log.append(token_span(compared.ours[-1].ids))
    return compared


def second_question(model: LoadedModel) -> tuple[Cost, Cost]:
    """The costs of a first and of a second question about the same picture."""
    asked, watch = Session(model), Watch(model.device)
    asked.append(shown(1, PROMPT_WORDS))
    asked.logits()
    kept = asked.fork()
    read = Cost(watch.seconds())
    first = read + reusing(asked, token_span(words(TEXT_RESULT, 2)))
    return first, reusing(kept.taken_up(), token_span(words(TEXT_RESULT, 3)))


def faster_dtype(device: str) -> torch.dtype:
    """The precision in which this machine multiplies faster."""
    if device != "cpu":
        return torch.bfloat16

    def seconds(dtype: torch.dtype) -> float:
        matrix = torch.randn(1024, 1024).to(dtype)
        start = time.process_time()
        for _ in range(8):
            matrix @ matrix
        return time.process_time() - start

    return min((torch.float32, torch.bfloat16), key=lambda dtype: min(seconds(dtype) for _ in range(3)))


def main() -> None:
    """Measure and print."""
    options = _options()
    torch.set_num_threads(options.threads)
    model = made(SHAPES[options.shape], options.device, options.dtype)
    baseline = options.baseline or ("refill" if options.device == "cpu" else "generate")
    vision = sum(each.numel() for each in model.network.model.visual.parameters())
    text = sum(each.numel() for each in model.network.parameters()) - vision
    print(f"text {text / 1e6:.0f} M, vision {vision / 1e6:.0f} M, {model.dtype}, {options.device}, against {baseline}")
    compare(model, [shown(0, 20)], baseline)  # warm up
    _compare_pictures(model, options.steps, baseline)
    _compare_texts(model, options.text_steps, baseline)
    _ask_twice(model)


def _compare_pictures(model: LoadedModel, steps: Sequence[int], baseline: str) -> None:
    results = [shown(1, PROMPT_WORDS), *(shown(seed, RESULT_WORDS) for seed in range(2, max(steps) + 1))]
    print(f"\nEvery result a picture of {PICTURE_TOKENS} tokens and {RESULT_WORDS} of text, {WRITTEN} written a step")
    compared = compare(model, results, baseline)
    print("\n".join([HEAD, *map(compared.row, steps)]), flush=True)


def _compare_texts(model: LoadedModel, steps: int, baseline: str) -> None:
    results = [shown(1, PROMPT_WORDS), *(token_span(words(TEXT_RESULT, seed)) for seed in range(2, steps + 1))]
    print(f"\nEvery result {TEXT_RESULT} tokens of text, after a picture")
    compared = compare(model, results, baseline)
    print("\n".join([HEAD, compared.row(steps)]))
    print("first token sooner, by step: " + " ".join(f"{ratio:.1f}x" for ratio in compared.waits()), flush=True)


def _ask_twice(model: LoadedModel) -> None:
    first, second = second_question(model)
    sooner = f"{second.first[CPU]:.2f} s instead of {first.first[CPU]:.2f} s of CPU time"
    wall = f"{second.first[WALL]:.2f} s instead of {first.first[WALL]:.2f} s on the wall"
    share = second.first[CPU] / first.first[CPU]
    print(f"\nA second question on the same picture: first token after {sooner} ({share:.1%}), {wall}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, nargs="+", default=[2, 4, 6, 8])
    parser.add_argument("--text-steps", type=int, default=6)
    parser.add_argument("--shape", choices=sorted(SHAPES), default="small")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--dtype", choices=["float32", "bfloat16", "faster"], default="faster")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--baseline", choices=["refill", "generate"])
    options = parser.parse_args()
    fast = options.dtype == "faster"
    options.dtype = faster_dtype(options.device) if fast else getattr(torch, options.dtype)
    return options


if __name__ == "__main__":
    main()
