"""PaddleOCR in the interpreter of its own that `lavr hosts make paddle` makes, beside everything else in ours."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import cv2
import pytest
from rapidfuzz.distance import Levenshtein

from lavr.agent import doctor
from lavr.agent.agent import Agent
from lavr.agent.shared import shared_workers
from lavr.tests.project.source import ROOT
from lavr.tests.tools.drawn import Page, encloses, page
from lavr.tests.tools.hosted import opencv, read_by_threads
from lavr.tools.calls import Observation, ToolCall
from lavr.tools.hosts.environments import environment
from lavr.tools.ocr import ocr_tool
from lavr.tools.registry import Toolbox
from lavr.tools.runner import ToolRunner
from lavr.vision.image import Image
from lavr.vision.region import Region
from lavr.vision.scene import Scene
from lavr.vision.transforms import rotate

pytestmark = pytest.mark.install

SAMPLES = sorted((ROOT / "demos" / "images").glob("*.png"))
RECEIPTS = sorted(Path(os.environ["LAVR_RECEIPTS"]).glob("*.jpg")) if os.environ.get("LAVR_RECEIPTS") else []
MOST_OF_CHARACTERS = 0.02
OURS = cv2.__version__

Read = Callable[..., Observation]


@pytest.fixture(scope="module", autouse=True)
def hosts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of hosts, with `paddle` in it: that of LAVR_HOSTS where it is made there, or else a new one."""
    with pytest.MonkeyPatch.context() as patch:
        if not environment("paddle").made:
            patch.setenv("LAVR_HOSTS", str(tmp_path_factory.mktemp("hosts")))
        made = lavr("hosts", "make", "paddle")
        assert "paddleocr 3." in made
        yield environment("paddle").folder.parent


@pytest.fixture(scope="module")
def runner(hosts: Path) -> Iterator[ToolRunner]:
    named = [opencv.on("paddle"), read_by_threads.on("paddle"), ocr_tool(backend="paddle")]
    runner = ToolRunner(Toolbox(named))
    yield runner
    runner.close()


@pytest.fixture(scope="module")
def embedded() -> Iterator[ToolRunner]:
    runner = ToolRunner(Toolbox([opencv.on("worker"), ocr_tool()]))
    yield runner
    runner.close()


def lavr(*words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "lavr", *words], capture_output=True, text=True, check=False, timeout=600
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


def run(runner: ToolRunner, name: str, images: list[Image], **arguments: Any) -> Observation:
    scene = Scene()
    handles = [scene.add_image(image).handle for image in images]
    given = {"images": handles} if len(handles) > 1 else {"image": handles[0]} if handles else {}
    result = runner.run(ToolCall("c1", name, {**given, **arguments}), scene)
    assert result.observation is not None, result.error
    return result.observation


@pytest.fixture(scope="module")
def bill() -> Page:
    rows = [(40, 30, "Harbour Bakery", 34), (40, 110, "Rye bread", 24), (380, 110, "4.80", 24)]
    return page((520, 230), [*rows, (40, 160, "Total", 30), (380, 160, "7.95", 30)])


def test_both_read_at_the_same_time_each_with_the_opencv_of_its_own(
    runner: ToolRunner, embedded: ToolRunner, bill: Page
) -> None:
    with ThreadPoolExecutor(2) as pool:
        apart, here = pool.map(lambda each: run(each, "ocr", [bill.image]), (runner, embedded))
    assert apart.text == here.text == "Harbour Bakery\nRye bread  4.80\nTotal  7.95"
    versions = [run(each, "opencv", []).data for each in (runner, embedded)]
    assert isinstance(versions[0], dict)
    assert isinstance(versions[1], dict)
    assert str(versions[0]["version"]).startswith("4.10.")
    assert str(environment("paddle").folder) in str(versions[0]["file"])
    assert versions[1] == {"version": OURS, "file": str(cv2.__file__)}
    assert int(OURS.split(".")[0]) >= 5
    assert "paddleocr" not in sys.modules


def test_regions_are_those_of_the_embedded_ocr(runner: ToolRunner, embedded: ToolRunner, bill: Page) -> None:
    apart, here = (run(each, "ocr", [bill.image], level="word").regions for each in (runner, embedded))
    assert [region.text for region in apart] == [region.text for region in here]
    assert [region.attributes["row"] for region in apart] == [region.attributes["row"] for region in here]
    for one, other in zip(apart, here, strict=True):
        assert one.label == other.label == "word"
        assert one.image.size_wh == bill.image.size_wh
        assert max(abs(a - b) for a, b in zip(one.xyxy, other.xyxy, strict=True)) <= 6
        assert (one.score or 0) == pytest.approx(other.score, abs=0.1)


