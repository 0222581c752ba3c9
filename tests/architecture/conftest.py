"""What the rules of the architecture are checked on."""

import pytest

from .sources import Source, python_sources


@pytest.fixture(scope="session")
def sources() -> list[Source]:
    """Every Python file of the project that people write."""
    found = python_sources()
    assert found, "no Python file was found, so no rule would be checked"
    return found
