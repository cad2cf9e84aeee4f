"""What the tests of the local planner share."""

from __future__ import annotations

from pathlib import Path

import pytest

_FOLDER = Path(__file__).parent
_ITS_OWN = "ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning:transformers"
"""`transformers` hands a tensor to numpy in the processor of GLM-4V."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let a warning pass that `transformers` raises about its own code."""
    for item in items:
        if _FOLDER in item.path.parents:
            item.add_marker(pytest.mark.filterwarnings(_ITS_OWN))
