"""Traces made by hand of the events that a run gives, for what consumes them."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from lavr.agent.answer import Answer, Evidence, Usage
from lavr.agent.events import (
    AnswerReady,
    CallFinished,
    CallStarted,
    DecisionMade,
    DecisionRefused,
    Event,
    EvidenceDropped,
    ImageShown,
    LimitHit,
    Observed,
    RunFailed,
    RunStarted,
    StepStarted,
    ThoughtDelta,
)
from lavr.agent.trace import Trace
from lavr.errors import InvalidArguments, MalformedReply, ToolTimeout
from lavr.planners.base import Citation, Decision, Draft, Tokens
from lavr.tools.calls import Observation, ToolCall, ToolResult
from lavr.vision.frame import Frame
from lavr.vision.image import Image
from lavr.vision.mask import Mask
from lavr.vision.region import Region
from lavr.vision.store import ImageStore

LINES = ("CAFE LUMEN", "2 x Flat white   7.60", "1 x Croissant   3.90", "TOTAL EUR   11.50", "Thank you!")
QUESTION = "What is the total?"


def drawn(store: ImageStore, lines: tuple[str, ...] = LINES, name: str = "receipt.png") -> Image:
    """A picture with a line of text every 80 pixels: 560 pixels wide, under the handle img_1."""
    pixels = np.full((80 * len(lines) + 60, 560, 3), 250, dtype=np.uint8)
    for row, line in enumerate(lines):
        cv2.putText(pixels, line, (30, 80 + 80 * row), cv2.FONT_HERSHEY_SIMPLEX, 1.0, (30, 30, 30), 2, cv2.LINE_AA)
    return replace(Image.of(pixels, name=name, store=store), handle="img_1")


def read(image: Image, lines: tuple[str, ...] = LINES) -> tuple[Region, ...]:
    """One region for each drawn line: r1, r2 ..."""
    boxes = [(24.0, 48.0 + 80 * row, 530.0, 92.0 + 80 * row) for row in range(len(lines))]
    return tuple(
        Region(image, box, "line", 0.98, text, handle=f"r{row}")
        for row, (box, text) in enumerate(zip(boxes, lines, strict=True), start=1)
    )


def step(number: int, thought: str, *results: ToolResult) -> list[Event]:
    """The events of a step whose calls ran together."""
    decision = Decision(thought, tuple(result.call for result in results), tokens=Tokens(120, 80, 12))
    return [
        StepStarted(number),
        ThoughtDelta(number, thought),
        DecisionMade(number, decision),
        *(CallStarted(number, result.call) for result in results),
        *(CallFinished(number, result) for result in results),
        Observed(number, results),
    ]


def simple_run(store: ImageStore, lines: tuple[str, ...] = LINES, question: str = QUESTION) -> Trace:
    """A question that one OCR call answers; the evidence is the fourth line."""
    image = drawn(store, lines)
    regions = read(image, lines)
    call = ToolCall("c1", "ocr", {"image": "img_1"})
    result = ToolResult(call, Observation("\n".join(lines), regions, untrusted=True), seconds=0.84)
    answer = Answer(
        text="The total is 11.50 EUR.",
        value="11.50",
        evidence=(Evidence("11.50", "r4", regions[3], image, "c1"),),
        complete=True,
        usage=Usage(1.24, 2, 1, Tokens(240, 160, 24)),
        trace=Trace(),
    )
    events = [
        RunStarted("run-1", question, (image,), "scripted", ("ocr", "zoom")),
        ImageShown(1, image),
        *step(1, "The total is written on the receipt, so I read it.", result),
        StepStarted(2),
        DecisionMade(2, Decision("It says so.", answer=Draft(answer.text, (Citation("11.50", "r4"),)))),
        AnswerReady(answer),
    ]
    return Trace(tuple(events))


def eventful_run(store: ImageStore) -> Trace:
    """A run with everything: a crop, a mask, errors, a refusal, a limit, a dropped citation, an incomplete answer."""
    image = drawn(store)
    lines = read(image)
    crop = replace(image.derive(image.pixels()[280:340, 300:560], Frame.shift(300, 280), "zoom of r4"), handle="img_2")
    ellipse = np.zeros((crop.size_wh[1], crop.size_wh[0]), dtype=np.uint8)
    cv2.ellipse(ellipse, (90, 30), (60, 22), 0, 0, 360, 1, -1)
    blob = Region(
        crop, (30, 8, 150, 52), "amount", 0.71, mask=Mask.of(ellipse.astype(bool)), handle="r6", attributes={"ink": 0.4}
    )
    read_all = ToolResult(
        ToolCall("c1", "ocr", {"image": "img_1"}), Observation("\n".join(LINES), lines, untrusted=True), seconds=0.842
    )
    slow = ToolResult(
        ToolCall("c2", "detect", {"image": "img_1", "labels": ["stamp", "signature"]}),
        error=ToolTimeout("detect did not end within 5 s.", remedy="Ask for fewer labels, or for a crop.", seconds=5.0),
        seconds=5.0,
    )
    zoomed = ToolResult(
        ToolCall("c3", "zoom", {"region": {"$ref": "c1.regions[3]"}, "scale": 2}),
        Observation("img_2: 260 x 60 pixels of img_1.", (blob,), (crop,), {"scale": 2.0, "box": [300, 280, 560, 340]}),
        seconds=0.0123,
        cached=True,
        notes=("The box was clipped to the picture.",),
    )
    answer = Answer(
        text="The total is 11.50 EUR. Who signed it I could not establish; the receipt is from CAFE LUMEN.",
        value="11.50",
        evidence=(
            Evidence("11.50", "r4", lines[3], image, "c1"),
            Evidence("11.50 EUR", "r6", blob.on(image), image, "c3"),
            Evidence("CAFE LUMEN", "r1", lines[0], image, "c1"),
            Evidence("the receipt", "img_1", None, image, ""),
        ),
        complete=False,
        usage=Usage(7.9, 3, 3, Tokens(1840, 1200, 96)),
        trace=Trace(),
    )
    bad = InvalidArguments("ocr has no argument 'picture'.", remedy="Give image: the handle of a picture.")
    events = [
        RunStarted("run-2", "What is the total, and who signed?", (image,), "local", ("ocr", "detect", "zoom")),
        ImageShown(1, image),
        *step(1, "I read the receipt and look for a signature.", read_all, slow),
        DecisionRefused(2, bad),
        *step(2, "I look closer at the amount.", zoomed),
        ImageShown(2, crop, "c3"),
        LimitHit(3, "steps", "3 steps are used up; answer with what you have."),
        StepStarted(3),
        DecisionMade(3, Decision("I know the total only.", answer=Draft(answer.text))),
        EvidenceDropped("signed", "r99", "There is no r99."),
        AnswerReady(answer),
    ]
    return Trace(tuple(events))


def failed_run(store: ImageStore) -> Trace:
    """A run that ended with an error after a call that was never answered."""
    image = drawn(store)
    call = ToolCall("c1", "ocr", {"image": "img_1"})
    return Trace(
        (
            RunStarted("run-3", QUESTION, (image,), "local", ("ocr",)),
            StepStarted(1),
            DecisionMade(1, Decision("I read.", (call,))),
            CallStarted(1, call),
            RunFailed(MalformedReply("The planner wrote nothing that can be read.", remedy="Use another planner.")),
        )
    )
