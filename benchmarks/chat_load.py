"""The chat under load: visitors without a browser, who all send pictures and ask at once, through its own API.

    python benchmarks/chat_load.py [VISITORS] [TURNS]

Each visitor's pictures bear a word of their own; a word of somebody else in what a visitor is shown is a leak. The
visitors come in several waves: what a program keeps for the next one it takes once, and what leaks grows with each. The
chat runs in a process of its own, so that its memory is not that of its visitors.
"""

from __future__ import annotations

import io
import logging
import multiprocessing
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

import cv2
import numpy as np
import PIL.Image

from lavr.demos.chat.client import Visitor
from lavr.demos.chat.server import Chat, free_socket, server_of
from lavr.demos.chat.setup import Setup

WORDS = (
    *("ANVIL", "BASIN", "CEDAR", "DELTA", "EMBER", "FJORD", "GROVE", "HARBOR", "ISLET", "JUNIPER", "KETTLE", "LEMON"),
    *("MEADOW", "NECTAR", "ORCHID", "PEBBLE", "QUARRY", "RIVER", "SADDLE", "TIMBER", "UMBRA", "VALLEY", "WILLOW"),
)


WAVES, AT_ONCE = 3, 4


@dataclass
class Figures:
    """What one visitor met with."""

    first_s: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    leaks: int = 0
    wrong: list[str] = field(default_factory=list)


def main(visitors: int = 20, turns: int = 5) -> None:
    """Measure and print."""
    logging.disable(logging.WARNING)
    print(f"{visitors} visitors x {turns} turns with pictures, {AT_ONCE} at once, {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("GRADIO_TEMP_DIR", folder)
        under_load(visitors, turns)
    full_house()


def under_load(visitors: int, turns: int) -> None:
    """All of them at once; then nobody."""
    chat = Apart(waiting=visitors)
    one_by_one = play(chat.url, 0, 2)
    print(f"alone: first event {min(one_by_one.first_s):.2f} s, answer {min(one_by_one.seconds):.2f} s")
    before, after, took = chat.emptied(), [], 0.0
    played: list[Figures] = []
    for _ in range(WAVES):
        with ThreadPoolExecutor(visitors) as pool:
            begun = time.perf_counter()
            played += pool.map(lambda number: play(chat.url, number, turns), range(visitors))
            took += time.perf_counter() - begun
        after.append(chat.emptied())
    first = [value for figures in played for value in figures.first_s]
    whole = [value for figures in played for value in figures.seconds]
    count = WAVES * visitors * turns
    print(f"{count} answers in {took:.1f} s ({count / took:.1f} a second)")
    print(f"first event: median {statistics.median(first):.2f} s, worst {max(first):.2f} s")
    print(f"answer: median {statistics.median(whole):.2f} s, worst {max(whole):.2f} s")
    print(f"content of another visitor: {sum(figures.leaks for figures in played)}")
    wrong = [text for figures in played for text in figures.wrong]
    print(f"answers without the visitor's own word: {len(wrong)} {sorted(set(wrong))[:3] or ''}".rstrip())
    told = ", ".join(f"{each.mib:.0f}" for each in after)
    print(f"memory: {before.mib:.0f} MiB before; with nobody left after each wave: {told}")
    print(f"rooms left: {after[-1].rooms}, files left: {after[-1].files}")
    chat.end()


@dataclass(frozen=True)
class Left:
    """What a chat holds that nobody is in: resident memory of its process, rooms, and files of rooms."""

    mib: float
    rooms: int
    files: int


class Apart:
    """A chat in a process of its own.

    Attributes:
        url: its address.
    """

    def __init__(self, waiting: int) -> None:
        apart = multiprocessing.get_context("spawn")
        self._line, other = apart.Pipe()
        self._process = apart.Process(target=_run_apart, args=(waiting, other), daemon=True)
        self._process.start()
        other.close()  # so that the line ends with the process
        self.url: str = self._line.recv()

    def emptied(self) -> Left:
        """What is left once everybody has closed the page."""
        self._line.send("empty")
        left: Left = self._line.recv()
        return left

    def end(self) -> None:
        """End it."""
        self._line.send("end")
        self._process.join(30)


def _run_apart(waiting: int, line: Connection) -> None:
    logging.disable(logging.WARNING)
    chat, url, end = listening(Setup(at_once=AT_ONCE, waiting=waiting, left_s=0.0))
    line.send(url)
    while line.recv() == "empty":
        for room in chat.rooms:
            chat.rooms.leave(room.key)
        time.sleep(0.1)
        chat.sweep()
        files = sum(path.is_file() for path in chat.rooms.folder.rglob("*"))
        line.send(Left(memory_mib(), len(chat.rooms), files))
    end()


def play(url: str, number: int, turns: int) -> Figures:
    """One visitor: a new picture for each question."""
    figures = Figures()
    with Visitor(url, timeout_s=600) as visitor:
        for turn in range(turns):
            own = WORDS[number % len(WORDS)]
            visitor.add(picture(f"{own} {number * 100 + turn}"), f"{own}.png")
            reply = visitor.ask("What does it say?")
            figures.first_s.append(reply.first_s)
            figures.seconds.append(reply.seconds)
            shown = set(reply.text.replace(".png", " ").split())
            figures.leaks += len(shown & (set(WORDS) - {own}))
            if own not in reply.last:
                figures.wrong.append(" ".join(reply.last.split())[:200])
    return figures


def full_house() -> None:
    """How soon the one who finds everything taken is told."""
    chat, url, end = listening(Setup(at_once=1, waiting=1))
    guests = [Visitor(url, timeout_s=120) for _ in range(3)]
    large = picture("BUSY 1", (3000, 4000))
    for guest in guests[:2]:
        for _ in range(4):
            guest.add(large)
    asking = [threading.Thread(target=guest.ask, args=("What does it say?",)) for guest in guests[:2]]
    for each in asking:
        each.start()
    while sum(room.busy for room in chat.rooms) < 2:
        time.sleep(0.01)
    reply = guests[2].ask("What does it say?")
    print(f"a full house: “{' '.join(reply.last.split())[:60]}…” after {reply.seconds:.2f} s")
    for each in asking:
        each.join()
    for guest in guests:
        guest.http.close()
    end()


def listening(setup: Setup) -> tuple[Chat, str, Callable[[], None]]:
    """A chat, its address, and what ends it."""
    chat = Chat(setup)
    bound = free_socket("127.0.0.1", 0, exact=True)
    server = server_of(chat, log_level="error")
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    url = f"http://127.0.0.1:{bound.getsockname()[1]}"

    def end() -> None:
        server.should_exit = True
        thread.join(20)
        bound.close()

    return chat, url, end


def picture(text: str, size_wh: tuple[int, int] = (640, 400)) -> bytes:
    """A word on paper, as PNG."""
    pixels = np.full((size_wh[1], size_wh[0], 3), 246, np.uint8)
    cv2.putText(pixels, text, (40, size_wh[1] // 2), cv2.FONT_HERSHEY_SIMPLEX, 2.0, (30, 30, 30), 4, cv2.LINE_AA)
    file = io.BytesIO()
    PIL.Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def memory_mib() -> float:
    """Resident memory of this process."""
    fields = Path("/proc/self/statm").read_text().split()
    return int(fields[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


if __name__ == "__main__":
    main(*(int(each) for each in sys.argv[1:]))
