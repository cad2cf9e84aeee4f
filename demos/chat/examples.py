"""The first screen: what this is, how it goes, and questions to try, which need nothing but the built-in planner."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ...agent.markup import Markup, element

IMAGES = Path(__file__).parents[1] / "images"


@dataclass(frozen=True)
class Example:
    """A sample picture and a question about it."""

    picture: str
    question: str
    shows: str

    @property
    def path(self) -> Path:
        """The file of the picture."""
        return IMAGES / self.picture


EXAMPLES = (
    Example("receipt.png", "What is the total, and the date?", "Read a receipt"),
    Example("label.png", "What does the QR code say?", "Read a code"),
    Example("chart.png", "Which bar is the highest?", "Look at a chart"),
    Example("sign.png", "What does the sign say, and what colour is it?", "Look at a sign"),
)

STEPS = (
    ("Drop a picture", "or paste one, choose files, or take a photo."),
    ("Ask", "in plain words. Every step of the agent unfolds: what it thought, called and saw."),
    ("Point", "at the picture with a click or a drag, and say “this one”."),
    ("Check", "the answer: each piece of it links to its place on the picture."),
)


def welcome() -> Markup:
    """What a newcomer sees."""
    return element(
        "section",
        element("h2", "Ask about a picture"),
        element("p", "An agent looks with vision tools, shows its work, and answers with evidence.", class_="lead"),
        element(
            "ol",
            [element("li", element("b", title), " ", element("span", words)) for title, words in STEPS],
            class_="how",
        ),
        element("p", "Or try one of these:", class_="try"),
        element("div", [_card(number, example) for number, example in enumerate(EXAMPLES)], class_="cards"),
        class_="welcome",
    )


def _card(number: int, example: Example) -> Markup:
    return element(
        "button",
        element("img", src=f"example/{number}", alt="", loading="lazy"),
        element("span", element("b", example.shows), element("span", example.question), class_="words"),
        type="button",
        class_="card",
        data_example=number,
    )
