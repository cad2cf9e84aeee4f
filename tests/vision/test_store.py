"""The store: what goes in comes out, from any thread and process, and damage never passes for a picture."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import PIL.Image
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lavr.errors import CorruptImage, ImageNotFound, UsageError
from lavr.jsonable import Json
from lavr.tests.vision.samples import gradient
from lavr.vision.store import ImageStore, Pixels, default_store, pixels_digest, session_store, storing_in


def _random(seed: int, height: int = 40, width: int = 50) -> Pixels:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


WRITER = """
import sys, numpy as np
from lavr.vision.store import ImageStore
store, first = ImageStore(sys.argv[1]), int(sys.argv[2])
for seed in range(first, first + 30):
    pixels = np.random.default_rng(seed).integers(0, 256, (40, 50, 3), dtype=np.uint8)
    assert np.array_equal(store.get(store.put(pixels)), pixels)
"""


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 2**32 - 1))
def test_every_picture_comes_back_exactly_from_disk(height: int, width: int, seed: int) -> None:
    pixels = _random(seed, height, width)
    with_it = ImageStore()
    digest = with_it.put(pixels)
    assert np.array_equal(ImageStore(with_it.folder).get(digest), pixels)


def test_the_file_is_a_png_that_anybody_can_read(tmp_path: Path) -> None:
    store = ImageStore(tmp_path)
    with PIL.Image.open(store.path(store.put(gradient()))) as file:
        assert file.format == "PNG"
        assert np.array_equal(np.asarray(file), gradient())


def test_equal_pixels_have_equal_digests_and_another_shape_another_one() -> None:
    flat = np.zeros((4, 6, 3), np.uint8)
    assert pixels_digest(flat) == pixels_digest(np.zeros((8, 12, 3), np.uint8)[::2, ::2])
    assert pixels_digest(flat) != pixels_digest(flat.reshape(6, 4, 3))


def test_pixels_of_the_store_cannot_be_changed(tmp_path: Path) -> None:
    store = ImageStore(tmp_path)
    array = gradient()
    digest = store.put(array)
    array[:] = 0  # the caller's array stays the caller's
    for again in (store.get(digest), ImageStore(tmp_path).get(digest)):
        assert np.array_equal(again, gradient())
        with pytest.raises(ValueError, match="read-only"):
            again[0, 0] = 1


def test_a_read_only_view_of_a_changing_array_is_copied() -> None:
    store, array = ImageStore(), gradient()
    view = array[:]
    view.flags.writeable = False
    digest = store.put(view)
    array[:] = 0
    assert np.array_equal(store.get(digest), gradient())


@pytest.mark.parametrize(
    "pixels",
    [
        np.zeros((4, 4), np.uint8),
        np.zeros((4, 4, 4), np.uint8),
        np.zeros((0, 4, 3), np.uint8),
        np.zeros((4, 4, 3), np.float32),
    ],
    ids=["grey", "alpha", "empty", "float"],
)
def test_what_is_no_rgb_picture_is_not_stored(pixels: Pixels) -> None:
    with pytest.raises(UsageError, match="cannot be stored"):
        ImageStore().put(pixels)


# ------------------------------------------------------------------------------------------------ missing, damaged


def test_a_digest_that_was_never_kept_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(ImageNotFound, match=str(tmp_path)):
        ImageStore(tmp_path).get("0" * 64)
    with pytest.raises(ImageNotFound, match="No document"):
        ImageStore(tmp_path).get_document("0" * 64)


@pytest.mark.parametrize("digest", ["", "abc", "../../../../etc/passwd", "Z" * 64, "0" * 63 + "\n", "0" * 65])
def test_what_is_no_digest_never_becomes_a_path(tmp_path: Path, digest: str) -> None:
    store = ImageStore(tmp_path)
    for use in (store.get, store.path, store.get_document):
        with pytest.raises(UsageError, match="is no digest"):
            use(digest)


def _swap(content: bytes) -> bytes:
    other = ImageStore()
    return other.path(other.put(_random(1))).read_bytes()


@pytest.mark.parametrize(
    "damage",
    [lambda content: b"", lambda content: content[: len(content) // 2], lambda content: content[:-20], _swap],
    ids=["emptied", "halved", "end lost", "another picture"],
)
def test_a_damaged_file_is_refused_and_named(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    store = ImageStore(tmp_path)
    digest = store.put(_random(0))
    path = store.path(digest)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(CorruptImage) as caught:
        ImageStore(tmp_path).get(digest)
    assert str(path) in caught.value.cause
    path.unlink()
    store.put(_random(0))  # what the remedy says
    assert np.array_equal(ImageStore(tmp_path).get(digest), _random(0))


def test_a_damaged_document_is_refused(tmp_path: Path) -> None:
    store = ImageStore(tmp_path)
    digest = store.put_document({"a": 1})
    next(tmp_path.rglob("*.json")).write_text('{"a":2}')
    with pytest.raises(UsageError, match="damaged"):
        store.get_document(digest)


def test_documents_come_back_whatever_they_hold(tmp_path: Path) -> None:
    store = ImageStore(tmp_path)
    several: Json = {"b": [1, 2.5, None, True], "a": "größe ✓"}
    values: tuple[Json, ...] = (several, [], "", 0, None)
    for value in values:
        assert ImageStore(tmp_path).get_document(store.put_document(value)) == value
    assert store.put_document({"a": 1, "b": 2}) == store.put_document({"b": 2, "a": 1})


# ------------------------------------------------------------------------------------------------ several at once


def test_threads_share_a_store(tmp_path: Path) -> None:
    store = ImageStore(tmp_path, memory_bytes=3 * 40 * 50 * 3)  # three pictures: most reads go to the disk
    with ThreadPoolExecutor(8) as pool:
        digests = list(pool.map(lambda seed: store.put(_random(seed % 10)), range(80)))
        pictures = list(pool.map(store.get, digests))
    assert all(np.array_equal(pixels, _random(seed % 10)) for seed, pixels in enumerate(pictures))
    assert len(list(tmp_path.rglob("*.png"))) == 10
    assert not list(tmp_path.rglob("*.part"))


def test_processes_share_a_folder(tmp_path: Path) -> None:
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), first]) for first in ("0", "15")]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    store = ImageStore(tmp_path)
    assert all(np.array_equal(store.get(pixels_digest(_random(seed))), _random(seed)) for seed in range(45))
    assert len(list(tmp_path.rglob("*.png"))) == 45
    assert not list(tmp_path.rglob("*.part"))


# ------------------------------------------------------------------------------------------------ memory and folder


def test_the_least_recently_used_pictures_leave_memory_first(tmp_path: Path) -> None:
    size = _random(0).nbytes
    store = ImageStore(tmp_path, memory_bytes=2 * size)
    kept = [store.put(_random(seed)) for seed in range(2)]
    assert store.get(kept[0]) is store.get(kept[0])
    newest = store.put(_random(2))  # pushes out 1, which was not asked for
    for path in tmp_path.rglob("*.png"):
        path.unlink()
    assert np.array_equal(store.get(kept[0]), _random(0))
    assert np.array_equal(store.get(newest), _random(2))
    with pytest.raises(ImageNotFound):
        store.get(kept[1])


def test_one_picture_larger_than_the_memory_stays_while_it_is_the_newest(tmp_path: Path) -> None:
    store = ImageStore(tmp_path, memory_bytes=1)
    digest = store.put(_random(0))
    assert store.get(digest) is store.get(digest)


@pytest.mark.clock
def test_getting_a_picture_from_memory_takes_microseconds() -> None:
    store = ImageStore()
    digest = store.put(_random(0))
    times = []
    for _ in range(5):
        began = time.perf_counter()
        for _ in range(1000):
            store.get(digest)
        times.append((time.perf_counter() - began) / 1000)
    assert min(times) < 50e-6


def test_a_temporary_folder_goes_with_its_store() -> None:
    store = ImageStore()
    folder = store.folder
    store.put(gradient())
    del store
    gc.collect()
    assert not folder.exists()


def test_a_folder_that_was_named_stays(tmp_path: Path) -> None:
    digest = ImageStore(tmp_path / "deep" / "store").put(gradient())
    gc.collect()
    assert np.array_equal(ImageStore(tmp_path / "deep" / "store").get(digest), gradient())


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")
def test_a_forked_process_leaves_the_folder_to_its_parent() -> None:
    program = (
        "import os, sys\n"
        "from lavr.vision.store import default_store\n"
        "store = default_store()\n"
        "if os.fork() == 0:\n"
        "    sys.exit(0)\n"
        "os.wait()\n"
        "print(store.folder.is_dir(), store.folder)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    there, folder = done.stdout.split()
    assert there == "True"
    assert not Path(folder).exists()


def test_the_default_store_is_one() -> None:
    with ThreadPoolExecutor(8) as pool:
        assert len(set(map(id, pool.map(lambda _: default_store(), range(16))))) == 1


def test_what_comes_of_a_call_goes_into_the_store_of_its_session_and_what_is_for_all_does_not(tmp_path: Path) -> None:
    own = ImageStore(tmp_path)
    with storing_in(own):
        inside, kept_for_all = session_store(), default_store()
        with ThreadPoolExecutor(1) as pool:
            beside = pool.submit(session_store).result()
    assert inside is own
    assert beside is kept_for_all is session_store() is not own
