"""Which fields a column may be mapped to."""

from __future__ import annotations

import re
from collections.abc import Iterable

from chassis.domain import Violation
from contacts.custom_fields.domain import KEY
from contacts.imports.mapping import FIELDS, REPEATABLE

IGNORE = "ignore"
CUSTOM = "custom."
EXTERNAL_ID = "external_id:"
LEFT_OUT = ("company_name", "job_title")
"""What belongs to an employment and not to the person."""
MAPPABLE = (*(field for field in FIELDS if field not in LEFT_OUT), "owner_id")
ADDRESS = ("street", "city", "region", "postal_code", "country")
KEYS = ("email", "phone")
"""By what people may be known again, besides `external_id:<system>`."""

SYSTEM = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,49}")


def field_problem(field: str, defined: Iterable[str]) -> tuple[str, str] | None:
    """Why a column cannot be mapped to this: a code and a message; None when it can."""
    if field in MAPPABLE:
        return None
    if field.startswith(EXTERNAL_ID):
        if SYSTEM.fullmatch(field.removeprefix(EXTERNAL_ID)):
            return None
        return "system_invalid", "A system has a name of letters, digits, points and hyphens."
    if field.startswith(CUSTOM):
        key = field.removeprefix(CUSTOM)
        if KEY.fullmatch(key) and key in defined:
            return None
        return "custom_field_unknown", f"There is no custom field {key[:60]}."
    known = f"{', '.join(MAPPABLE)}, external_id:<system>, custom.<key>"
    return "field_unknown", f"A column is one of {known}."


def clashes(targets: Iterable[tuple[str, str]]) -> list[Violation]:
    """Where two columns are for one field that there is once; fields of an address once a label."""
    seen: set[tuple[str, str]] = set()
    found = []
    for place, (field, label) in enumerate(targets):
        target = (field, label if field in ADDRESS else "")
        if field not in REPEATABLE and target in seen:
            message = f"Another column is {field} already."
            found.append(Violation(f"/columns/{place}/field", "field_repeated", message))
        seen.add(target)
    return found
