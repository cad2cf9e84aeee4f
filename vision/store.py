"""Where pixels live: a content-addressed store, on disk with a small cache in memory.

Graph state, traces and messages between processes hold digests; only the store holds pixels. The same folder may be
opened by several processes at once: entries never change, and each is written whole before it gets its name.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import threading
import weakref
from collections import OrderedDict
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ..errors import UsageError
from ..jsonable import Json, canonical, digest_of

Pixels = NDArray[np.uint8]
"""H x W x 3, RGB, uint8."""

MEMORY_BYTES = 256 * 1024 * 1024


def pixels_digest(pixels: Pixels) -> str:
    """SHA-256 over the shape and the RGB bytes, 64 hex digits: equal pictures have equal digests."""
    head = f"{pixels.shape[1]}x{pixels.shape[0]}:".encode()
    return hashlib.sha256(head + np.ascontiguousarray(pixels).tobytes()).hexdigest()


class ImageStore:
    """Pictures and JSON documents by the digest of their content.

    Args:
        folder: where the files are; a temporary folder, removed with the store, when left out.
        memory_bytes: how many bytes of pixels stay decoded in memory; the least recently used go first.
    """

    def __init__(self, folder: str | os.PathLike[str] | None = None, *, memory_bytes: int = MEMORY_BYTES) -> None:
        self.folder = Path(folder) if folder is not None else Path(tempfile.mkdtemp(prefix="lavr-"))
        self.folder.mkdir(parents=True, exist_ok=True)
        self._memory: OrderedDict[str, Pixels] = OrderedDict()
        self._memory_bytes = memory_bytes
        self._lock = threading.Lock()
        if folder is None:
            weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)

    def put(self, pixels: Pixels) -> str:
        """Keep a picture (H x W x 3, RGB, uint8) and return its digest. Keeping it twice costs nothing more."""
        digest = pixels_digest(pixels)
        path = self.path(digest)
        if not path.exists():
            done, encoded = cv2.imencode(".png", pixels[:, :, ::-1], [cv2.IMWRITE_PNG_COMPRESSION, 1])
            if not done:
                raise UsageError(f"A picture of shape {pixels.shape} cannot be stored.")
            self._write(path, encoded.tobytes())
        self._remember(digest, np.ascontiguousarray(pixels))
        return digest

    def get(self, digest: str) -> Pixels:
        """The pixels of a picture, read-only. Raises `UsageError` for a digest that was never kept."""
        with self._lock:
            if digest in self._memory:
                self._memory.move_to_end(digest)
                return self._memory[digest]
        path = self.path(digest)
        if not path.is_file():
            raise UsageError(f"No picture with digest {digest[:12]}... is in the store {self.folder}.")
        bgr = cv2.imdecode(np.fromfile(path, dtype=np.uint8), cv2.IMREAD_COLOR)
        if bgr is None:
            raise UsageError(f"The picture {path} in the store is damaged.")
        return self._remember(digest, np.ascontiguousarray(bgr[:, :, ::-1], dtype=np.uint8))

    def path(self, digest: str) -> Path:
        """The PNG file of a picture."""
        return self.folder / digest[:2] / f"{digest}.png"

    def put_document(self, value: Json) -> str:
        """Keep a JSON value and return its digest."""
        digest = digest_of(value)
        path = self._document_path(digest)
        if not path.exists():
            self._write(path, canonical(value).encode())
        return digest

    def get_document(self, digest: str) -> Json:
        """The JSON value of a digest. Raises `UsageError` for one that was never kept."""
        path = self._document_path(digest)
        if not path.is_file():
            raise UsageError(f"No document with digest {digest[:12]}... is in the store {self.folder}.")
        value: Json = json.loads(path.read_text(encoding="utf-8"))
        return value

    def _document_path(self, digest: str) -> Path:
        return self.folder / digest[:2] / f"{digest}.json"

    def _write(self, path: Path, content: bytes) -> None:
        path.parent.mkdir(exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.replace(name, path)

    def _remember(self, digest: str, pixels: Pixels) -> Pixels:
        pixels.flags.writeable = False
        with self._lock:
            self._memory[digest] = pixels
            self._memory.move_to_end(digest)
            while sum(kept.nbytes for kept in self._memory.values()) > self._memory_bytes and len(self._memory) > 1:
                self._memory.popitem(last=False)
        return pixels


_default: list[ImageStore] = []
_default_lock = threading.Lock()


def default_store() -> ImageStore:
    """The store of this process, for pictures opened without naming one."""
    with _default_lock:
        if not _default:
            _default.append(ImageStore())
        return _default[0]
