"""Fetching one file of weights."""

from __future__ import annotations

import urllib.request
from pathlib import Path

from ...progress import Progress
from .catalogue import Weights


def download(weights: Weights, folder: Path, progress: Progress) -> Path:
    """Fetch the file of an entry into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    target, part = folder / weights.file, folder / f"{weights.file}.part"
    with urllib.request.urlopen(weights.url, timeout=30) as answer, part.open("wb") as file:  # noqa: S310
        while piece := answer.read(1 << 20):
            file.write(piece)
            progress(f"Fetching {weights.file}", file.tell(), weights.size_bytes)
    part.rename(target)
    return target
