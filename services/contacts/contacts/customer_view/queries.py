"""What contacts itself knows of a customer, in two reads: who it is, and the rest while others are asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from chassis.domain import NotFound
from chassis.storage.scope import Scope
from chassis.storage.unit_of_work import Reading
from contacts.companies.queries import READ as READ_COMPANIES
from contacts.companies.queries import get_company
from contacts.consents.queries import READ as READ_CONSENTS
from contacts.consents.queries import said_by
from contacts.customer_view.parts import Missing, OwnSides, Part, Reason, Who
from contacts.freshness.queries import points_shown
from contacts.people.queries import get_person
from contacts.relationships.queries import current_company_ids
from contacts.timeline.api import READ as READ_TIMELINE
from contacts.timeline.queries import latest_of

LATEST = 10
"""How many entries of the timeline are shown."""


def who_it_is(reading: Reading, person_id: UUID) -> Who:
    """The person, or who is left after a merge, and the company that they work at. Raises `NotFound`."""
    person = get_person(reading, person_id)
    company_id = current_company_ids(reading, [person["id"]]).get(person["id"])
    if company_id is None:
        return Who(person, None, None)
    company = _company_within(reading, company_id)
    missing = (Missing(Part.COMPANY, Reason.FORBIDDEN),) if company is None else ()
    return Who(person, company_id, company, missing)


def own_sides(reading: Reading, person: Mapping[str, Any]) -> OwnSides:
    """Contact points, consents and timeline of a person, each as far as the caller may see it.

    Whose the person is was read with the person, and is not asked again for each part.
    """
    person_id = person["id"]
    sides = OwnSides(contact_points=points_shown(reading, person))
    if _reaches(reading, READ_CONSENTS, person):
        sides.consents = [
            {name: one[name] for name in ("purpose", "channel", "state")}
            for one in said_by(reading, person_id)
        ]
    else:
        sides.missing.append(Missing(Part.CONSENTS, Reason.FORBIDDEN))
    if _reaches(reading, READ_TIMELINE, person):
        sides.timeline = latest_of(reading, person_id, LATEST)
    else:
        sides.missing.append(Missing(Part.TIMELINE, Reason.FORBIDDEN))
    return sides


def _reaches(reading: Reading, permission: str, person: Mapping[str, Any]) -> bool:
    """Whether the caller has another permission, and its reach goes as far as this person."""
    if reading.caller.reach(permission) is None:
        return False
    return Scope.under(reading.caller, permission).allows(person["owner_id"])


def _company_within(reading: Reading, company_id: UUID) -> Any:
    """The company, as far as the caller may see companies; None where that does not reach."""
    if reading.caller.reach(READ_COMPANIES) is None:
        return None
    scope = Scope.under(reading.caller, READ_COMPANIES)
    try:
        return get_company(replace(reading, scope=scope), company_id)
    except NotFound:
        return None
