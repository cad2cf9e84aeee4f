"""Fetching one file of weights over http: with progress, on from where it was cut off, and checked before it counts.

A file under its final name is always whole: what arrives is written beside it, and renamed when its size and hash are
right. What was cut off is gone on with only where a hash can tell whether the two halves belong together. The proxies
of the environment are used; a redirect from https to http is refused.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import http.client
import shutil
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from ...errors import MissingModel
from ...progress import Progress
from .catalogue import Weights

ATTEMPTS = 3
"""How often a connection that breaks is made anew."""

SILENCE_S = 30.0
"""A server that sends nothing for so long is given up."""

PIECE = 1 << 20
TOO_MUCH = 2.0
"""A file without a known hash may be this many times as large as its stated size."""


def download(weights: Weights, folder: Path, progress: Progress) -> Path:
    """Fetch the file of an entry into a folder; its path. One that is there already is not fetched again.

    Raises:
        MissingModel: when it cannot be had: no such file on the server, no connection, another content than expected,
            no room on the disk. The remedy says how to go on.
    """
    target = folder / weights.file
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _alone(folder / f".{weights.file}.lock"):
            if not target.is_file():
                _check_room(weights, folder)
                _Download(weights, folder / f"{weights.file}.part", progress).run()
                (folder / f"{weights.file}.part").rename(target)
    except OSError as error:
        raise _failed(
            weights, f"{folder} cannot be written: {error.strerror or error}", "Set LAVR_MODELS, or make room."
        ) from error
    return target


def sha256_of(path: Path) -> str:
    """The hash of a file, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class _CutOff(Exception):
    """The connection broke before everything had come."""


@dataclass
class _Download:
    """One file on its way.

    Attributes:
        weights: what is fetched.
        part: where it is written until it is whole.
        progress: told of every piece.
    """

    weights: Weights
    part: Path
    progress: Progress

    def run(self) -> None:
        """Fetch and check it. What is wrong leaves nothing; a broken connection leaves what can be gone on with."""
        broken: Exception | None = None
        for _ in range(ATTEMPTS):
            try:
                self._fetch()
                self._check()
                return
            except _CutOff as error:
                broken = error
            except (OSError, MissingModel):
                self.part.unlink(missing_ok=True)
                raise
        done = self._done()
        if not self.weights.sha256:
            self.part.unlink(missing_ok=True)
        again = f"lavr models pull {self.weights.name}"
        raise _failed(
            self.weights,
            f"{broken} ({done:,} of {self.weights.size_bytes:,} bytes had come)",
            f"{again} goes on from there." if done and self.weights.sha256 else f"Check the network, then: {again}",
        )

    def _done(self) -> int:
        return self.part.stat().st_size if self.part.exists() else 0

    def _fetch(self) -> None:
        """Append to the part what is lacking."""
        had = self._done() if self.weights.sha256 else 0
        if had == self.weights.size_bytes:
            return
        with self._answer(had) as answer:
            self._check_kind(answer)
            going_on = had and answer.status == http.HTTPStatus.PARTIAL_CONTENT
            with self.part.open("ab" if going_on else "wb") as file:
                self._write(answer, file)

    def _answer(self, had: int) -> Any:
        headers = {"User-Agent": "lavr", "Accept-Encoding": "identity"} | ({"Range": f"bytes={had}-"} if had else {})
        request = urllib.request.Request(self.weights.url, headers=headers)  # noqa: S310 - an address of the catalogue
        try:
            return urllib.request.build_opener(_Redirects(self.weights)).open(request, timeout=SILENCE_S)
        except urllib.error.HTTPError as error:
            error.close()
            if error.code == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                self.part.unlink(missing_ok=True)
                raise _CutOff("the server has less than was fetched before") from error
            if error.code >= 500:
                raise _CutOff(f"the server answered {error.code} {error.reason}") from error
            raise _failed(self.weights, f"{self.weights.url} answered {error.code} {error.reason}", _BY_HAND) from error
        except (OSError, http.client.HTTPException) as error:
            reason = getattr(error, "reason", error)
            said = getattr(reason, "strerror", None) or str(reason) or type(error).__name__
            raise _CutOff(f"{request.host} cannot be reached: {said}") from error

    def _check_kind(self, answer: Any) -> None:
        kind = str(answer.headers.get_content_type())
        if kind.startswith("text/"):
            raise _failed(
                self.weights,
                f"{self.weights.url} answered with a page ({kind}) instead of the file",
                "Is there a login page between this machine and the network? " + _BY_HAND,
            )

    def _write(self, answer: Any, file: IO[bytes]) -> None:
        weights, what = self.weights, f"Fetching {self.weights.file}"
        most = weights.size_bytes if weights.sha256 else int(weights.size_bytes * TOO_MUCH)
        while True:
            try:
                piece = answer.read(PIECE)
            except (OSError, http.client.HTTPException) as error:
                raise _CutOff(str(error) or type(error).__name__) from error
            if not piece:
                break
            file.write(piece)
            done = file.tell()
            self.progress(what, min(done, weights.size_bytes - 1), weights.size_bytes)
            if done > most:
                raise _failed(weights, f"{weights.url} sends more than {most:,} bytes", _BY_HAND)
        if answer.length:  # bytes that were announced and did not come
            raise _CutOff("the connection broke")
        self.progress(what, weights.size_bytes, weights.size_bytes)

    def _check(self) -> None:
        weights = self.weights
        if not weights.sha256:
            with self.part.open("rb") as file:
                if file.read(1) == b"<":
                    raise _failed(weights, f"{weights.url} answered with a page instead of the file", _BY_HAND)
            return
        if self._done() < weights.size_bytes:
            raise _CutOff("the answer is too short")
        if (found := sha256_of(self.part)) != weights.sha256:
            raise _failed(
                weights,
                f"what came from {weights.url} is another file: its sha256 is {found}, not {weights.sha256}",
                "Try again; if it happens again, tell the maintainers of lavr.",
            )


class _Redirects(urllib.request.HTTPRedirectHandler):
    def __init__(self, weights: Weights) -> None:
        self._weights = weights

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
        secure = req.full_url.startswith("https:")
        if not newurl.startswith("https:" if secure else ("https:", "http:")):
            fp.close()
            raise _failed(self._weights, f"{req.full_url} redirects to {newurl}", _BY_HAND)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Keep other processes from fetching the same file at the same time; they find it when they get their turn."""
    with path.open("w") as file:
        if sys.platform != "win32":
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _check_room(weights: Weights, folder: Path) -> None:
    free = shutil.disk_usage(folder).free
    if free < weights.size_bytes:
        raise OSError(errno.ENOSPC, f"it has {free:,} bytes free of the {weights.size_bytes:,} that are needed")


def _failed(weights: Weights, why: str, remedy: str) -> MissingModel:
    return MissingModel(
        f"The weights {weights.name} could not be fetched: {why}.",
        remedy=remedy,
        weights=weights.name,
        file=weights.file,
        url=weights.url,
    )


_BY_HAND = "Get the file by hand, and put it into the folder that LAVR_MODELS names."
