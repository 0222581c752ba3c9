"""Reads the letterhead, straight to the response."""

from __future__ import annotations

from typing import Any

from chassis.domain import NotFound
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading
from sales.letterheads.models import shown
from sales.letterheads.storage import newest_letterhead


def get_letterhead(reading: Reading) -> dict[str, Any]:
    """The letterhead as the API shows it. Raises `NotFound` while nobody has said what it is."""
    number, content = newest_letterhead(reading)
    row = reading.fetch_one(_VERSION, {"tenant_id": reading.caller.tenant_id})
    if number is None or content is None or row is None:
        message = "There is no letterhead yet: PUT /v1/sales/letterhead says what quotes print."
        raise NotFound(message)
    return shown(row["version"], number, content)


_VERSION = Statement(
    "SELECT version FROM letterheads WHERE tenant_id = %(tenant_id)s AND id = %(tenant_id)s"
)
