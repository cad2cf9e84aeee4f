"""How soon the chat can be used: from the command `lavr demo` to a page that takes a question, in Chromium.

    python benchmarks/chat_start.py [STARTS]

Needs playwright (`pip install "lavr[test]"`) and a Chromium of the system; without them only the server is timed.
"""

from __future__ import annotations

import os
import shutil
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
USABLE = ("#lavr-question textarea:enabled", ".tray .attach")
"""What a visitor needs: a place for the question, and one for pictures."""


def main(starts: int = 5) -> None:
    """Measure and print."""
    print(f"{starts} starts, {os.cpu_count()} cores")
    answered = [first_byte_s() for _ in range(starts)]
    print(f"the server answers: median {statistics.median(answered):.1f} s, worst {max(answered):.1f} s")
    if CHROMIUM is None or find_spec("playwright") is None:
        print("There is no Chromium, or no playwright: the page is not timed.")
        return
    with browser() as chromium:
        usable = [usable_s(chromium) for _ in range(starts)]
    print(f"the page is usable: median {statistics.median(usable):.1f} s, worst {max(usable):.1f} s")


def first_byte_s() -> float:
    """Seconds from the command to the first byte of the page."""
    with started() as (port, begun), socket.create_connection(("127.0.0.1", port)) as line:
        line.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        line.recv(1)
        return time.perf_counter() - begun


def usable_s(browser: Browser) -> float:
    """Seconds from the command to a page that takes a question."""
    page = browser.new_page()
    try:
        with started() as (port, begun):
            page.goto(f"http://127.0.0.1:{port}/", wait_until="commit")
            for selector in USABLE:
                page.wait_for_selector(selector)
            return time.perf_counter() - begun
    finally:
        page.close()


@contextmanager
def browser() -> Iterator[Browser]:
    """A Chromium that has shown a page already, as that of a visitor has."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        chromium.new_page().goto("about:blank")
        yield chromium
        chromium.close()


@contextmanager
def started() -> Iterator[tuple[int, float]]:
    """A chat that was started, and takes connections: its port, and when its command was given."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    begun = time.perf_counter()
    command = [sys.executable, "-m", "lavr", "demo", "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _await_port(port, process)
        yield port, begun
    finally:
        process.terminate()
        process.wait(20)


def _await_port(port: int, process: subprocess.Popen[bytes]) -> None:
    while process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise SystemExit("The chat did not start: run `lavr demo`, which says why.")


if __name__ == "__main__":
    main(*(int(each) for each in sys.argv[1:]))
