"""The trace as one page of HTML that needs nothing else: no script, style, picture or font of anybody's.

The page's own style and script are named by their hashes in its content security policy, so a script that slipped in
with somebody's text could neither run nor reach the network.
"""

from __future__ import annotations

import base64
import hashlib
import platform
from collections.abc import Iterable, Sequence
from importlib import resources
from importlib.metadata import PackageNotFoundError, version

from ..tools.calls import ToolResult
from ..vision.image import Image
from ..vision.region import Region
from .answer import Answer, Evidence, Usage
from .events import RunStarted
from .harmless import harmless, one_line
from .markup import Markup, element, joined
from .page_figures import Layer, figure
from .page_pictures import Album
from .page_steps import error_notice, seconds, step_section
from .trace import Trace

POLICY = (
    "default-src 'none'; img-src data:; style-src '{style}'; script-src '{script}'; base-uri 'none'; form-action 'none'"
)


def page(trace: Trace) -> str:
    """The trace as a whole HTML document."""
    album = Album()
    runs = trace.runs
    given: list[Image] = []
    sections: list[Markup] = []
    for number, run in enumerate(runs, start=1):
        given += [image for image in _given(run) if image not in given]
        sections.append(_run(run, album, f"q{number}-", given))
    body = sections or [element("p", "Nothing happened in this trace.", class_="notice")]
    title = one_line(runs[0].started.question, 80) if runs and runs[0].started else "Nothing was asked"
    return _document(title, joined(body), album)


def _document(title: str, body: Markup, album: Album) -> str:
    style, script = asset("parts.css") + asset("trace.css"), asset("trace.js")
    parts = {
        "policy": joined(POLICY.format(style=_hash(style), script=_hash(script))),
        "title": joined(f"{title} · lavr"),
        "style": style,
        "body": body,
        "versions": joined(_versions()),
        "album": album.markup(),
        "script": script,
    }
    before, *places = asset("trace.html").split("{{")
    filled = (f"{parts[name]}{rest}" for name, _, rest in (place.partition("}}") for place in places))
    return before + "".join(filled)


def asset(name: str) -> str:
    """A style, script or template of the page, as text."""
    return resources.files(__package__ or "lavr.agent").joinpath(name).read_text("utf-8")


def _hash(content: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}"


def _versions() -> str:
    try:
        lavr = version("lavr")
    except PackageNotFoundError:
        lavr = "(not installed)"
    return f"lavr {lavr} · Python {platform.python_version()}"


def _given(run: Trace) -> tuple[Image, ...]:
    return run.started.images if run.started else ()


def _run(run: Trace, album: Album, prefix: str, given: Sequence[Image]) -> Markup:
    started, answer = run.started, run.answer
    assert started is not None  # noqa: S101  (`Trace.runs` begins each run with it)
    said = [
        element("p", "Question", class_="eyebrow"),
        element("h1", harmless(started.question), dir="auto"),
        _answer(answer, run, prefix) if answer else None,
        error_notice(run.error, "The run failed:") if run.error else None,
        _unfinished(run),
    ]
    evidence = answer.evidence if answer else ()
    pictures = _pictures(run, evidence, given)
    figures = [figure(album, image, layers(image, evidence, run.results)) for image in pictures]
    hero = element(
        "div",
        element("div", said, class_="said"),
        element("div", figures, class_="seen"),
        class_="hero",
        data_scope=True,
    )
    steps = element("ol", [step_section(step, album, prefix) for step in run.steps], class_="steps")
    return element("section", hero, element("h2", "What happened"), steps, _foot(started, answer), class_="run")


def _unfinished(run: Trace) -> Markup | None:
    if run.answer or run.error:
        return None
    return element("p", "The run was ended before there was an answer.", class_="notice limit")


def _answer(answer: Answer, run: Trace, prefix: str) -> Markup:
    incomplete = element("p", "Not all of the question could be answered.", class_="notice limit")
    dropped = [
        element(
            "p",
            f"A citation was dropped: “{one_line(event.quote, 80)}” → {event.handle}. {event.reason}",
            class_="notice",
        )
        for event in run.dropped
    ]
    return element(
        "div",
        element("p", "Answer", class_="eyebrow"),
        element("p", _quoted(harmless(answer.text), answer.evidence), class_="answer", dir="auto"),
        None if answer.complete else incomplete,
        proofs(answer.evidence, prefix),
        dropped,
    )


