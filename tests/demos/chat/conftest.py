"""One chat and one browser for all tests of the chat."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from lavr.tests.demos.chat.served import Served, served, setup

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"),
    *("--disable-sync", "--no-first-run", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"),
)


@pytest.fixture(scope="session")
def chat() -> Iterator[Served]:
    """A chat that is listening."""
    pytest.importorskip("gradio", reason="gradio is not installed: pip install 'lavr[demo]'")
    with served(setup(at_once=3, waiting=2)) as listening:
        yield listening


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A browser, ended with the tests of its module: its event loop would be in the way of others."""
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install 'lavr[test]'")
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed: apt-get install chromium")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        browser.close()
