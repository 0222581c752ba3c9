"""A renderer whose processes all tests of templates share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from notifications.templates.rendering.renderer import Renderer


@pytest.fixture(scope="session")
def renderer() -> Iterator[Renderer]:
    """Renders as in the service."""
    running = Renderer()
    yield running
    running.stop(1)