def _quoted(text: str, evidence: Sequence[Evidence]) -> list[Markup | str]:
    """The answer with its evidenced pieces marked. Pieces that overlap share one mark and light up together."""
    parts: list[Markup | str] = []
    end = 0
    for start, stop, keys in quoted_spans(text, evidence):
        quote, cited = text[start:stop], " ".join(dict.fromkeys(keys))
        said = f"{one_line(quote, 200)}, evidence {cited}"
        parts += [text[end:start], element("mark", quote, tabindex=0, data_keys=cited, aria_label=said, role="note")]
        end = stop
    return [*parts, text[end:]]


def quoted_spans(text: str, evidence: Sequence[Evidence]) -> list[tuple[int, int, list[str]]]:
    """Where the quotes stand in the text, with what they rest on; those that overlap are joined."""
    quotes = [(harmless(piece.quote), _key(piece)) for piece in evidence]
    places = sorted((text.find(quote), text.find(quote) + len(quote), key) for quote, key in quotes if quote)
    spans: list[tuple[int, int, list[str]]] = []
    for start, stop, key in places:
        if start >= 0 and spans and start < spans[-1][1]:
            first, last, keys = spans[-1]
            spans[-1] = (first, max(last, stop), [*keys, key])
        elif start >= 0:
            spans.append((start, stop, [key]))
    return spans


def _key(piece: Evidence) -> str:
    """What the page highlights for a piece of evidence: the region, or else the whole picture."""
    if piece.region is not None or piece.image is None:
        return piece.handle
    return piece.image.handle


def proofs(evidence: Sequence[Evidence], prefix: str) -> Markup | None:
    """What an answer rests on, piece by piece; `prefix` is that of the ids of its calls."""
    if not evidence:
        return element("p", "No evidence was given.", class_="notice")
    return element("ul", [_piece(piece, prefix) for piece in evidence], class_="proofs", aria_label="Evidence")


def _piece(piece: Evidence, prefix: str) -> Markup:
    found = [element("q", one_line(piece.quote, 160), dir="auto"), element("code", piece.handle)]
    where: list[str] = []
    if piece.region is not None:
        where += [piece.region.label, f"box {', '.join(f'{value:.0f}' for value in piece.region.xyxy)}"]
        where.append("" if piece.region.score is None else f"score {piece.region.score:.2f}")
    if piece.image is not None:
        where.append(f"on {piece.image.handle}")
    detail = element("span", " · ".join(part for part in where if part), class_="where")
    source = element("a", "found by ", piece.call_id, href=f"#{prefix}{piece.call_id}") if piece.call_id else None
    return element("li", found, detail, source, data_keys=_key(piece))


def _pictures(run: Trace, evidence: Sequence[Evidence], given: Sequence[Image]) -> list[Image]:
    """The pictures beside the answer: those of the question, else those of the evidence, else those given before."""
    cited = [piece.image for piece in evidence if piece.image is not None]
    chosen = [*_given(run), *cited] or list(given)
    return list({(image.handle, image.digest): image for image in chosen}.values())


def layers(image: Image, evidence: Iterable[Evidence], results: Iterable[ToolResult]) -> list[Layer]:
    """What is drawn over a picture: the evidence, and what each call found, which is off at first."""
    cited = {piece.region.handle: piece.region for piece in evidence if piece.region is not None}
    drawn = [Layer("evidence", _on(image, list(cited.values())), kind="evidence")]
    for result in results:
        regions = result.observation.regions if result.observation else ()
        found = [region for region in _on(image, regions) if region.handle not in cited]
        drawn.append(Layer(f"{result.call.id} {one_line(result.call.name, 40)}", found, on=False))
    return [layer for layer in drawn if layer.regions]


def _on(image: Image, regions: Sequence[Region]) -> list[Region]:
    return [region.on(image) for region in regions if region.image.lineage == image.lineage]


def _foot(started: RunStarted, answer: Answer | None) -> Markup:
    usage = answer.usage if answer else Usage()
    tokens = usage.tokens
    counted = [f"{tokens.read} read", f"{tokens.reused} reused", f"{tokens.written} written"]
    facts = {
        "Time": seconds(usage.seconds) if answer else "",
        "Steps": str(usage.steps) if answer else "",
        "Calls": str(usage.calls) if answer else "",
        "Tokens": ", ".join(counted) if tokens.read or tokens.written else "",
        "Planner": one_line(started.planner, 80),
        "Tools": one_line(", ".join(started.tools), 400),
        "Run": one_line(started.run_id, 80),
    }
    pairs = [element("div", element("dt", name), element("dd", value)) for name, value in facts.items() if value]
    return element("dl", pairs, class_="usage")
