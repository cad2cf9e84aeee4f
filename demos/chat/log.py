"""The conversation as HTML: what was asked, each step as a section that folds, the answer with its evidence.

Everything is a list of keyed pieces, so that the page changes only what changed. All text comes through
`lavr.agent.markup`, which escapes it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from ...agent.answer import Answer
from ...agent.cli.progress import called
from ...agent.events import AnswerDelta, StepStarted
from ...agent.harmless import harmless, one_line
from ...agent.markup import Child, Markup, element
from ...agent.page import proofs
from ...agent.page_steps import error_notice, seconds, step_parts
from ...agent.trace import Step
from ...errors import LavrError
from ...vision.image import Image
from .addresses import Served, of_room
from .examples import welcome
from .prose import answer_markup, handle_link
from .room import Room
from .turn import Turn

Entry = list[str]
"""The key of a piece, and its HTML."""


def entries(room: Room) -> list[Entry]:
    """The pieces of a conversation, in order."""
    if not room.turns:
        pieces = [["welcome", welcome()]]
    else:
        known = room.handles
        pieces = [piece for turn in room.turns for piece in _kept_turn(turn, room, known)]
    return [*pieces, ["notice", failed(room.notice)]] if room.notice else pieces


def _kept_turn(turn: Turn, room: Room, known: Collection[str]) -> list[Entry]:
    """A turn is drawn anew while it is the last, and once when it is not any more."""
    if turn is room.turns[-1] or not turn.over:
        return list(_turn(turn, room, known, last=True))
    if not turn.kept:
        turn.kept = list(_turn(turn, room, known, last=False))
    return turn.kept


def _turn(turn: Turn, room: Room, known: Collection[str], *, last: bool) -> Iterator[Entry]:
    prefix = f"t{turn.number}"
    yield [f"{prefix}-question", _question(turn, room, last=last and turn.over)]
    steps = turn.facts.steps
    for step in steps:
        yield [key := f"{prefix}-step-{step.number}", _kept_step(key, step, turn, room, last=step is steps[-1])]
    if not turn.over:
        yield [f"{prefix}-wait", _waiting(turn)]
    if turn.answer:
        yield [f"{prefix}-answer", _answer(turn.answer, turn, known)]
    elif streamed := _streamed(turn):
        yield [f"{prefix}-answer", element("article", answer_markup(streamed), class_="answer streaming")]
    if turn.error:
        yield [f"{prefix}-error", failed(turn.error)]
    if turn.state == "stopped":
        words = "Stopped. Nothing of this question was kept; its pictures go with your next one."
        yield [f"{prefix}-error", element("p", words, class_="notice limit", role="note")]


def _question(turn: Turn, room: Room, *, last: bool) -> Markup:
    pictures = [_thumbnail(key, image, room) for key, image in turn.given.items()]
    pointed = turn.started.pointed if turn.started else turn.pointed
    places = [handle_link(region.handle) if region.handle else "a place" for region in pointed]
    buttons = element(
        "div",
        _button("edit", "Edit", "Edit this question"),
        _button("again", "Ask again", "Ask this question again"),
        class_="tools",
    )
    bubble = element(
        "div",
        element("div", pictures, class_="thumbs") if pictures else None,
        element("p", harmless(turn.question), class_="said", dir="auto"),
        element("p", "pointing at ", _listed(places), class_="pointing") if places else None,
        class_="bubble",
    )
    head = element("h2", "You asked", class_="unseen")
    return element("article", head, bubble, buttons if last else None, class_="question")


def _button(action: str, title: str, says: str) -> Markup:
    return element("button", title, type="button", data_action=action, aria_label=says)


def _listed(parts: list[Markup | str]) -> list[Child]:
    pieces: list[Child] = [piece for part in parts for piece in (part, ", ")]
    return pieces[:-1]


def _thumbnail(key: str, image: Image, room: Room) -> Markup:
    name = f"{one_line(image.name, 60) or 'picture'}, {image.size_wh[0]} by {image.size_wh[1]} pixels"
    return element(
        "button",
        element("img", src=of_room(room.key, "thumb", image.digest), alt=""),
        type="button",
        class_="thumb",
        data_picture=image.lineage,
        aria_label=f"Show {image.handle or key}: {name}",
    )


def _kept_step(key: str, step: Step, turn: Turn, room: Room, *, last: bool) -> str:
    """A step is drawn anew while it is at work, and once when it is over."""
    if last and not turn.over:
        return _step(step, turn, room, running=True)
    if key not in turn.drawn:
        turn.drawn[key] = _step(step, turn, room, running=False)
    return turn.drawn[key]


def _step(step: Step, turn: Turn, room: Room, *, running: bool) -> Markup:
    failed = [came for came in step.results if came.error is not None]
    state = "running" if running else "failed" if failed else "done"
    summary = element(
        "summary",
        element("span", class_=f"light {state}", aria_hidden="true"),
        element("span", _headline(step), class_="headline", dir="auto"),
        element("span", _facts(step, len(failed), running=running), class_="facts"),
    )
    body = element("div", step_parts(step, Served(room.key), f"t{turn.number}-", running=running), class_="step-body")
    fold = f"t{turn.number}-{step.number}"
    return element("details", summary, body, class_=f"step {state}", data_fold=fold, open=running)


def _headline(step: Step) -> str:
    thought = one_line(step.thought, 160)
    if thought:
        return thought
    calls = [*(came.call for came in step.results), *step.unanswered]
    if calls:
        return one_line(", ".join(called(call) for call in calls), 160)
    return "The answer" if step.decision and step.decision.answer else "Thinking"


def _facts(step: Step, failed: int, *, running: bool) -> str:
    names = [*(came.call.name for came in step.results), *(call.name for call in step.unanswered)]
    took = sum(came.seconds for came in step.results)
    parts = [f"Step {step.number}", ", ".join(dict.fromkeys(one_line(name, 40) for name in names))]
    parts += [f"{failed} failed" if failed else "", "running" if running else seconds(took) if took else ""]
    return " · ".join(part for part in parts if part)


def _waiting(turn: Turn) -> Markup:
    if turn.state == "waiting" and turn.ahead:
        words = f"Busy: {turn.ahead} before you. Your turn comes by itself."
    elif any(isinstance(event, StepStarted) for event in turn.events):
        words = "Working"
    else:
        words = "Starting"
    return element("p", element("span", class_="light running", aria_hidden="true"), words, " …", class_="waiting")


def _streamed(turn: Turn) -> str:
    steps = [event.step for event in turn.events if isinstance(event, AnswerDelta)]
    return "".join(e.text for e in turn.events if isinstance(e, AnswerDelta) and e.step == steps[-1]) if steps else ""


def _answer(answer: Answer, turn: Turn, known: Collection[str]) -> Markup:
    incomplete = element("p", "Not all of the question could be answered.", class_="notice limit")
    dropped = [
        element("p", f"A citation was dropped: “{one_line(gone.quote, 80)}” → {gone.handle}.", class_="notice")
        for gone in turn.facts.dropped
    ]
    return element(
        "article",
        element("h2", "Answer", class_="unseen"),
        answer_markup(answer.text, answer.evidence, known),
        None if answer.complete else incomplete,
        _evidence(answer, turn),
        dropped,
        element("p", _costs(answer, turn), class_="costs"),
        class_="answer",
    )


def _evidence(answer: Answer, turn: Turn) -> Markup | None:
    if not answer.evidence:
        return None
    count = "1 piece of evidence" if len(answer.evidence) == 1 else f"{len(answer.evidence)} pieces of evidence"
    listed = proofs(answer.evidence, f"t{turn.number}-")
    return element("details", element("summary", count), listed, class_="why", data_fold=f"t{turn.number}-why")


def _costs(answer: Answer, turn: Turn) -> str:
    usage, planner = answer.usage, turn.started.planner if turn.started else ""
    parts = [seconds(usage.seconds), f"{usage.steps} step{'s' * (usage.steps != 1)}"]
    parts += [f"{usage.calls} call{'s' * (usage.calls != 1)}"]
    tokens = usage.tokens.read + usage.tokens.written
    parts += [f"{tokens} tokens"] if tokens else []
    return " · ".join([*parts, one_line(planner, 60)])


def failed(error: LavrError) -> Markup:
    """An error, with what to do."""
    return error_notice(error, "That did not work:")
