"""Whole platforms for the tests of the harness."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.reliability.estate import Estate, Start, python_path, running_estate


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts a platform; with `programs`, other programs run in the place of services."""
    with pytest.MonkeyPatch.context() as patch, ExitStack() as stack:
        # The witness' process finds its package among the tests.
        patch.setenv("PYTHONPATH", python_path())

        def start(**programs: str) -> Estate:
            return stack.enter_context(running_estate(tmp_path, programs))

        yield start


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What starts a platform goes through the gateway with real processes."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here) and "start" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.journey)
