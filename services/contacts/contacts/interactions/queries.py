"""Reads interactions, straight to the response."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.listing import Listing, ListSpec, text_filter, time_filter, uuid_filter
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading
from contacts.interactions.storage import interactions
from contacts.merges.survivors import survivor_of
from contacts.people.storage import people

_columns = interactions.c
_shown = sa.select(*(column for column in _columns if column.name != "tenant_id"))
_FILTERS = {
    "kind": text_filter(_columns.kind),
    "channel": text_filter(_columns.channel),
    "occurred_at": time_filter(_columns.occurred_at),
    "recorded_at": time_filter(_columns.recorded_at),
}

OF_PERSON = ListSpec(
    key=_columns.id,
    sorts={"occurred_at": _columns.occurred_at},
    default_sort="-occurred_at",
    filters=_FILTERS,
)
INTERACTIONS = ListSpec(
    key=_columns.id,
    sorts={"occurred_at": _columns.occurred_at},
    default_sort="-occurred_at",
    filters={"person_id": uuid_filter(_columns.person_id), **_FILTERS},
)


def get_interaction(reading: Reading, interaction_id: UUID) -> dict[str, Any]:
    """The interaction as the API shows one. Raises `NotFound`, also when the person is out of reach."""
    statement = _within_reach(reading).where(_columns.id == interaction_id)
    row = reading.connection.execute(statement).first()
    if row is None:
        raise NotFound.of("interaction", interaction_id)
    return _present(row._mapping)


def list_interactions(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of the interactions of people within reach."""
    return _page(reading, listing, _within_reach(reading))


def list_interactions_of(reading: Reading, listing: Listing, person_id: UUID) -> dict[str, Any]:
    """A page of a person's interactions; for one who was merged, of who was left.

    Raises `NotFound` for nobody, or somebody out of reach.
    """
    person_id = survivor_of(reading, person_id) or person_id
    about = {"tenant_id": reading.caller.tenant_id, "id": person_id}
    owner = reading.fetch_one(_OWNER, about)
    if owner is None or not reading.scope.allows(owner["owner_id"]):
        raise NotFound.of("person", person_id)
    base = _shown.where(
        _columns.tenant_id == reading.caller.tenant_id, _columns.person_id == person_id
    )
    return _page(reading, listing, base)


def _within_reach(reading: Reading) -> sa.Select[Any]:
    tenant_id = reading.caller.tenant_id
    base = _shown.where(_columns.tenant_id == tenant_id)
    within = reading.scope.condition(people.c.owner_id)
    if within is None:
        return base
    reachable = sa.select(people.c.id).where(people.c.tenant_id == tenant_id, within)
    return base.where(_columns.person_id.in_(reachable))


def _page(reading: Reading, listing: Listing, base: sa.Select[Any]) -> dict[str, Any]:
    rows = reading.connection.execute(listing.apply(base)).all()
    page = listing.page(rows, lambda row: _present(row._mapping))
    if listing.count:
        page["total_count"] = reading.connection.execute(listing.counted(base)).scalar_one()
    return page


def _present(row: Mapping[Any, Any]) -> dict[str, Any]:
    shown = {column.name: row[column] for column in _shown.selected_columns}
    amount, currency = shown.pop("value_amount"), shown.pop("value_currency")
    system, external_id = shown.pop("external_system"), shown.pop("external_id")
    return {
        **shown,
        "value": None if amount is None else money_shown(amount, currency),
        "external_id": None if system is None else {"system": system, "id": external_id},
    }


def money_shown(amount: Decimal, currency: str) -> dict[str, str]:
    """Money as the API shows it: never with an exponent."""
    return {"amount": f"{amount:f}", "currency": currency}


_OWNER = Statement("SELECT owner_id FROM people WHERE tenant_id = %(tenant_id)s AND id = %(id)s")
