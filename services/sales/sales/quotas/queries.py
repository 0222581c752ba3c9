"""Reads quotas and how much of them was attained, straight to the response."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.http.money import amount_out, decimal_out
from chassis.storage.listing import Listing, ListSpec, choice_filter, date_filter, uuid_filter
from chassis.storage.unit_of_work import Reading
from sales.periods.domain import Period
from sales.periods.models import period_out
from sales.quotas.domain import Measure, Quota, percent_of
from sales.quotas.models import ATTAINMENT_DEFINITIONS, shown
from sales.quotas.storage import quota_of, quotas
from sales.sales_credits.crediting import credits_of, deals_won
from sales.teams import Teams, teams_of

_columns = quotas.c
_all = sa.select(*(column for column in _columns if column.name != "tenant_id"))

QUOTAS = ListSpec(
    key=_columns.id,
    sorts={"created_at": _columns.created_at, "first_on": _columns.first_on},
    default_sort="-created_at",
    filters={
        "user_id": uuid_filter(_columns.user_id),
        "team_id": uuid_filter(_columns.team_id),
        "measure": choice_filter(_columns.measure, *Measure),
        "first_on": date_filter(_columns.first_on),
        "last_on": date_filter(_columns.last_on),
    },
)


def get_quota(reading: Reading, quota_id: UUID) -> dict[str, Any]:
    """The quota as the API shows one. Raises `NotFound`."""
    return shown(_quota(reading, quota_id))


def list_quotas(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of quotas."""
    base = _within_reach(reading, teams_of(reading))
    return listing.fetch(reading.connection, base, lambda row: shown(quota_of(dict(row._mapping))))


def get_attainment(reading: Reading, quota_id: UUID) -> dict[str, Any]:
    """How much of a quota was attained so far. Raises `NotFound`, `Conflict` for a missing rate."""
    quota = _quota(reading, quota_id)
    return _attainments(reading, [quota], teams_of(reading))[0]


def list_attainments(reading: Reading, period: Period) -> dict[str, Any]:
    """How much of each quota for exactly a period was attained so far. Raises `Conflict`."""
    teams = teams_of(reading)
    statement = _within_reach(reading, teams).where(
        _columns.first_on == period.first, _columns.last_on == period.last
    )
    rows = reading.connection.execute(statement.order_by(_columns.id)).mappings().all()
    return {
        **period_out(period),
        "as_of": reading.clock.now(),
        "items": _attainments(reading, [quota_of(row) for row in rows], teams),
        "definitions": ATTAINMENT_DEFINITIONS,
    }


def _quota(reading: Reading, quota_id: UUID) -> Quota:
    statement = _within_reach(reading, teams_of(reading)).where(_columns.id == quota_id)
    row = reading.connection.execute(statement).mappings().first()
    if row is None:
        raise NotFound.of("quota", quota_id)
    return quota_of(row)


def _within_reach(reading: Reading, teams: Teams) -> sa.Select[Any]:
    mine = _all.where(_columns.tenant_id == reading.caller.tenant_id)
    own = reading.scope.condition(_columns.user_id)
    if own is None:
        return mine
    return mine.where(sa.or_(own, _columns.team_id.in_(teams.within(reading.scope).keys())))


def _attainments(
    reading: Reading, found: Sequence[Quota], teams: Teams
) -> Sequence[dict[str, Any]]:
    """What was attained of quotas; those of one period and measure are looked up together."""
    people = {quota.id: _people_of(quota, teams) for quota in found}
    attained: dict[tuple[Period, Measure], Mapping[UUID, Decimal]] = {}
    for quota in found:
        key = (quota.period, quota.measure)
        if key not in attained:
            alike = [one for one in found if (one.period, one.measure) == key]
            everybody = frozenset[UUID]().union(*(people[one.id] for one in alike))
            attained[key] = _attained(reading, quota, everybody)
    return [
        _present(
            quota,
            sum(
                (
                    attained[quota.period, quota.measure].get(one, Decimal(0))
                    for one in people[quota.id]
                ),
                Decimal(0),
            ),
        )
        for quota in found
    ]


def _people_of(quota: Quota, teams: Teams) -> frozenset[UUID]:
    if quota.holder.user_id is not None:
        return frozenset({quota.holder.user_id})
    if quota.holder.team_id is None:
        return frozenset()
    return teams.people.get(quota.holder.team_id, frozenset())


def _attained(reading: Reading, quota: Quota, people: Collection[UUID]) -> Mapping[UUID, Decimal]:
    valued = quota.target.amount
    if valued is None:
        return {
            one: Decimal(deals) for one, deals in deals_won(reading, people, quota.period).items()
        }
    basis, currency = quota.measure.basis, valued.base.currency
    credited = credits_of(reading, basis, people, quota.period, currency)
    return {
        one: sum((credit.amount for credit in given), Decimal(0)) for one, given in credited.items()
    }


def _present(quota: Quota, attained: Decimal) -> dict[str, Any]:
    valued, deals = quota.target.amount, quota.target.deals
    answer: dict[str, Any] = {
        "quota": shown(quota),
        **dict.fromkeys(("attained", "attained_deals", "left", "left_deals")),
    }
    if valued is not None:
        target, currency = valued.base.amount, valued.base.currency
        answer["attained"] = amount_out(attained + 0 * target, currency)
        answer["left"] = amount_out(max(target - attained, 0 * target), currency)
    else:
        target = Decimal(deals or 0)
        answer["attained_deals"] = int(attained)
        answer["left_deals"] = int(max(target - attained, Decimal(0)))
    return {**answer, "percent": decimal_out(percent_of(attained, target))}
