"""A provider over HTTP, for the tests of adapters."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from services.notifications.tests.providers.http_provider import HttpProvider, http_provider


@pytest.fixture(scope="module")
def remote() -> Iterator[HttpProvider]:
    """A provider's server."""
    with http_provider() as running:
        yield running
