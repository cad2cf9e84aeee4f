"""One SAM for many: a picture is embedded once, further prompts cost the decoder alone, threads do not disturb it."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from lavr.tests.tools.models import sams
from lavr.tools.models.pool import ModelPool
from lavr.tools.models.segmenters.embeddings import Embeddings
from lavr.tools.models.segmenters.promptable import PromptedSegmenter
from lavr.tools.models.segmenters.prompts import Cut, Prompt
from lavr.tools.models.segmenters.segment_anything import segment_anything
from lavr.tools.models.segmenters.transformers_sam import transformers_sam
from lavr.vision.image import Image

THREADS = 32


@dataclass
class Counted:
    """A segmenter and how often its encoder ran."""

    segmenter: PromptedSegmenter
    pool: ModelPool
    embeddings: Embeddings

    @contextmanager
    def counting(self) -> Iterator[list[int]]:
        """The list gets an item for each run of the encoder, which is the number of pictures in it."""
        runs: list[int] = []

        def noted(module: Any, inputs: Any, output: Any) -> None:
            runs.append(len(inputs[0]))

        hook = self.pool.run(self.segmenter.model, lambda loaded: _encoder(loaded.module).register_forward_hook(noted))
        try:
            yield runs
        finally:
            hook.remove()


def _encoder(module: Any) -> Any:
    return getattr(module, "image_encoder", None) or module.vision_encoder


def counted(model: Any) -> Counted:
    pool, embeddings = ModelPool(device="cpu"), Embeddings()
    return Counted(PromptedSegmenter(model, "a model", pool=pool, embeddings=embeddings), pool, embeddings)


@pytest.fixture(scope="module", params=["segment_anything", "sam2"])
def sam(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Counted:
    folder = tmp_path_factory.mktemp("weights")
    if request.param == "segment_anything":
        return counted(segment_anything(str(sams.file_of(sams.original(), folder))))
    return counted(transformers_sam(str(sams.folder_of("sam2", folder))))


@pytest.fixture
def one_thread_of_torch() -> Iterator[None]:
    """Torch's own threads gain less, the more threads call it, whatever lavr does: docs/models.md says how much."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@dataclass
class Seconds:
    """How long something took: of the processors, and on the wall."""

    work: float = 0.0
    wall: float = 0.0

    def __str__(self) -> str:
        return f"{self.work:.2f} ({self.wall:.2f})"


@contextmanager
def stopwatch() -> Iterator[Seconds]:
    taken, work, wall = Seconds(), time.process_time(), time.perf_counter()
    yield taken
    taken.work, taken.wall = time.process_time() - work, time.perf_counter() - wall


def tell(capsys: pytest.CaptureFixture[str], line: str) -> None:
    """Show a measurement, as pytest shows nothing of tests that pass."""
    with capsys.disabled():
        sys.stderr.write(f"\n{line}\n")


def boxes(count: int, width: int = 640, height: int = 480) -> list[Prompt]:
    return [Prompt((10.0 + 8 * n, 20.0 + 5 * n, width / 2 + 9 * n, height / 2 + 8 * n)) for n in range(count)]


def test_ten_prompts_in_one_call_embed_the_picture_once(sam: Counted) -> None:
    image = sams.blotches((640, 480), seed=11)
    mixed = [*boxes(6), *sams.prompts_on((640, 480)), Prompt(None, ((9.0, 9.0),))]
    with sam.counting() as runs:
        cuts = sam.segmenter.cut(image, mixed)
    assert runs == [1]
    assert [sam.segmenter.cut(image, [prompt])[0] for prompt in mixed] == cuts


def test_the_same_pixels_are_embedded_once_whatever_picture_they_are_and_others_anew(sam: Counted) -> None:
    image = sams.blotches((320, 200), seed=12)
    with sam.counting() as runs:
        first = sam.segmenter.cut(image, boxes(1, 320, 200))
        again = sam.segmenter.cut(Image.of(image.pixels().copy()), boxes(1, 320, 200))
        sam.segmenter.cut(sams.blotches((320, 200), seed=13), boxes(1, 320, 200))
    assert runs == [1, 1]
    assert first == again


def test_a_network_that_was_put_away_finds_its_embeddings_again(sam: Counted) -> None:
    image = sams.blotches((320, 200), seed=14)
    before = sam.segmenter.cut(image, boxes(2, 320, 200))
    sam.pool.close()
    with sam.counting() as runs:
        assert sam.segmenter.cut(image, boxes(2, 320, 200)) == before
    assert runs == []


@pytest.mark.clock
@pytest.mark.usefixtures("one_thread_of_torch")
def test_thirty_two_threads_get_what_one_gets_and_no_later(sam: Counted, capsys: pytest.CaptureFixture[str]) -> None:
    images = [sams.blotches((640, 480), seed) for seed in range(20, 28)]
    calls = [(images[n % 8], [boxes(4)[n % 4], *sams.prompts_on((640, 480))[: n % 3]]) for n in range(64)]

    def one(call: tuple[Image, list[Prompt]]) -> list[Cut]:
        return sam.segmenter.cut(*call)

    with stopwatch() as serial_s:
        serial = [one(call) for call in calls]
    sam.embeddings.clear()
    with sam.counting() as runs, stopwatch() as threads_s, ThreadPoolExecutor(THREADS) as threads:
        threaded = list(threads.map(one, calls))
    batches = dict(sam.pool.metrics[sam.segmenter.model.key].batches)
    tell(capsys, f"64 calls, processor s (wall s): serial {serial_s}, {THREADS} threads {threads_s}, batches {batches}")
    assert threaded == serial
    assert sum(runs) == len(images)
    assert max(batches) > 1
    assert threads_s.wall <= 1.2 * serial_s.wall


@pytest.mark.slow
@pytest.mark.clock
def test_a_second_prompt_costs_a_twentieth_of_the_first(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The decoder is that of the published SAM; the encoder is narrower and sees 512 pixels, so that it is quick.

    It still works 40 times as long as the decoder; that of `vit_b` does so 150 times (`benchmarks/sam_prompts.py`).
    """
    network = sams.original(512, width=256, dim=512, depth=12, heads=8)
    segmenter = counted(segment_anything(str(sams.file_of(network, tmp_path)))).segmenter
    warm_up, image = sams.blotches((64, 48)), sams.blotches((640, 480))
    segmenter.cut(warm_up, boxes(1, 64, 48))
    seconds = []
    for prompt in boxes(6):
        with stopwatch() as taken:
            segmenter.cut(image, [prompt])
        seconds.append(taken.work)
    first, later = seconds[0], statistics.median(seconds[1:])
    tell(capsys, f"first prompt {first:.2f} s, later ones {later:.3f} s: {later / first:.1%}")
    assert later <= 0.05 * first
