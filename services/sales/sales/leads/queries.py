"""Reads leads, straight to the response."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.listing import (
    Listing,
    ListSpec,
    choice_filter,
    integer_filter,
    text_filter,
    time_filter,
    uuid_filter,
)
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading
from sales.lead_facts.domain import Freshness, Qualification, TouchKind
from sales.leads.domain import Lead, LeadState
from sales.leads.models import shown
from sales.leads.storage import lead_of, lead_terms, lead_touches, leads
from sales.leads.terms import words_of
from sales.orders.domain import ExternalId

_columns = leads.c
_all = sa.select(*(column for column in _columns if column.name != "tenant_id"))
_touch = lead_touches.c
_AFTER = "\U0010ffff"

LEADS = ListSpec(
    key=_columns.id,
    sorts={
        "captured_at": _columns.captured_at,
        "last_touch_at": _columns.last_touch_at,
        "updated_at": _columns.updated_at,
        "score": _columns.score,
    },
    default_sort="-captured_at",
    filters={
        "state": choice_filter(_columns.state, *LeadState),
        "email": text_filter(_columns.email),
        "source": text_filter(_columns.source),
        "campaign": text_filter(_columns.campaign),
        "landing_page": text_filter(_columns.landing_page),
        "variant": text_filter(_columns.variant),
        "country": text_filter(_columns.country),
        "industry": text_filter(_columns.industry),
        "company_size": integer_filter(_columns.company_size),
        "person_id": uuid_filter(_columns.person_id),
        "company_id": uuid_filter(_columns.company_id),
        "owner_id": uuid_filter(_columns.owner_id),
        "captured_at": time_filter(_columns.captured_at),
        "last_touch_at": time_filter(_columns.last_touch_at),
        "score": integer_filter(_columns.score),
        "qualification": choice_filter(_columns.qualification, *Qualification),
        "freshness": choice_filter(_columns.freshness, *Freshness),
        "first_contact_due_at": time_filter(_columns.first_contact_due_at),
        "first_contact_at": time_filter(_columns.first_contact_at),
    },
    searchable=True,
)
TOUCHES = ListSpec(
    key=_touch.id,
    sorts={"at": _touch.at},
    default_sort="-at",
    filters={
        "kind": choice_filter(_touch.kind, *TouchKind),
        "source": text_filter(_touch.source),
        "campaign": text_filter(_touch.campaign),
        "at": time_filter(_touch.at),
    },
)


def get_lead(reading: Reading, lead_id: UUID) -> dict[str, Any]:
    """The lead as the API shows one. Raises `NotFound`."""
    return shown(within_reach(reading, lead_id))


def get_lead_by_external_id(reading: Reading, key: ExternalId) -> dict[str, Any]:
    """The lead that another system calls this. Raises `NotFound`."""
    about = {"tenant_id": reading.caller.tenant_id, "system": key.system, "id": key.id}
    row = reading.fetch_one(_BY_EXTERNAL_ID, about)
    if row is None:
        raise NotFound.of("lead", f"{key.system}/{key.id}")
    return get_lead(reading, row["lead_id"])


def list_leads(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of leads; archived ones only when a state is asked for.

    With `q` those that have a word for each of its words which begins with it.
    """
    base = _all.where(_columns.tenant_id == reading.caller.tenant_id)
    if "state" not in listing.given:
        base = base.where(_columns.state == LeadState.OPEN)
    if listing.query is not None:
        words = words_of(listing.query)
        base = base.where(*(_has(reading, word) for word in words) if words else (sa.false(),))
    base = reading.scope.narrow(base, _columns.owner_id)
    return listing.fetch(reading.connection, base, lambda row: shown(lead_of(dict(row._mapping))))


def list_touches(reading: Reading, listing: Listing, lead_id: UUID) -> dict[str, Any]:
    """A page of a lead's touches, the latest first unless asked otherwise. Raises `NotFound`."""
    within_reach(reading, lead_id)
    return touches_page(reading, listing, lead_id)


def touches_page(reading: Reading, listing: Listing, lead_id: UUID | None) -> dict[str, Any]:
    """The same for whoever has seen to it that the caller may; empty without a lead."""
    shown_columns = (c for c in _touch if c.name not in ("tenant_id", "lead_id"))
    base = sa.select(*shown_columns).where(
        _touch.tenant_id == reading.caller.tenant_id, _touch.lead_id == lead_id
    )
    return listing.fetch(reading.connection, base)


def within_reach(reading: Reading, lead_id: UUID) -> Lead:
    """The lead, to be looked at. Raises `NotFound`."""
    statement = _all.where(_columns.tenant_id == reading.caller.tenant_id, _columns.id == lead_id)
    narrowed = reading.scope.narrow(statement, _columns.owner_id)
    row = reading.connection.execute(narrowed).mappings().first()
    if row is None:
        raise NotFound.of("lead", lead_id)
    return lead_of(row)


def _has(reading: Reading, word: str) -> sa.ColumnElement[bool]:
    term = lead_terms.c.term
    found = sa.select(lead_terms.c.lead_id).where(
        lead_terms.c.tenant_id == reading.caller.tenant_id, term >= word, term < word + _AFTER
    )
    return _columns.id.in_(found)


_BY_EXTERNAL_ID = Statement(
    "SELECT lead_id FROM lead_external_ids"
    " WHERE tenant_id = %(tenant_id)s AND system = %(system)s AND id = %(id)s"
)
