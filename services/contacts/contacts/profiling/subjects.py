"""What a question can ask for, and whether a person lacks it: one address for each part of a record.

| subject | is missing |
| --- | --- |
| `given_name`, `family_name`, `language`, `time_zone` | when it is empty |
| `email`, `phone`, `line` | when there is none; and when there is, but all of them bounce or are invalid |
| `postal_address` | when there is none |
| `important_dates.<kind>`, such as `important_dates.birthday` | when there is none of the kind |
| `custom_fields.<key>` | when the field has no value |
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from contacts.contact_points.domain import ContactPointStatus
from contacts.profiling.domain import IMPORTANT_DATE, POINTS, POSTAL_ADDRESS, custom_field_of

Record = Mapping[str, Any]
"""A person as the API shows one."""

_LISTS: Mapping[str, str] = {"email": "emails", "phone": "phones", "line": "handles"}
_UNREACHED = frozenset({ContactPointStatus.BOUNCED, ContactPointStatus.INVALID})


class Gap(StrEnum):
    """Why something is worth asking for: it is not known, or what is known reaches nobody."""

    MISSING = "missing"
    UNREACHABLE = "unreachable"


def gap_in(person: Record, asks_for: str) -> Gap | None:
    """What a person lacks of this; None when it is known."""
    if asks_for in POINTS:
        return _gap_among(_points(person, asks_for))
    return None if _is_known(person, asks_for) else Gap.MISSING


def _is_known(person: Record, asks_for: str) -> bool:
    key = custom_field_of(asks_for)
    if key is not None:
        return person["custom_fields"].get(key) is not None
    if asks_for.startswith(IMPORTANT_DATE):
        kind = asks_for.removeprefix(IMPORTANT_DATE)
        return any(each["kind"] == kind for each in person["important_dates"])
    return bool(person["postal_addresses" if asks_for == POSTAL_ADDRESS else asks_for])


def _points(person: Record, asks_for: str) -> Sequence[Record]:
    points: Sequence[Record] = person[_LISTS[asks_for]]
    if asks_for == "line":
        return [point for point in points if point["network"] == "line"]
    return points


def _gap_among(points: Sequence[Record]) -> Gap | None:
    if not points:
        return Gap.MISSING
    return Gap.UNREACHABLE if all(p["status"] in _UNREACHED for p in points) else None
