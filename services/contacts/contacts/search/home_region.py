"""The country whose numbers a tenant has most of: a number without a country is read as one of its.

It is found out by counting, and need not be exact; so a process asks anew after ten minutes only.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

from chassis.storage.unit_of_work import Reading
from contacts.custom_fields.domain import RecordKind
from contacts.search.prefix_range import prefix_end
from contacts.search.statements import counts_of
from contacts.search.storage import INDEXED

_KEPT: Final = timedelta(minutes=10)
_COUNTED: Final = 20_000
_MOST_TENANTS: Final = 10_000
_NO_COUNTRY: Final = "001"
_REGIONS: Final = {
    f"+{code}": regions[0]
    for code, regions in COUNTRY_CODE_TO_REGION_CODE.items()
    if regions[0] != _NO_COUNTRY
}
_FRONTS: Final = tuple(_REGIONS)
_known: dict[UUID, tuple[datetime, str]] = {}


def home_region(reading: Reading, typed: str) -> str:
    """The region (ISO 3166) for what was typed; empty where nothing depends on it or is known."""
    tenant_id, now = reading.caller.tenant_id, reading.clock.now()
    if tenant_id is None or not any(character.isdigit() for character in typed):
        return ""
    asked_at, region = _known.get(tenant_id, (now - _KEPT, ""))
    if now - asked_at >= _KEPT:
        if len(_known) >= _MOST_TENANTS:
            _known.clear()
        region = _most_frequent(reading)
        _known[tenant_id] = (now, region)
    return region


def _most_frequent(reading: Reading) -> str:
    """By the phones of people."""
    about = {
        "tenant_id": reading.caller.tenant_id,
        "counted": _COUNTED,
        "places": [],
        "lows": [],
        "highs": [],
        "key_places": list(range(len(_FRONTS))),
        "key_kinds": ["phone"] * len(_FRONTS),
        "key_lows": list(_FRONTS),
        "key_highs": [prefix_end(front) for front in _FRONTS],
    }
    counted = reading.fetch_all(counts_of(INDEXED[RecordKind.PERSON]), about)
    most = max(counted, key=lambda row: row["rows"])
    return _REGIONS[_FRONTS[most["place"]]] if most["rows"] else ""
