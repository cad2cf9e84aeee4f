"""Where pixels live: a content-addressed store, on disk with a small cache in memory.

Graph state, traces and messages between processes hold digests; only the store holds pixels. The same folder may be
opened by several processes at once: entries never change, and each is written whole before it gets its name.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
import threading
import weakref
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ..errors import CorruptImage, ImageNotFound, UsageError
from ..jsonable import Json, canonical, digest_of

Pixels = NDArray[np.uint8]
"""H x W x 3, RGB, uint8."""

MEMORY_BYTES = 256 * 1024 * 1024
_DIGEST = re.compile(r"[0-9a-f]{64}")


def pixels_digest(pixels: Pixels) -> str:
    """SHA-256 over the shape and the RGB bytes, 64 hex digits: equal pictures have equal digests."""
    digest = hashlib.sha256(f"{pixels.shape[1]}x{pixels.shape[0]}:".encode())
    digest.update(np.ascontiguousarray(pixels).reshape(-1).data)
    return digest.hexdigest()


class ImageStore:
    """Pictures and JSON documents by the digest of their content. Any thread may use it.

    Args:
        folder: where the files are; a temporary folder, removed with the store, when left out.
        memory_bytes: how many bytes of pixels stay decoded in memory; the least recently used go first.
    """

    def __init__(self, folder: str | os.PathLike[str] | None = None, *, memory_bytes: int = MEMORY_BYTES) -> None:
        self.folder = Path(folder) if folder is not None else Path(tempfile.mkdtemp(prefix="lavr-"))
        self.folder.mkdir(parents=True, exist_ok=True)
        self._memory = _Memory(memory_bytes)
        if folder is None:
            weakref.finalize(self, _remove_own, self.folder, os.getpid())

    def put(self, pixels: Pixels) -> str:
        """Keep a picture and return its digest. Keeping it twice costs its digest and nothing more.

        The picture is copied into memory unless nobody can write to it, so that later changes do not reach the store.

        Args:
            pixels: H x W x 3, RGB, uint8.

        Raises:
            UsageError: another shape or type, or no pixels at all.
        """
        if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3 or not pixels.size:
            raise UsageError(
                f"A picture of shape {pixels.shape} and type {pixels.dtype} cannot be stored.",
                remedy="Give H x W x 3 RGB pixels of type uint8, or open it with Image.open.",
            )
        kept = _unchanging(pixels)
        digest = pixels_digest(kept)
        path = self.path(digest)
        if not path.is_file():
            _write(path, _encode(kept))
        self._memory.keep(digest, kept)
        return digest

    def get(self, digest: str) -> Pixels:
        """The pixels of a picture, read-only.

        Raises:
            ImageNotFound: a digest that was never kept.
            CorruptImage: its file was damaged; pixels of another digest are never given back.
        """
        kept = self._memory.get(digest)
        if kept is not None:
            return kept
        path = self.path(digest)
        pixels = _decode(_read(path, f"No picture with digest {digest[:12]}... is in the store {self.folder}."))
        if pixels is None or pixels_digest(pixels) != digest:
            raise CorruptImage(
                f"The picture {path} in the store is damaged.",
                remedy="Delete that file and open the picture again.",
                path=str(path),
            )
        pixels.flags.writeable = False
        self._memory.keep(digest, pixels)
        return pixels

    def path(self, digest: str) -> Path:
        """The PNG file of a picture. Raises `UsageError` for what is no digest."""
        return self._entry(digest, ".png")

    def put_document(self, value: Json) -> str:
        """Keep a JSON value and return its digest."""
        digest = digest_of(value)
        path = self._entry(digest, ".json")
        if not path.is_file():
            _write(path, canonical(value).encode())
        return digest

    def get_document(self, digest: str) -> Json:
        """The JSON value of a digest. Raises `UsageError` for one that was never kept, or was damaged."""
        path = self._entry(digest, ".json")
        content = _read(path, f"No document with digest {digest[:12]}... is in the store {self.folder}.")
        if hashlib.sha256(content).hexdigest() != digest:
            raise UsageError(f"The document {path} in the store is damaged.", remedy="Delete it.", path=str(path))
        value: Json = json.loads(content)
        return value

    def _entry(self, digest: str, suffix: str) -> Path:
        if not _DIGEST.fullmatch(digest):  # it may come out of a file that somebody else wrote
            raise UsageError(f"{digest[:80]!r} is no digest.", remedy="A digest is 64 hex digits.")
        return self.folder / digest[:2] / f"{digest}{suffix}"


class _Memory:
    """Decoded pictures, the least recently used dropped first; at least the newest one stays."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit = limit_bytes
        self._held = 0
        self._pictures: OrderedDict[str, Pixels] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, digest: str) -> Pixels | None:
        with self._lock:
            pixels = self._pictures.get(digest)
            if pixels is not None:
                self._pictures.move_to_end(digest)
            return pixels

    def keep(self, digest: str, pixels: Pixels) -> None:
        with self._lock:
            if digest not in self._pictures:
                self._pictures[digest] = pixels
                self._held += pixels.nbytes
            self._pictures.move_to_end(digest)
            while self._held > self._limit and len(self._pictures) > 1:
                _, dropped = self._pictures.popitem(last=False)
                self._held -= dropped.nbytes


