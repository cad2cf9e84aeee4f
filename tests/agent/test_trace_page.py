"""The page of a trace: complete, self-contained and bounded, whatever the trace holds."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from lavr.agent.harmless import harmless, one_line
from lavr.agent.markup import Markup, element, joined
from lavr.agent.page import page
from lavr.agent.page_pictures import data_uri, outline
from lavr.agent.trace import Trace
from lavr.tests.agent.traces import LINES, eventful_run, failed_run, simple_run
from lavr.vision.image import Image
from lavr.vision.mask import Mask
from lavr.vision.region import Region
from lavr.vision.store import ImageStore

HOSTILE = (
    "<script>document.title='owned'</script>",
    "</script><img src=x onerror=alert(1)>",
    "\"' onmouseover=alert(1) x='",
    "invoice\u202egnp.exe",
    "<!-- {{script}} ]]>",
    "x" * 10_000,
)


class Tags(HTMLParser):
    """Collects the tags of a page with their attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def tags_of(html: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = Tags()
    parser.feed(html)
    return parser.found


@pytest.fixture
def store(tmp_path: Path) -> ImageStore:
    return ImageStore(tmp_path / "store")


def test_the_page_tells_question_answer_evidence_steps_errors_limits_and_usage(store: ImageStore) -> None:
    html = page(eventful_run(store))
    told = (
        "What is the total, and who signed?",
        "Not all of the question could be answered.",
        "ToolTimeout",
        "Ask for fewer labels, or for a crop.",
        "ocr has no argument &#x27;picture&#x27;.",
        "The box was clipped to the picture.",
        "3 steps are used up; answer with what you have.",
        "A citation was dropped",
        "cached",
        "1840 read, 1200 reused, 96 written",
    )
    assert [text for text in told if text not in html] == []


def test_nothing_on_the_page_comes_from_elsewhere(store: ImageStore) -> None:
    for tag, attributes in tags_of(page(eventful_run(store))):
        assert tag not in {"link", "iframe", "object", "embed", "base", "form", "img"}
        assert not any(name.startswith("on") or name == "style" for name in attributes)
        for name in ("src", "href", "xlink:href", "action"):
            assert (attributes.get(name) or "#").startswith(("#", "data:image/"))


def test_the_policy_names_the_page_s_own_script_and_style_and_nothing_else(store: ImageStore) -> None:
    html = page(simple_run(store))
    policy = next(attributes["content"] for tag, attributes in tags_of(html) if "http-equiv" in attributes)
    assert policy is not None
    assert policy.startswith("default-src 'none'; img-src data:;")
    for name in ("script", "style"):
        content = re.search(rf"<{name}>(.*?)</{name}>", html, re.DOTALL)
        assert content is not None
        digest = base64.b64encode(hashlib.sha256(content.group(1).encode()).digest()).decode()
        assert f"{name}-src 'sha256-{digest}'" in policy


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda text: text[:12].encode("ascii", "replace").decode())
def test_hostile_text_stays_text(store: ImageStore, hostile: str) -> None:
    calm = simple_run(store)
    trace = simple_run(store, (*LINES[:4], hostile), question=hostile)
    assert [tag for tag, _ in tags_of(page(trace))] == [tag for tag, _ in tags_of(page(calm))]
    assert "\u202e" not in page(trace)


def test_a_picture_is_embedded_once_however_often_it_is_shown(store: ImageStore) -> None:
    html = page(eventful_run(store))
    assert html.count("data:image/") == 2
    assert html.count('<use href="#p-') == 3


def test_a_large_picture_is_embedded_small(store: ImageStore) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (3000, 4000, 3), dtype=np.uint8)
    assert len(data_uri(Image.of(noise, store=store))) < 2_500_000


def test_a_picture_longer_than_webp_can_hold_is_embedded(store: ImageStore) -> None:
    assert data_uri(Image.of(np.zeros((20_000, 100, 3), dtype=np.uint8), store=store)).startswith("data:image/")


def test_a_receipt_makes_a_page_of_less_than_a_tenth_of_a_megabyte(store: ImageStore) -> None:
    assert len(page(simple_run(store))) < 100_000


def test_pixels_that_are_gone_leave_a_line_in_their_place(tmp_path: Path, store: ImageStore) -> None:
    simple_run(store).save(tmp_path / "run.jsonl", pictures=False)
    html = page(Trace.load(tmp_path / "run.jsonl", ImageStore(tmp_path / "empty")))
    assert "were not kept with the trace" in html
    assert "data:image/" not in html


def test_a_run_that_failed_and_a_trace_without_events_have_a_page(store: ImageStore) -> None:
    assert "The planner wrote nothing that can be read." in page(failed_run(store))
    assert "The run ended before this call did." in page(failed_run(store))
    assert "Nothing happened in this trace." in page(Trace())


def test_a_run_that_was_ended_says_so(store: ImageStore) -> None:
    assert "ended before there was an answer" in page(Trace(simple_run(store).events[:-1]))


def test_thousands_of_regions_are_thinned_out_with_a_word(store: ImageStore) -> None:
    trace = simple_run(store, tuple(f"line {number}" for number in range(1700)))
    html = page(trace)
    assert "200 more are not drawn" in html
    assert "1200 more are not listed." in html


def test_each_question_of_a_session_has_its_own_section_and_ids(store: ImageStore) -> None:
    html = page(Trace(simple_run(store).events + eventful_run(store).events))
    ids = [attributes["id"] for _, attributes in tags_of(html) if attributes.get("id")]
    assert len(ids) == len(set(ids))
    assert sum(attributes.get("class") == "run" for _, attributes in tags_of(html)) == 2


def test_quotes_that_overlap_share_a_mark(store: ImageStore) -> None:
    marks = [attributes["data-keys"] for tag, attributes in tags_of(page(eventful_run(store))) if tag == "mark"]
    assert marks == ["r4 r6", "img_1", "r1"]


def test_a_mask_is_drawn_by_its_outline_and_a_box_by_its_corners(store: ImageStore) -> None:
    image = Image.of(np.zeros((40, 60, 3), dtype=np.uint8), store=store)
    array = np.zeros((40, 60), dtype=bool)
    array[10:21, 5:31] = True
    assert outline(Region(image, (5, 10, 31, 21))) == "M5.0 10.0H31.0V21.0H5.0Z"
    assert outline(Region(image, (5, 10, 31, 21), mask=Mask.of(array))).count("L") == 3
    assert outline(Region(image, (0, 0, 9, 9), polygon=((0, 0), (9, 0), (0, 9)))) == "M0.0 0.0L9.0 0.0L0.0 9.0Z"


def test_markup_escapes_whatever_is_not_markup() -> None:
    assert element("p", "<b>", Markup("<i></i>"), title='"') == '<p title="&quot;">&lt;b&gt;<i></i></p>'
    assert element("input", checked=True, disabled=False, name=None) == "<input checked/>"
    assert joined(["a", [1, None]]) == "a1"


def test_control_and_direction_characters_are_written_out() -> None:
    assert harmless("\x1b[31mred\x07\x9b\u202e\udc80\ttab\nline") == "\\x1b[31mred\\x07\\x9b\\u202e\\udc80\ttab\nline"
    assert harmless("a\r\nb\rc") == "a\nb\\x0dc"
    assert one_line(" a\n\tb ", 3) == "a b"
    assert one_line("abcdef", 4) == "abc…"
