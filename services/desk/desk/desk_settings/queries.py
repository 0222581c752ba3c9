"""Reads a tenant's settings of the desk, straight to the response."""

from __future__ import annotations

from typing import Any

from chassis.storage.unit_of_work import Reading
from desk.desk_settings.models import shown
from desk.desk_settings.storage import settings_of


def get_desk_settings(reading: Reading) -> dict[str, Any]:
    """The settings as the API shows them."""
    return shown(settings_of(reading))