def _unchanging(pixels: Pixels) -> Pixels:
    """The same pixels where nobody can write to them and they own their memory; else a read-only copy."""
    owned = pixels.base is None or isinstance(pixels.base, bytes)
    if owned and not pixels.flags.writeable and pixels.flags.c_contiguous:
        return pixels
    copy = np.array(pixels, order="C", copy=True)
    copy.flags.writeable = False
    return copy


def _encode(pixels: Pixels) -> bytes:
    # OpenCV's own choice (run-length strategy, difference to the left) is twice as fast on photographs as naming
    # compression 1, which changes the strategy as well.
    done, encoded = cv2.imencode(".png", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR))
    if not done:
        raise UsageError(f"A picture of shape {pixels.shape} cannot be stored.", remedy="Scale it down.")
    return encoded.tobytes()


def _decode(content: bytes) -> Pixels | None:
    """RGB pixels, or None for what is no picture."""
    try:
        bgr = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error:  # an empty file
        return None
    return None if bgr is None else np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), dtype=np.uint8)


def _read(path: Path, missing: str) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise ImageNotFound(missing, remedy="Open the picture again, or name the store that holds it.") from error


def _write(path: Path, content: bytes) -> None:
    """Under a name of its own first: whoever sees the entry sees all of it."""
    if not path.parent.is_dir():
        path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _remove_own(folder: Path, owner: int) -> None:
    """A process that was forked off shares the folder, and must not take it away."""
    if os.getpid() == owner:
        shutil.rmtree(folder, ignore_errors=True)


_default: list[ImageStore] = []
_default_lock = threading.Lock()
_current: ContextVar[ImageStore | None] = ContextVar("lavr_store", default=None)


@contextmanager
def storing_in(store: ImageStore) -> Iterator[None]:
    """Within this, `session_store()` is this one."""
    before = _current.set(store)
    try:
        yield
    finally:
        _current.reset(before)


def default_store() -> ImageStore:
    """The store of this process, for pictures opened without naming one: what a tool keeps for all its calls."""
    with _default_lock:
        if not _default:
            _default.append(ImageStore())
        return _default[0]


def session_store() -> ImageStore:
    """The store of the session whose call is run here, for what comes of it; outside of any, that of the process."""
    return _current.get() or default_store()


def adopt_default(store: ImageStore) -> None:
    """Make a store that of this process, as a worker does with its parent's: its own would be left behind."""
    with _default_lock:
        _default[:] = [store]
