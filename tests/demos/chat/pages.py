"""Pages of the chat in a browser, watched: what they ask for, complain about and look like."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from lavr.tests.demos.chat.served import Served

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

BENIGN = re.compile("Autofocus processing was blocked|status of 422|status of 413|status of 404")
"""What a browser says that is no complaint about the page: a picture that was refused is an answer of 422."""


class Visit:
    """One page that is open in a browser of its own (cookies, cache), and what happened on it."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.requests: list[str] = []
        self.complaints: list[str] = []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("console", lambda message: self._hear(message.text) if message.type in {"error", "warning"} else None)
        page.on("pageerror", lambda error: self._hear(str(error)))
        page.on("dialog", lambda dialog: self._hear(f"dialog {dialog.message}"))
        page.goto(url)
        page.wait_for_selector(".welcome", timeout=60_000)

    def _hear(self, text: str) -> None:
        if not BENIGN.search(text):
            self.complaints.append(text)

    @property
    def strangers(self) -> list[str]:
        """Requests that went anywhere but to the chat."""
        return [url for url in self.requests if not url.startswith((self.url, "data:", "blob:"))]

    @property
    def box(self) -> str:
        """The selector of the text box."""
        return "#lavr-question textarea"

    def add(self, *files: Path | dict[str, object]) -> None:
        """Choose pictures, and wait until they are there."""
        before = self.page.locator(".chip").count()
        self.page.set_input_files(".files", list(files))  # type: ignore[arg-type]  # paths, or files in memory
        self.page.wait_for_selector(f".chip >> nth={before + len(files) - 1}", timeout=30_000)

    def ask(self, question: str) -> None:
        """Send a question, and wait for its answer."""
        answers = self.page.locator(".answer .costs").count()
        self.send(question)
        self.page.wait_for_selector(f".answer .costs >> nth={answers}", timeout=60_000)

    def send(self, question: str) -> None:
        """Send a question."""
        self.page.fill(self.box, question)
        self.page.press(self.box, "Enter")

    def lit(self) -> list[str]:
        """Handles of the regions that are lit on the picture that is shown."""
        found = self.page.eval_on_selector_all(
            ".sheet:not([hidden]) .layer:not(.off) .region.on", "nodes => nodes.map(node => node.dataset.handle).sort()"
        )
        return list(found)

    def screen(self, x: float, y: float) -> tuple[float, float]:
        """Where a pixel of the shown picture is on the screen."""
        at = self.page.eval_on_selector(
            ".sheet:not([hidden]) svg.picture",
            "(node, [x, y]) => { const { x: a, y: b } = new DOMPoint(x, y).matrixTransform(node.getScreenCTM());"
            " return [a, b]; }",
            [x, y],
        )
        return float(at[0]), float(at[1])


@contextmanager
def visiting(browser: Browser, chat: Served, *, width: int = 1280, height: int = 820, **how: object) -> Iterator[Visit]:
    """A page that is open until it is left."""
    size = {"width": width, "height": height}
    context = browser.new_context(viewport=size, reduced_motion="reduce", **how)  # type: ignore[arg-type]
    try:
        yield Visit(context.new_page(), chat.url)
    finally:
        context.close()
