"""The face of `lavr.vision`: complete, sorted, and light."""

from __future__ import annotations

import subprocess
import sys

import pytest

import lavr.vision


def test_the_face_is_sorted_and_every_name_is_there() -> None:
    assert lavr.vision.__all__ == sorted(lavr.vision.__all__)
    assert all(getattr(lavr.vision, name) is not None for name in lavr.vision.__all__)
    assert set(lavr.vision.__all__) <= set(dir(lavr.vision))


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Imagine'"):
        _ = lavr.vision.Imagine


def test_importing_it_loads_neither_opencv_nor_numpy() -> None:
    code = "import lavr.vision, sys; sys.exit(bool({'cv2', 'numpy', 'PIL'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
