"""The chat in a real browser: what is typed, pasted and sent meanwhile, where links lead, where the focus stays."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from lavr.demos.draw_samples import IMAGES
from lavr.tests.demos.chat.pages import Visit, visiting
from lavr.tests.demos.chat.served import Served, served, setup
from lavr.tests.demos.chat.test_chat import png

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Route

pytestmark = pytest.mark.browser
RECEIPT = IMAGES / "receipt.png"

PASTE = """([bytes, text]) => {
  const data = new DataTransfer();
  data.items.add(new File([new Uint8Array(bytes)], "cells.png", { type: "image/png" }));
  if (text) data.setData("text/plain", text);
  const paste = new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
  document.querySelector("#lavr-question textarea").dispatchEvent(paste);
  return paste.defaultPrevented;
}"""

SEEN = """node => {
  const at = node.getBoundingClientRect(), log = document.querySelector(".log").getBoundingClientRect();
  return node.checkVisibility() && at.height > 0 && at.bottom > log.top && at.top < log.bottom;
}"""


@pytest.fixture
def page(chromium: Browser, chat: Served) -> Iterator[Visit]:
    """A new page."""
    with visiting(chromium, chat) as visit:
        yield visit


def test_a_question_waits_for_a_picture_that_is_on_its_way(page: Visit) -> None:
    routes: list[Route] = []
    page.page.route("**/room/*/pictures", lambda route: routes.append(route))
    page.page.set_input_files(".files", RECEIPT)
    page.page.wait_for_selector(".tray.working")
    page.send("What is the total?")
    page.page.wait_for_selector(".tray .waits:visible")
    assert page.page.locator(".question").count() == 0
    while not routes:
        page.page.wait_for_timeout(20)
    routes[0].continue_()
    page.page.wait_for_selector(".answer .costs", timeout=60_000)
    assert page.page.locator(".question .thumb").count() == 1
    assert "17.27" in page.page.inner_text(".answer")
    assert page.page.locator(".tray .waits").is_hidden()


def test_a_question_is_not_sent_when_its_picture_was_refused(page: Visit) -> None:
    routes: list[Route] = []
    page.page.route("**/room/*/pictures", lambda route: routes.append(route))
    page.page.set_input_files(".files", {"name": "note.png", "mimeType": "image/png", "buffer": b"hello"})
    page.page.wait_for_selector(".tray.working")
    page.send("What does it say?")
    while not routes:
        page.page.wait_for_timeout(20)
    routes[0].continue_()
    page.page.wait_for_selector(".problems .notice")
    page.page.wait_for_timeout(300)
    assert page.page.locator(".question").count() == 0
    assert page.page.input_value(page.box) == "What does it say?"


def test_what_is_typed_while_the_agent_works_stays(page: Visit) -> None:
    page.send("nap 2")
    page.page.wait_for_selector("details.step.running")
    assert page.page.input_value(page.box) == ""
    page.page.fill(page.box, "my next question")
    page.page.wait_for_selector(".answer .costs", timeout=60_000)
    assert page.page.input_value(page.box) == "my next question"


def test_cells_of_a_spreadsheet_are_pasted_as_text_into_the_text_box(page: Visit) -> None:
    assert page.page.evaluate(PASTE, [list(png()), "a\tb"]) is False
    assert page.page.evaluate(PASTE, [list(png()), ""]) is True
    page.page.wait_for_selector(".chip:has-text('cells.png')")
    assert page.page.locator(".chip").count() == 1


def test_a_link_to_what_has_no_place_beside_the_conversation_unfolds_its_step(page: Visit) -> None:
    page.add(RECEIPT)
    page.ask("What is the total?")
    page.ask("say look at r2 and c1")
    steps = page.page.locator("details.step")
    assert page.page.locator(".sheet .region[data-key=r2]").count() == 0
    for handle, target in (("r2", ".step .region[data-key=r2]"), ("c1", ".step .call[id$='-c1']")):
        page.page.evaluate("document.querySelectorAll('details').forEach((fold) => (fold.open = false))")
        page.page.click(f".answer >> nth=1 >> a.handle:text-is('{handle}')")
        assert steps.first.get_attribute("open") is not None
        assert page.page.locator(target).first.evaluate(SEEN)


def test_the_focus_stays_on_the_picture_that_was_pointed_at_with_keys(page: Visit) -> None:
    page.add(RECEIPT)
    page.page.locator(".sheet .canvas").focus()
    for number in range(2):
        page.page.keyboard.press("ArrowUp")
        page.page.keyboard.press("Enter")
        page.page.wait_for_selector(f".chip:has-text('point') >> nth={number}")
        page.page.wait_for_function("document.activeElement.matches('.sheet .canvas')")
    assert "Pointing at a point on receipt.png" in page.page.inner_text(".says")


def test_the_focus_stays_on_a_step_that_goes_on(page: Visit) -> None:
    page.send("nap 2")
    page.page.locator("details.step.running > summary").focus()
    page.page.wait_for_selector(".answer .costs", timeout=60_000)
    assert page.page.locator("details.step.running").count() == 0
    assert page.page.evaluate("document.activeElement.matches('details.step > summary')")


def test_the_page_asks_for_the_password_and_opens_with_it(chromium: Browser) -> None:
    with served(setup(auth=[("ann", "secret")])) as locked:
        context = chromium.new_context()
        page = context.new_page()
        page.goto(locked.url)
        page.get_by_label("username").fill("ann")
        page.get_by_label("password").fill("secret")
        page.get_by_role("button", name="Login").click()
        page.wait_for_selector(".welcome", timeout=60_000)
        page.set_input_files(".files", RECEIPT)
        page.wait_for_selector(".chip")
        context.close()
