"""Everything about a model that its configuration tells: what it is made of, what a picture costs, what must fit."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from ...errors import UsageError
from ...jsonable import JsonObject
from ...vision.frame import SizeWh
from ..rendering.budget import VisualBudget
from .fitting import ON_GPU, PRECISIONS, Gpu, Need, Reading, Verdict, gpu_here, need_of, verdict_on
from .parts import Anatomy
from .pictures import Cost, cost_of
from .sources import Source, source_of

PROMPT_TOKENS = 2_500
"""Instructions and the schemas of the default tools, as tokenizers of 150,000 words count them, rounded up."""
STEP_TEXT_TOKENS = 300
"""A thought, a call and the text of its result."""
FULL_HD = (1920, 1080)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a model is inspected for.

    Attributes:
        image_wh: size of the picture, and of those that steps bring, in pixels.
        steps: how many steps a run takes.
        gpu: on which GPU it should fit; None for the one in this machine.
        picture_bound: visual tokens that `local` lets a picture cost; None for no bound.
        offline: whether nothing may be fetched.

    Raises:
        UsageError: for a size or a number of steps that cannot be.
    """

    image_wh: SizeWh = FULL_HD
    steps: int = 8
    gpu: Gpu | None = None
    picture_bound: int | None = 1_280
    offline: bool = False

    def __post_init__(self) -> None:
        if min(self.image_wh) < 1:
            raise UsageError(f"There is no picture of {self.image_wh}.", remedy="Write a size such as 1920x1080.")
        if self.steps < 0:
            raise UsageError(f"{self.steps} steps cannot be.", remedy="Write 0 or more.")


@dataclass(frozen=True, slots=True)
class Inspection:
    """What was found.

    Attributes:
        source: where the description came from.
        anatomy: the parts.
        plan: what it was inspected for.
        picture: what the picture costs as its processor takes it.
        reading: what a run reads.
        needs: memory by precision, the finest first.
        verdict: whether it fits.
        notes: what should be known besides.
    """

    source: Source
    anatomy: Anatomy
    plan: Plan
    picture: Cost
    reading: Reading
    needs: tuple[Need, ...]
    verdict: Verdict
    notes: tuple[str, ...] = ()

    def to_json(self) -> JsonObject:
        """Plain JSON: counts, tokens, bytes."""
        anatomy, reading = self.anatomy, self.reading
        verdict = {
            "fits": self.verdict.fits.name if self.verdict.fits else None,
            "gpu": asdict(self.verdict.gpu) if self.verdict.gpu else None,
            "free_bytes": self.verdict.free,
            "smallest_card_gib": self.verdict.card_gib,
        }
        return {
            "model": anatomy.name,
            "family": anatomy.family,
            "found": self.source.found,
            "counted": anatomy.counted,
            "parameters": anatomy.total,
            "parts": {p.value: {"parameters": w.count, "share": anatomy.share(p)} for p, w in anatomy.parts.items()},
            "image": {"size_wh": [*self.plan.image_wh], "tokens": self.picture.tokens, "source": self.picture.source},
            "reading": {**asdict(reading), "visual": reading.visual, "tokens": reading.tokens},
            "context": anatomy.context,
            "cache_bytes_per_token": anatomy.cache_bytes(1),
            "memory": {need.precision.name: _bytes_of(need) for need in self.needs},
            "verdict": verdict,
            "notes": [*self.notes],
        }


def inspect_model(model: Any, plan: Plan | None = None) -> Inspection:
    """Take a model apart by its configuration alone.

    Args:
        model: the id of a repository of the hub (of which only its configuration is fetched), a folder, a
            `config.json`, a shape file, a GGUF file, the name of a shipped shape, or a configuration object.
        plan: for which picture, how many steps and which GPU.

    Raises:
        MissingModel: when there is no such model, or it cannot be had from here.
        MissingExtra: when torch or transformers are not installed.
        UsageError: for a description that no model can be built from.
    """
    plan = plan or Plan()
    source = source_of(model, offline=plan.offline)
    anatomy, picture = _taken_apart(source, plan)
    reading = _reading(picture, plan)
    needs = tuple(need_of(anatomy, reading, precision) for precision in PRECISIONS)
    on_gpu = [need for need in needs if need.precision in ON_GPU]
    verdict = verdict_on(on_gpu, plan.gpu or gpu_here())
    return Inspection(source, anatomy, plan, picture, reading, needs, verdict, tuple(_notes(anatomy, picture, reading)))


def _taken_apart(source: Source, plan: Plan) -> tuple[Anatomy, Cost]:
    if source.shape is not None:
        tokens, patches = source.shape.visual_tokens(), source.shape.patches()
        how = "by the shape: every picture costs the same" if tokens else "it takes no pictures"
        return source.shape.anatomy(), Cost(tokens, patches, how)
    from .counting import anatomy_of

    anatomy = anatomy_of(source.config, source.name)
    if not anatomy.sees:
        return anatomy, Cost(0, 0, "it takes no pictures; it relies on what tools read")
    return anatomy, cost_of(plan.image_wh, source.config, source.folder)


def _reading(picture: Cost, plan: Plan) -> Reading:
    shown = picture.tokens or 0
    if plan.picture_bound is not None:
        shown = min(shown, plan.picture_bound)
    patches = round(picture.patches * shown / picture.tokens) if picture.tokens else picture.patches
    bound = VisualBudget().per_conversation or 1 << 62
    return Reading(PROMPT_TOKENS, shown, patches, STEP_TEXT_TOKENS, plan.steps, bound)


def _notes(anatomy: Anatomy, picture: Cost, reading: Reading) -> list[str]:
    notes = []
    if picture.tokens is not None and picture.tokens > reading.picture:
        notes.append(f"`local` keeps a picture within {reading.picture:,} visual tokens where the family allows it.")
    if (1 + reading.steps) * reading.picture > reading.pictures_bound:
        notes.append(f"Beyond {reading.pictures_bound:,} visual tokens the oldest pictures of tools make room.")
    if anatomy.context and reading.tokens > anatomy.context:
        notes.append(f"{reading.tokens:,} tokens are more than the {anatomy.context:,} that it was made for.")
    if anatomy.unknown:
        notes.append(f"Modules of no known part count as other: {', '.join(anatomy.unknown)}.")
    return notes


def _bytes_of(need: Need) -> JsonObject:
    return {
        "weights": need.weights,
        "cache": need.cache,
        "activations": need.activations,
        "runtime": need.runtime,
        "total": need.total,
    }
