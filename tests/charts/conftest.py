"""The charts, put together once, and the values with which they are rendered."""

from __future__ import annotations

import pytest

from deploy.tools.charts.building import built
from tests.architecture.sources import ROOT

from .rendering import Charts


@pytest.fixture(scope="session")
def charts(tmp_path_factory: pytest.TempPathFactory) -> Charts:
    """All charts, each with what it stands on."""
    return Charts(built(ROOT, tmp_path_factory.mktemp("charts")))
