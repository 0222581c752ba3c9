"""Reads win-backs, their offers and their results, straight to the response."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.http.money import amount_out
from chassis.money import rounded
from chassis.storage.listing import (
    Listing,
    ListSpec,
    boolean_filter,
    choice_filter,
    time_filter,
    uuid_filter,
)
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from loyalty.programs.queries import program
from loyalty.retention.domain import CustomerState
from loyalty.retention.figures import percent
from loyalty.retention.purchases import COUNTS
from loyalty.win_backs.comparing import Group, Uplift, extra_revenue, uplift_of
from loyalty.win_backs.domain import WinBack, WinBackStatus
from loyalty.win_backs.models import RESULT_DEFINITIONS, shown
from loyalty.win_backs.storage import win_back_of, win_back_offers, win_backs

_columns, _offers = win_backs.c, win_back_offers.c
_all = sa.select(*(column for column in _columns if column.name != "tenant_id"))
_ONE = Statement.of(
    _all.where(_columns.tenant_id == sa.bindparam("tenant_id"), _columns.id == sa.bindparam("id"))
)

WIN_BACKS = ListSpec(
    key=_columns.id,
    sorts={"created_at": _columns.created_at},
    default_sort="-created_at",
    filters={
        "program_id": uuid_filter(_columns.program_id),
        "status": choice_filter(_columns.status, *WinBackStatus),
    },
)
OFFERS = ListSpec(
    key=_offers.id,
    sorts={"made_at": _offers.made_at},
    default_sort="-made_at",
    filters={
        "person_id": uuid_filter(_offers.person_id),
        "member_id": uuid_filter(_offers.member_id),
        "state": choice_filter(_offers.state, *CustomerState),
        "held_out": boolean_filter(_offers.held_out),
        "made_at": time_filter(_offers.made_at),
        "won_at": time_filter(_offers.won_at),
    },
)


def list_win_backs(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of win-backs."""
    mine = _all.where(_columns.tenant_id == reading.caller.tenant_id)
    return listing.fetch(reading.connection, mine, lambda row: shown(win_back_of(row._mapping)))


def get_win_back(reading: Reading, win_back_id: UUID) -> dict[str, Any]:
    """A win-back as the API shows one. Raises `NotFound`."""
    return shown(find_win_back(reading, win_back_id))


def find_win_back(reading: Reading | UnitOfWork, win_back_id: UUID) -> WinBack:
    """A win-back, not locked. Raises `NotFound`."""
    row = reading.fetch_one(_ONE, {"tenant_id": reading.caller.tenant_id, "id": win_back_id})
    if row is None:
        raise NotFound.of("win-back", win_back_id)
    return win_back_of(row)


def list_offers(reading: Reading, win_back_id: UUID, listing: Listing) -> dict[str, Any]:
    """A page of the offers that a win-back has made. Raises `NotFound`."""
    find_win_back(reading, win_back_id)
    names = "id person_id member_id state value_band held_out coupon_id made_at counts_until won_at"
    statement = sa.select(*(_offers[name] for name in names.split())).where(
        _offers.tenant_id == reading.caller.tenant_id, _offers.win_back_id == win_back_id
    )
    return listing.fetch(reading.connection, statement)


def get_result(reading: Reading, win_back_id: UUID) -> dict[str, Any]:
    """What a win-back led to, against those who were held out. Raises `NotFound`."""
    win_back, now = find_win_back(reading, win_back_id), reading.clock.now()
    currency = program(reading, win_back.program_id).terms.currency
    about = {
        "tenant_id": reading.caller.tenant_id,
        "win_back_id": win_back_id,
        "currency": currency,
        "now": now,
    }
    rows = {row["held_out"]: row for row in reading.fetch_all(_RESULT, about)}
    groups = {side: _group(rows.get(side)) for side in (False, True)}
    extra = extra_revenue(groups[False], groups[True])
    return {
        "win_back_id": win_back_id,
        "as_of": now,
        "offered": _group_out(groups[False], rows.get(False), currency),
        "held_out": _group_out(groups[True], rows.get(True), currency),
        "uplift": _uplift_out(uplift_of(groups[False], groups[True])),
        "extra_revenue": None if extra is None else amount_out(rounded(extra, currency), currency),
        "definitions": RESULT_DEFINITIONS,
    }


def _group(row: dict[str, Any] | None) -> Group:
    if row is None:
        return Group(0, 0, Decimal(0))
    return Group(row["customers"], row["returned"], row["revenue"])


def _group_out(group: Group, row: dict[str, Any] | None, currency: str) -> dict[str, Any]:
    each = None
    if group.customers:
        each = amount_out(rounded(group.revenue / group.customers, currency), currency)
    return {
        "customers": group.customers,
        "open": 0 if row is None else row["open"],
        "returned": group.returned,
        "return_rate": percent(group.returned, group.customers),
        "revenue": amount_out(rounded(group.revenue, currency), currency),
        "revenue_per_customer": each,
    }


def _uplift_out(uplift: Uplift | None) -> dict[str, Any] | None:
    if uplift is None:
        return None
    return {
        "percentage_points": f"{100 * uplift.difference:.2f}",
        "lowest": f"{100 * uplift.lowest:.2f}",
        "highest": f"{100 * uplift.highest:.2f}",
        "is_sure": uplift.is_sure,
    }


_RESULT = Statement(
    "SELECT o.held_out, count(*)::integer AS customers,"  # noqa: S608 - our own words
    " (count(*) FILTER (WHERE o.counts_until > %(now)s))::integer AS open,"
    " (count(*) FILTER (WHERE b.purchases > 0))::integer AS returned,"
    " coalesce(sum(b.revenue), 0) AS revenue"
    " FROM win_back_offers o LEFT JOIN LATERAL ("
    " SELECT count(*) AS purchases,"
    " sum(delivered - refunded) FILTER (WHERE currency = %(currency)s) AS revenue"
    " FROM retention_purchases WHERE tenant_id = o.tenant_id AND customer_id = o.buyer_id"
    f" AND bought_at >= o.made_at AND bought_at <= o.counts_until AND {COUNTS}"
    ") b ON true WHERE o.tenant_id = %(tenant_id)s AND o.win_back_id = %(win_back_id)s"
    " GROUP BY o.held_out"
)
