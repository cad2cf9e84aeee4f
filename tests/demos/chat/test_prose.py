"""Answers as HTML: a little Markdown, evidence as links, and nothing that reaches out of the page."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from lavr.agent.answer import Evidence
from lavr.agent.markup import Markup
from lavr.demos.chat.prose import answer_markup
from lavr.tests.demos.chat.hostile import HOSTILE

HARMLESS = {"div", "p", "span", "strong", "em", "code", "pre", "ul", "ol", "li", "mark", "a"}


class Tags(HTMLParser):
    """What a browser would make elements and attributes of."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name in {"href", "src"}]


def text_of(markup: Markup) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", markup)).strip()


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_stays_text(text: str) -> None:
    evidence = (Evidence(text, "r1"), Evidence(text[:9], "r2"))
    found = Tags(answer_markup(f"It says: {text}\n{text}", evidence, {"r1", "img_1", "c1"}))
    assert found.tags <= HARMLESS
    assert found.attributes <= {"class", "dir", "href", "data-keys", "aria-label", "start", "tabindex"}
    assert all(link.startswith("#") for link in found.links)


def test_a_piece_with_evidence_is_marked_and_followed_by_links_to_it() -> None:
    markup = answer_markup("The total is 11.50 EUR.", (Evidence("11.50", "r4"), Evidence("11.50", "r6")))
    assert '<mark data-keys="r4 r6">11.50</mark>' in markup
    assert text_of(markup) == "The total is 11.50 r4 r6 EUR."
    assert Tags(markup).links == ["#r4", "#r6"]


def test_a_handle_that_is_named_is_a_link_when_it_is_live() -> None:
    markup = answer_markup("Here is r8 enlarged: img_2, not r99.", (), {"r8", "img_2"})
    assert Tags(markup).links == ["#r8", "#img_2"]


def test_a_handle_that_is_its_own_evidence_is_linked_once() -> None:
    assert text_of(answer_markup("Here is img_2.", (Evidence("img_2", "img_2"),))) == "Here is img_2 ."


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("a **b** c", "<strong>b</strong>"),
        ("a *b* c", "<em>b</em>"),
        ("2 * 3 * 4", "2 * 3 * 4"),
        ("say `x < y`", "<code>x &lt; y</code>"),
        ("- one\n- two", "<ul><li>one</li><li>two</li></ul>"),
        ("3. one\n4. two", '<ol start="3"><li>one</li><li>two</li></ol>'),
        ("## Total\nis 3", "<strong>"),
        ("```\na\n  b\n```", "a\n  b</pre>"),
        ("a\nb\n\nc", "</p><p>"),
        ("[a](http://b)", "[a](http://b)"),
    ],
)
def test_a_little_markdown_is_understood(written: str, shown: str) -> None:
    assert shown in answer_markup(written)


def test_a_piece_that_runs_over_lines_is_marked_on_its_first_line() -> None:
    markup = answer_markup("one\ntwo\nthree", (Evidence("one\ntwo", "r1"),))
    assert ">one</mark>" in markup
    assert text_of(markup) == "one r1 two three"


def test_marks_inside_code_and_bold_do_not_show_their_bones() -> None:
    for text in ("```\nsum 3\n```", "`sum 3`", "**sum 3**", "*sum 3*"):
        markup = answer_markup(text, (Evidence("3", "r1"),))
        assert not re.search("[\ue000\ue001]", markup)
        assert "0:" not in markup
