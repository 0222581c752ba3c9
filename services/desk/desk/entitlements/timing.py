"""When something about a contract is due: that its end is near, and the end itself."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from chassis.work.timers import cancel_timer, set_timer
from desk.entitlements.domain import Entitlement, EntitlementStatus
from desk.tenant_days.zones import zone_of
from desk.transaction import DeskTx

ENTITLEMENT_TIME = "entitlement_time"
_MORNING: Final = time(9)
"""When somebody is told of an end, on the tenant's clock."""


def told_at(entitlement: Entitlement, zone: ZoneInfo) -> datetime:
    """When it is told that the last day is near."""
    day = entitlement.terms.ends_on - timedelta(days=entitlement.terms.notice_days)
    return _at(max(day, entitlement.terms.starts_on), _MORNING, zone)


def over_at(entitlement: Entitlement, zone: ZoneInfo) -> datetime:
    """When the last day is over."""
    return _at(entitlement.terms.ends_on + timedelta(days=1), time(0), zone)


def wait(tx: DeskTx, entitlement: Entitlement) -> None:
    """Wait for what is due next."""
    key = str(entitlement.id)
    if entitlement.status is EntitlementStatus.ENDED:
        cancel_timer(tx, ENTITLEMENT_TIME, key)
        return
    zone = zone_of(tx)
    due, is_told = over_at(entitlement, zone), entitlement.told_of_end == entitlement.terms.ends_on
    # While a contract rests nobody is told; it is waited for anew when it goes on.
    if entitlement.status is EntitlementStatus.ACTIVE and entitlement.terms.notice_days:
        due = due if is_told else min(due, told_at(entitlement, zone))
    set_timer(tx, ENTITLEMENT_TIME, key, due)


def _at(day: date, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, at, zone)
