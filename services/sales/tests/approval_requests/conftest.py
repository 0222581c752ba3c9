"""Those who ask for approval and decide on it."""

from __future__ import annotations

import pytest

from services.sales.tests.builders import Sales
from services.sales.tests.offices import Office, office_of


@pytest.fixture
def office(sales: Sales) -> Office:
    """An office with real time."""
    return office_of(sales)
