"""The page of a trace in a real browser: pointing, keys, narrow screens, both colour schemes, hostile text."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lavr.agent.trace import Trace
from lavr.tests.agent.test_trace_page import HOSTILE
from lavr.tests.agent.traces import LINES, eventful_run, simple_run
from lavr.vision.store import ImageStore

if TYPE_CHECKING:
    from playwright.sync_api import Browser

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install 'lavr[test]'")
pytestmark = pytest.mark.browser
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed: apt-get install chromium")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


class Visit:
    """One page that is open, and what it asked for or complained about."""

    def __init__(self, browser: Browser, trace: Trace, folder: Path, width: int = 1280) -> None:
        trace.save(folder / "trace.html")
        self.page = browser.new_page(viewport={"width": width, "height": 800}, reduced_motion="reduce")
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: self.complaints.append(f"dialog {dialog.message}"))
        self.page.goto((folder / "trace.html").as_uri())

    def lit(self) -> list[str]:
        """Handles of the regions that are lit in the pictures beside the answer."""
        found = self.page.eval_on_selector_all(
            ".hero .region.on", "nodes => nodes.map(node => node.dataset.handle).sort()"
        )
        return list(found)

    def count(self, selector: str) -> int:
        return int(self.page.locator(selector).count())


@pytest.fixture
def store(tmp_path: Path) -> ImageStore:
    return ImageStore(tmp_path / "store")


@pytest.fixture
def eventful(browser: Browser, store: ImageStore, tmp_path: Path) -> Iterator[Visit]:
    visit = Visit(browser, eventful_run(store), tmp_path)
    yield visit
    visit.page.close()


def test_pointing_at_a_quote_lights_its_region_and_dims_the_rest(eventful: Visit) -> None:
    eventful.page.hover("mark >> nth=2")
    assert eventful.lit() == ["r1"]
    assert eventful.count(".hero .veil") == 1
    eventful.page.hover("h2")
    assert eventful.lit() == []
    assert eventful.count(".veil") == 0


def test_the_region_that_is_lit_lies_over_the_text_it_stands_for(eventful: Visit) -> None:
    eventful.page.hover("mark >> nth=2")
    left, top, right, bottom = eventful.page.eval_on_selector(
        ".hero .region.on",
        """node => {
          const [box, toScreen] = [node.getBBox(), node.getScreenCTM()];
          const picture = node.ownerSVGElement.getBoundingClientRect();
          const corners = [[box.x, box.y], [box.x + box.width, box.y + box.height]];
          const places = corners.map(([x, y]) => new DOMPoint(x, y).matrixTransform(toScreen));
          const scale = 560 / picture.width;
          return places.flatMap(({ x, y }) => [(x - picture.x) * scale, (y - picture.y) * scale]);
        }""",
    )
    assert (left, top, right, bottom) == pytest.approx((24, 48, 530, 92), abs=0.5)


def test_the_keyboard_does_what_the_pointer_does(eventful: Visit) -> None:
    eventful.page.locator("mark").nth(0).focus()
    assert eventful.lit() == ["r4", "r6"]
    eventful.page.keyboard.press("Escape")
    assert eventful.lit() == []
    eventful.page.keyboard.press("Tab")
    assert eventful.count(".hero .figure.on") == 1


def test_pointing_at_a_region_tells_what_it_is_and_lights_its_quote(eventful: Visit) -> None:
    eventful.page.locator(".hero .evidence .region[data-handle=r1]").hover(position={"x": 60, "y": 20})
    hint = eventful.page.locator("#hint").inner_text()
    assert "r1" in hint
    assert "line · score 0.98" in hint
    assert "CAFE LUMEN" in hint
    assert eventful.page.locator("mark.on").inner_text() == "CAFE LUMEN"


def test_a_line_of_the_table_lights_its_region_in_its_own_picture(eventful: Visit) -> None:
    eventful.page.locator(".call summary").first.click()
    eventful.page.locator("tr[data-key=r2]").hover()
    assert eventful.count(".call .region.on[data-handle=r2]") == 1


def test_layers_are_switched_on_and_off(eventful: Visit) -> None:
    assert eventful.count(".hero .layer.off") == 1
    eventful.page.get_by_label("c1 ocr · 3").check()
    assert eventful.count(".hero .layer.off") == 0
    eventful.page.get_by_label("evidence · 3").uncheck()
    assert eventful.page.locator(".hero .layer.evidence").is_hidden()
    eventful.page.locator(".hero").get_by_label("handles").uncheck()
    assert eventful.page.locator(".hero .names").first.is_hidden()


def test_the_picture_scrolls_into_view_on_a_narrow_screen(browser: Browser, store: ImageStore, tmp_path: Path) -> None:
    visit = Visit(browser, eventful_run(store), tmp_path, width=360)
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= 360
    visit.page.set_viewport_size({"width": 360, "height": 420})
    quote = visit.page.locator("mark").first.bounding_box()
    assert quote is not None
    # Not hover(): it would scroll back to the quote, which has gone out of view.
    visit.page.mouse.move(quote["x"] + 5, quote["y"] + 5)
    box = visit.page.locator(".hero .region.on").first.bounding_box()
    assert box is not None
    assert 0 <= box["y"] <= 420 - box["height"]
    assert visit.lit() == ["r4", "r6"]
    visit.page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_background(browser: Browser, store: ImageStore, tmp_path: Path, scheme: str) -> None:
    visit = Visit(browser, eventful_run(store), tmp_path)
    visit.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    assert visit.page.evaluate(CONTRASTS) == []
    visit.page.close()


def test_hostile_text_runs_no_script_and_sends_no_request(browser: Browser, store: ImageStore, tmp_path: Path) -> None:
    trace = simple_run(store, (*LINES[:4], " ".join(HOSTILE)), question=" ".join(HOSTILE))
    visit = Visit(browser, trace, tmp_path)
    visit.page.hover("mark")
    visit.page.wait_for_timeout(100)
    assert visit.complaints == []
    assert [url for url in visit.requests if not url.startswith(("file:", "data:"))] == []
    assert visit.page.title().endswith("lavr")
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= 1280
    visit.page.close()


def test_the_policy_stops_a_script_that_slipped_in(browser: Browser, store: ImageStore, tmp_path: Path) -> None:
    visit = Visit(browser, simple_run(store), tmp_path)
    visit.page.evaluate(
        "() => { const script = document.createElement('script'); script.textContent = 'window.owned = true';"
        " document.body.append(script); const image = new Image(); image.src = 'http://127.0.0.1:9/x.png';"
        " document.body.append(image); }"
    )
    assert visit.page.evaluate("window.owned") is None
    assert any("Content Security Policy" in complaint for complaint in visit.complaints)
    visit.page.close()


CONTRASTS = """() => {
  const parse = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const linear = (value) => (value /= 255) <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  const luminance = ([red, green, blue]) => 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
  const ground = (node) => {
    for (; node; node = node.parentElement) {
      const colour = parse(getComputedStyle(node).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const poor = [];
  for (const node of document.querySelectorAll("main *, footer")) {
    const own = [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim());
    if (!own || node.closest("svg") || !node.checkVisibility()) continue;
    const [one, two] = [parse(getComputedStyle(node).color), ground(node)].map(luminance).sort((a, b) => b - a);
    const ratio = (one + 0.05) / (two + 0.05);
    if (ratio < 4.5) poor.push(`${node.tagName}.${node.className}: ${ratio.toFixed(2)}`);
  }
  return poor;
}"""
