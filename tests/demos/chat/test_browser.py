"""The chat in a real browser: asking, looking, pointing, stopping; narrow, dark, hostile, side by side.

Screenshots are kept in the folder that `LAVR_SCREENSHOTS` names, or else with pytest's temporary files.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lavr.demos.draw_samples import IMAGES
from lavr.tests.agent.test_trace_browser import CONTRASTS
from lavr.tests.demos.chat.hostile import FAR, HOSTILE, NAMES
from lavr.tests.demos.chat.pages import Visit, visiting
from lavr.tests.demos.chat.served import NAP_S, Served
from lavr.tests.demos.chat.test_chat import png

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser
RECEIPT, SIGN = IMAGES / "receipt.png", IMAGES / "sign.png"
OVERLAPPING = "document.documentElement.scrollWidth"


@pytest.fixture(scope="module")
def shots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where screenshots go."""
    named = os.environ.get("LAVR_SCREENSHOTS")
    folder = Path(named) if named else tmp_path_factory.mktemp("screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="module")
def receipt(chromium: Browser, chat: Served) -> Iterator[Visit]:
    """A page on which a receipt was sent and asked about."""
    with visiting(chromium, chat) as visit:
        visit.add(RECEIPT)
        visit.ask("What is the total, and the date?")
        yield visit


@pytest.fixture
def page(chromium: Browser, chat: Served) -> Iterator[Visit]:
    """A new page."""
    with visiting(chromium, chat) as visit:
        yield visit


def test_a_receipt_is_sent_asked_about_and_its_evidence_lights_up(receipt: Visit, shots: Path) -> None:
    page = receipt.page
    assert page.locator("details.step").count() == 2
    assert "17.27" in page.inner_text(".answer mark >> nth=0")
    page.hover("h2.unseen >> nth=0", force=True)
    page.hover(".answer mark >> nth=0")
    assert receipt.lit() == ["r18", "r19"]
    page.screenshot(path=shots / "evidence.png")
    page.click(".answer a.handle:text-is('r6') >> nth=0")
    assert receipt.lit() == ["r6"]
    page.keyboard.press("Escape")
    assert receipt.lit() == []


def test_a_step_unfolds_with_its_call_its_text_and_the_picture_the_planner_was_shown(
    receipt: Visit, shots: Path
) -> None:
    page = receipt.page
    page.click("details.step summary >> nth=0")
    step = page.locator("details.step >> nth=0")
    assert "CAFE LUMEN GMBH" in step.inner_text()
    assert "shown to the planner" in step.inner_text()
    assert re.search(r"ocr\s+c1\s+[\d.]+ m?s", step.inner_text())
    assert step.locator("svg.picture image").evaluate("node => node.getBBox().width") == 620
    page.screenshot(path=shots / "steps.png")
    # It stays unfolded while the conversation goes on.
    receipt.ask("What is the company?")
    assert step.get_attribute("open") is not None
    assert "CAFE LUMEN" in page.inner_text(".answer >> nth=1")


def test_a_click_and_a_drag_on_the_picture_are_this_one(receipt: Visit, shots: Path) -> None:
    page = receipt.page
    page.mouse.move(*receipt.screen(460, 590))
    page.mouse.down()
    page.mouse.move(*receipt.screen(580, 645), steps=4)
    page.mouse.up()
    page.wait_for_selector(".chip b:text-is('this one')")
    page.screenshot(path=shots / "pointing.png")
    receipt.ask("What does this one say?")
    assert "17.27" in page.locator(".answer").last.inner_text()
    assert "pointing at r" in page.locator(".question").last.inner_text()
    page.mouse.click(*receipt.screen(310, 850))
    page.wait_for_selector(".chip")
    receipt.ask("What colour is this?")
    assert re.search("gr[ae]y|white|beige", page.locator(".answer").last.inner_text())
    page.click(".sheet:not([hidden]) .switch input >> nth=0")


def test_the_keyboard_points_as_well(page: Visit) -> None:
    page.add(SIGN)
    page.page.locator(".sheet .canvas").focus()
    for key in ("ArrowUp", "Shift+ArrowRight", "Shift+ArrowDown", "Enter"):
        page.page.keyboard.press(key)
    page.page.wait_for_selector(".chip:has-text('a box on sign.png')")
    page.page.click(".chip [data-away^=place]")
    page.page.wait_for_selector(".chip:has-text('a box')", state="detached")


def test_layers_are_shown_and_hidden_and_an_earlier_answer_still_lights_up(receipt: Visit) -> None:
    page = receipt.page
    page.click(".answer >> nth=0 >> a.handle:text-is('r19')")
    assert receipt.lit() == ["r19"]
    assert page.locator(".sheet .layer.off").count() >= 0
    box = page.get_by_label(re.compile("^evidence"))
    box.uncheck()
    assert page.locator(".sheet .layer.evidence").first.is_hidden()
    box.check()


def test_the_overlay_a_cut_out_and_the_trace_can_be_downloaded(receipt: Visit, tmp_path: Path) -> None:
    for title, name in (("picture with marks", "img_1-marked.png"), ("trace", "trace.html")):
        with receipt.page.expect_download() as waiting:
            receipt.page.click(f".takes a:text-is('{title}')")
        assert waiting.value.suggested_filename == name
        waiting.value.save_as(tmp_path / name)
    assert "17.27" in (tmp_path / "trace.html").read_text("utf-8")


def test_stop_ends_a_run_in_the_middle_and_the_conversation_goes_on(page: Visit, shots: Path) -> None:
    page.add(png_file())
    page.send("nap")
    page.page.wait_for_selector("details.step.running .call.running")
    page.page.screenshot(path=shots / "running.png")
    begun = time.perf_counter()
    page.page.click("#lavr-question .stop-button")
    page.page.wait_for_selector("text=Stopped.")
    assert time.perf_counter() - begun < NAP_S / 2  # the two seconds are held against the clock without a browser
    page.ask("say hello")
    assert "hello" in page.page.locator(".answer").last.inner_text()


CLEAR_OF_TEXT = """chosen => {
    const notice = document.querySelector(chosen), button = notice.querySelector("button").getBoundingClientRect();
    const padding = parseFloat(getComputedStyle(notice).paddingRight);
    return notice.getBoundingClientRect().right - padding <= button.left;
}"""
"""Whether the text of a notice ends before its button begins, however long it is."""


def test_a_bad_picture_is_refused_with_what_to_do_and_a_good_one_goes_through(page: Visit, shots: Path) -> None:
    page.page.set_input_files(".files", {"name": "note.png", "mimeType": "image/png", "buffer": b"hello"})
    page.page.wait_for_selector(".problems .notice")
    told = page.page.inner_text(".problems")
    assert "NotAnImage" in told
    assert "→" in told
    page.page.screenshot(path=shots / "refused.png")
    assert page.page.evaluate(CLEAR_OF_TEXT, ".problems .notice")
    page.add(SIGN)
    page.ask("What does the sign say?")
    assert "OPEN" in page.page.inner_text(".answer")
    assert page.complaints == []


def test_pictures_are_pasted_and_taken_with_the_camera(page: Visit) -> None:
    page.page.evaluate(
        "bytes => { const data = new DataTransfer(); data.items.add(new File([new Uint8Array(bytes)], 'pasted.png',"
        " { type: 'image/png' })); document.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data })); }",
        list(png()),
    )
    page.page.wait_for_selector(".chip:has-text('pasted.png')")
    page.page.click(".camera")
    page.page.wait_for_function("document.querySelector('.shoot video').videoWidth > 0")
    page.page.click(".shoot .take")
    page.page.wait_for_selector(".chip:has-text('photo.png')")
    assert page.page.locator(".tabs [role=tab]").count() == 2


def test_a_question_is_edited_and_asked_again(page: Visit) -> None:
    page.ask("say one")
    page.page.click("[data-action=edit]")
    page.page.wait_for_selector(".welcome")
    assert page.page.input_value(page.box) == "say one"
    page.ask("say two")
    page.page.click("[data-action=again]")
    page.page.wait_for_selector(".question .tools")
    assert page.page.locator(".question").count() == 1


def test_two_visitors_side_by_side_see_nothing_of_each_other(chromium: Browser, chat: Served) -> None:
    with visiting(chromium, chat) as ann, visiting(chromium, chat) as bob:
        ann.add(RECEIPT)
        bob.add(SIGN)
        ann.ask("say for ann only")
        bob.ask("say for bob only")
        assert "bob" not in ann.page.inner_text(".stage")
        assert "ann" not in bob.page.inner_text(".log")
        assert bob.page.locator(".sheet").count() == 1
        files = [url for url in ann.requests if "/room/" in url and not url.endswith("/pictures")]
        assert files
        assert {bob.page.request.get(url).status for url in files} == {404}
        assert {ann.page.request.get(url).status for url in files} == {200}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_background(chromium: Browser, chat: Served, shots: Path, scheme: str) -> None:
    with visiting(chromium, chat, color_scheme=scheme) as visit:
        visit.page.screenshot(path=shots / f"welcome-{scheme}.png")
        assert visit.page.evaluate(CONTRASTS.replace("main *, footer", ".lavr *")) == []
        visit.page.click(".card >> nth=3")
        visit.page.wait_for_selector(".answer .costs", timeout=60_000)
        visit.page.click("details.step summary >> nth=0")
        visit.page.screenshot(path=shots / f"answer-{scheme}.png")
        assert visit.page.evaluate(CONTRASTS.replace("main *, footer", ".lavr *")) == []
        assert visit.complaints == []


def test_it_fits_a_phone(chromium: Browser, chat: Served, shots: Path) -> None:
    with visiting(chromium, chat, width=360, height=740, has_touch=True, is_mobile=True) as visit:
        assert visit.page.evaluate(OVERLAPPING) <= 360
        visit.page.screenshot(path=shots / "phone-welcome.png")
        visit.add(RECEIPT)
        visit.ask("What is the total?")
        visit.page.wait_for_timeout(300)
        visit.page.screenshot(path=shots / "phone-answer.png")
        assert visit.page.evaluate(OVERLAPPING) <= 360
        box = visit.page.locator(".answer .costs").bounding_box()
        assert box is not None
        assert 0 <= box["y"] < 740
        visit.page.tap(".answer a.handle:text-is('r19')")
        visit.page.wait_for_timeout(300)
        assert visit.lit() == ["r19"]
        lit = visit.page.locator(".sheet .region.on").first.bounding_box()
        assert lit is not None
        assert 0 <= lit["y"] < 740
        visit.page.screenshot(path=shots / "phone-evidence.png")


def test_what_can_be_done_has_a_name_for_a_screen_reader(receipt: Visit) -> None:
    nameless = receipt.page.eval_on_selector_all(
        ".stage button, .stage a, .stage input:not([hidden]), .stage textarea, .stage svg.picture",
        "nodes => nodes.filter((node) => !(node.getAttribute('aria-label') || node.title || node.textContent.trim() ||"
        " node.labels?.length || node.closest('label'))).map((node) => node.outerHTML.slice(0, 120))",
    )
    assert nameless == []
    assert receipt.page.locator("[role=log]").count() == 1
    assert "Answer:" in receipt.page.inner_text(".says")


def test_a_hundred_hostile_strings_stay_text(chromium: Browser, chat: Served) -> None:
    with visiting(chromium, chat) as visit:
        visit.add({"name": NAMES[0], "mimeType": "image/png", "buffer": png()})
        for name in NAMES[1:]:
            visit.page.evaluate(SEND_AS, [name, list(png())])
        # As an answer and a question, as the label and the text of a region, as evidence, and as arguments.
        visit.ask("find " + " ".join(HOSTILE[:50]).replace("\n", " ")[:3900])
        visit.ask("find " + " ".join(HOSTILE[50:]).replace("\n", " ")[:3900])
        for number in range(0, len(HOSTILE), 25):
            visit.ask("say " + " ".join(HOSTILE[number : number + 25]).replace("\n", " ")[:3900])
        visit.page.eval_on_selector_all("details", "nodes => nodes.forEach((node) => (node.open = true))")
        for selector in (".answer mark", ".sheet .region", ".proofs li"):
            visit.page.eval_on_selector_all(selector, POKE)
        visit.page.wait_for_timeout(300)
        assert visit.page.evaluate("window.owned") is None
        assert visit.strangers == []
        assert visit.complaints == []
        assert FAR in visit.page.inner_text(".log")
        assert (
            visit.page.locator(".log :is(script, iframe, object, embed, style, link, form, video, audio)").count() == 0
        )
        assert visit.page.evaluate(OVERLAPPING) <= 1280


def test_the_policy_stops_what_slipped_in_nonetheless(page: Visit) -> None:
    page.page.evaluate(
        "far => { const box = document.createElement('div'); document.body.append(box);"
        " box.innerHTML = `<img src='${far}/x.png'><img src=x onerror='window.owned = 1'>`;"
        " const script = document.createElement('script'); script.textContent = 'window.owned = 2'; box.append(script);"
        " fetch(far).catch(() => {}); }",
        FAR,
    )
    page.page.wait_for_timeout(300)
    assert page.page.evaluate("window.owned") is None
    assert sum("Content Security Policy" in complaint for complaint in page.complaints) >= 4


def test_nothing_is_loaded_from_anywhere_else(receipt: Visit) -> None:
    assert receipt.strangers == []
    assert receipt.complaints == []


SEND_AS = """async ([name, bytes]) => {
  const room = document.querySelector(".chip img").getAttribute("src").split("/")[1];
  const headers = { "x-name": encodeURIComponent(name) };
  await fetch(`room/${room}/pictures`, { method: "POST", body: new Uint8Array(bytes), headers });
}"""

POKE = """nodes => nodes.slice(0, 40).forEach((node) => {
  for (const kind of ["pointerover", "mouseover", "focusin"]) node.dispatchEvent(new Event(kind, { bubbles: true }));
})"""


def png_file() -> dict[str, object]:
    """A plain picture, as a browser chooses it."""
    return {"name": "plain.png", "mimeType": "image/png", "buffer": png()}
