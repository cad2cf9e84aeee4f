"""Flags of the suite: what is opt-in, and what must not be skipped."""

from __future__ import annotations

import gc
from collections.abc import Generator
from pathlib import Path

import pytest

OPT_IN = {
    "slow": ("--run-slow", "takes long: run with --run-slow"),
    "install": ("--run-install", "installs packages: run with --run-install"),
    "training": ("--run-training", "trains a detector for minutes: run with --run-training"),
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the flags."""
    parser.addoption("--run-slow", action="store_true", help="run tests that take longer than ten seconds")
    parser.addoption("--run-install", action="store_true", help="run tests that make a virtual environment")
    parser.addoption("--run-training", action="store_true", help="run tests that train a detector of drawn shapes")
    parser.addoption("--require-browser", action="store_true", help="a browser test that is skipped fails")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip what was not asked for, saying how to ask for it."""
    for marker, (flag, reason) in OPT_IN.items():
        if not config.getoption(flag):
            for item in items:
                if marker in item.keywords:
                    item.add_marker(pytest.mark.skip(reason=reason))


def pytest_collection_finish() -> None:
    """Take what was imported out of every later look for garbage: millions of objects, none of which dies."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skipped browser test into a failure where browsers are required."""
    report = yield
    if report.skipped and "browser" in item.keywords and item.config.getoption("--require-browser"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, but --require-browser was given. Is Chromium installed?"
    return report


@pytest.fixture(scope="session")
def shapes_weights(pytestconfig: pytest.Config) -> Path:
    """The weights of a detector of drawn shapes, trained by `demos/train_shapes.py` and kept for the next run."""
    from lavr.tests.tools.shapes_detector import shapes_weights

    capture = pytestconfig.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        return shapes_weights()