def test_a_turned_page_a_region_and_a_search_work_as_with_the_embedded_ocr(runner: ToolRunner, bill: Page) -> None:
    turned = rotate(bill.image, 180)
    seen = run(runner, "ocr", [turned])
    assert seen.text == "Harbour Bakery\nRye bread  4.80\nTotal  7.95"
    total = next(line for line in seen.regions if line.text == "7.95")
    assert encloses(total.on(bill.image).xyxy, bill.boxes["7.95"], slack=4)
    assert run(runner, "ocr", [bill.image], box=[360, 150, 520, 220]).text == "7.95"
    found = run(runner, "ocr", [bill.image], find="total")
    assert [region.text for region in found.regions] == ["Total"]


def test_small_print_on_a_large_picture_is_read(runner: ToolRunner) -> None:
    large = page((2600, 1900), [(80, 60, "MUSEUM", 300), (1700, 1500, "Tickets 12.40 each, children free", 18)])
    seen = run(runner, "ocr", [large.image])
    assert "MUSEUM" in seen.text
    assert "Tickets12.40each,childrenfree" in seen.text.replace(" ", "")


def test_the_sample_pictures_say_the_same(runner: ToolRunner, embedded: ToolRunner) -> None:
    assert len(SAMPLES) >= 4
    check_likeness(runner, embedded, SAMPLES)


@pytest.mark.skipif(not RECEIPTS, reason="no receipts: set LAVR_RECEIPTS to a folder of .jpg pictures")
def test_real_receipts_say_the_same(runner: ToolRunner, embedded: ToolRunner) -> None:
    check_likeness(runner, embedded, RECEIPTS)


def check_likeness(runner: ToolRunner, embedded: ToolRunner, files: list[Path]) -> None:
    """At most so many of the characters differ, in the order in which both give them."""
    texts = [[run(each, "ocr", [Image.open(file)]).text for each in (embedded, runner)] for file in files]
    count = sum(len(here) for here, _ in texts)
    different = sum(Levenshtein.distance(here, apart) for here, apart in texts)
    assert count > 100
    assert different <= MOST_OF_CHARACTERS * count, f"{different} of {count} characters differ: {texts}"


def test_a_few_threads_on_one_model_read_the_same(runner: ToolRunner) -> None:
    pictures = [page((190, 40), [(8, 8, f"Ticket {number * 7919 % 1000}", 22)]).image for number in range(8)]
    read = run(runner, "read_by_threads", pictures, backend="paddle", threads=4).data
    assert isinstance(read, dict)
    assert read["parallel"] == read["serial"]
    assert [lines[0][0] for lines in read["serial"]] == [f"Ticket {number * 7919 % 1000}" for number in range(8)]


def test_an_agent_finds_the_host_and_answers_with_it(runner: ToolRunner, bill: Page) -> None:
    tool = ocr_tool(backend="paddle")
    with Agent(tools=[tool]) as one, Agent(tools=[tool]) as other:
        assert shared_workers(one, ["paddle"])["paddle"] is shared_workers(other, ["paddle"])["paddle"]
    with Agent(tools=[tool], hosts={"paddle": runner.host_of(tool)}) as agent:
        answer = agent.ask(bill.image, "What is the total?")
    assert "7.95" in answer.text
    place = answer.evidence[0].region
    assert isinstance(place, Region)
    assert encloses(place.xyxy, bill.boxes["7.95"], slack=6)


def test_the_doctor_names_the_host_and_what_it_has() -> None:
    finding = doctor.host(environment("paddle"))
    assert finding.ok
    assert "paddleocr 3." in finding.value
    assert "cv2 4.10." in finding.value
    extra = next(each for each in doctor.extras() if each.command == "lavr hosts make paddle")
    assert extra.installed
    assert doctor.opencv().value == OURS


def test_making_it_again_changes_nothing_and_the_list_tells_of_it(hosts: Path) -> None:
    before = (hosts / "paddle" / "bin" / "python").lstat().st_mtime_ns
    assert "it is there and works" in lavr("hosts", "make", "paddle")
    assert (hosts / "paddle" / "bin" / "python").lstat().st_mtime_ns == before
    (listed,) = json.loads(lavr("hosts", "list", "--json"))
    assert (listed["name"], listed["made"], listed["works"]) == ("paddle", True, True)
