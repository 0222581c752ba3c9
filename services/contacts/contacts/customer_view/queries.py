"""What contacts itself knows of a customer, in two reads: who it is, and the rest while others are asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from chassis.domain import NotFound
from chassis.storage.scope import Scope
from chassis.storage.unit_of_work import Reading
from contacts.companies.queries import READ as READ_COMPANIES
from contacts.companies.queries import get_company
from contacts.consents.queries import READ as READ_CONSENTS
from contacts.consents.queries import consents_of
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
    company = _within(reading, READ_COMPANIES, lambda seen: get_company(seen, company_id))
    missing = (Missing(Part.COMPANY, Reason.FORBIDDEN),) if company is None else ()
    return Who(person, company_id, company, missing)


def own_sides(reading: Reading, person: Mapping[str, Any]) -> OwnSides:
    """Contact points, consents and timeline of a person, each as far as the caller may see it."""
    person_id = person["id"]
    sides = OwnSides(contact_points=points_shown(reading, person))
    consents = _within(reading, READ_CONSENTS, lambda seen: consents_of(seen, person_id))
    if consents is None:
        sides.missing.append(Missing(Part.CONSENTS, Reason.FORBIDDEN))
    else:
        sides.consents = [
            {name: one[name] for name in ("purpose", "channel", "state")}
            for one in consents["items"]
        ]
    sides.timeline = _within(
        reading, READ_TIMELINE, lambda seen: latest_of(seen, person_id, LATEST)
    )
    if sides.timeline is None:
        sides.missing.append(Missing(Part.TIMELINE, Reason.FORBIDDEN))
    return sides


def _within(reading: Reading, permission: str, query: Callable[[Reading], Any]) -> Any:
    """What the caller sees under another permission; None where that does not reach."""
    if reading.caller.reach(permission) is None:
        return None
    try:
        return query(replace(reading, scope=Scope.under(reading.caller, permission)))
    except NotFound:
        return None
