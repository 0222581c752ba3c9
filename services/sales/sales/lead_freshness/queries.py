"""Reads how fresh leads are, what is about to go stale, and the pool."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from chassis.storage.listing import Listing, choice_filter
from chassis.storage.unit_of_work import Reading
from sales.lead_facts.domain import Freshness, Qualification
from sales.lead_freshness.models import shown
from sales.lead_freshness.storage import settings_in_force
from sales.leads import models as lead_models
from sales.leads.domain import LeadState
from sales.leads.queries import LEADS
from sales.leads.storage import lead_of, leads

_columns = leads.c
_all = sa.select(*(column for column in _columns if column.name != "tenant_id"))
_OTHERS = {name: one for name, one in LEADS.filters.items() if name not in ("state", "freshness")}

GOING_STALE = replace(
    LEADS,
    sorts={"stale_at": _columns.stale_at},
    default_sort="stale_at",
    filters={
        **_OTHERS,
        "freshness": choice_filter(
            _columns.freshness, Freshness.HOT, Freshness.WARM, Freshness.COLD
        ),
    },
    searchable=False,
)
POOL = replace(
    LEADS,
    sorts={"score": _columns.score, "captured_at": _columns.captured_at},
    default_sort="-score",
    filters={name: one for name, one in LEADS.filters.items() if name not in ("state", "owner_id")},
    searchable=False,
)


def get_settings(reading: Reading) -> dict[str, Any]:
    """How long leads stay fresh, and what becomes of stale ones."""
    return shown(settings_in_force(reading))


def list_going_stale(reading: Reading, listing: Listing, within_days: int) -> dict[str, Any]:
    """A page of the open leads that will be stale within so many days, the next ones first.

    Disqualified ones are left out: nobody would touch them.
    """
    until = reading.clock.now() + timedelta(days=within_days)
    base = _open(reading).where(_columns.stale_at <= until, _columns.freshness != Freshness.STALE)
    return _page(reading, listing, reading.scope.narrow(base, _columns.owner_id))


def list_pool(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of the leads that anybody may claim, the most promising first.

    They are nobody's, so nobody's reach narrows them: the permission alone decides.
    """
    return _page(reading, listing, _open(reading).where(_columns.owner_id.is_(None)))


def _open(reading: Reading) -> sa.Select[Any]:
    return _all.where(
        _columns.tenant_id == reading.caller.tenant_id,
        _columns.state == LeadState.OPEN,
        _columns.qualification != Qualification.DISQUALIFIED,
    )


def _page(reading: Reading, listing: Listing, base: sa.Select[Any]) -> dict[str, Any]:
    return listing.fetch(
        reading.connection, base, lambda row: lead_models.shown(lead_of(dict(row._mapping)))
    )
