"""What managers do to quotas; each function is one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from chassis.domain import Money, NotFound
from sales.exchange_rates.domain import Valued
from sales.exchange_rates.operations import value_in_base
from sales.periods.domain import Period
from sales.quotas.domain import Measure, Quota, QuotaHolder, Target
from sales.teams import teams_of
from sales.transaction import SalesTx


@dataclass(frozen=True, slots=True)
class TargetAsked:
    """How much is asked for: money, or a number of deals."""

    amount: Money | None = None
    deals: int | None = None


def set_quota(
    tx: SalesTx, holder: QuotaHolder, period: Period, measure: Measure, asked: TargetAsked
) -> Quota:
    """Set a target for a person or a team within reach.

    Raises `NotFound`, `Invalid`, `Conflict` when there is one already or it cannot be valued.
    """
    _require_reach(tx, holder)
    now = tx.clock.now()
    quota = Quota(
        id=tx.ids.new(),
        holder=holder,
        period=period,
        measure=measure,
        target=_target(tx, asked, period),
        created_at=now,
        updated_at=now,
    )
    quota.set()
    tx.quotas.add(quota)
    return quota


def change_quota(tx: SalesTx, quota_id: UUID, asked: TargetAsked) -> Quota:
    """Ask for more or less. Raises `NotFound`, `Invalid`, `Conflict`."""
    quota = _within_reach(tx, quota_id)
    quota.change(_target(tx, asked, quota.period), tx.clock.now())
    return quota


def remove_quota(tx: SalesTx, quota_id: UUID) -> Quota:
    """Take a target back. Raises `NotFound`."""
    quota = _within_reach(tx, quota_id)
    quota.take_back()
    tx.quotas.remove(quota)
    return quota


def _target(tx: SalesTx, asked: TargetAsked, period: Period) -> Target:
    """The target, in the base currency too: by the rate of the period's first day, or of today."""
    valued: Valued | None = None
    if asked.amount is not None:
        on = min(period.first, tx.clock.now().date())
        valued = value_in_base(tx, asked.amount, on)
    return Target(valued, asked.deals)


def _within_reach(tx: SalesTx, quota_id: UUID) -> Quota:
    quota = tx.quotas.get(quota_id)
    try:
        _require_reach(tx, quota.holder)
    except NotFound:
        raise NotFound.of("quota", quota_id) from None
    return quota


def _require_reach(tx: SalesTx, holder: QuotaHolder) -> None:
    if holder.user_id is not None and not tx.scope.allows(holder.user_id):
        raise NotFound.of("user", holder.user_id)
    reachable = tx.scope.owners is None or holder.team_id in teams_of(tx).within(tx.scope)
    if holder.team_id is not None and not reachable:
        raise NotFound.of("team", holder.team_id)
