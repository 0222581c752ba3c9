"""By which time zone a tenant reckons its days, as identity has told last: a projection."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from chassis.events.reactions import Envelope, Reactions
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from rapport.identity.events.v1.tenant_events_pb2 import TenantChanged, TenantCreated

_UTC = "UTC"


def zone_of(reading: Reading | UnitOfWork) -> ZoneInfo:
    """The tenant's time zone; UTC while none is known."""
    row = reading.fetch_one(_ZONE, {"tenant_id": reading.caller.tenant_id})
    name = _UTC if row is None else str(row["time_zone"])
    return ZoneInfo(name if name in _known_zones() else _UTC)


@lru_cache(maxsize=1)
def _known_zones() -> frozenset[str]:
    """Looked for once: to find them reads hundreds of files."""
    return frozenset(available_timezones())


def day_of(at: datetime, zone: ZoneInfo) -> date:
    """The day on which something happened there; the nearest one at the ends of the calendar."""
    try:
        return at.astimezone(zone).date()
    except OverflowError:
        return at.date()


def on_time_zone_told(
    tx: UnitOfWork, fact: TenantCreated | TenantChanged, envelope: Envelope
) -> None:
    """Reckon days by another time zone from now on, unless something later was heard already."""
    about = {
        "tenant_id": tx.tenant_id,
        "time_zone": fact.time_zone or _UTC,
        "heard": envelope.aggregate_version,
    }
    tx.write(_FOLLOW, about)


def follow_time_zone(reactions: Reactions) -> Reactions:
    """React to what identity says of the tenant; gives the same."""
    reactions.on(TenantCreated, on_time_zone_told, "projection")
    reactions.on(TenantChanged, on_time_zone_told, "projection")
    return reactions


_ZONE = Statement("SELECT time_zone FROM tenant_zones WHERE tenant_id = %(tenant_id)s")
_FOLLOW = Statement(
    "INSERT INTO tenant_zones AS z (tenant_id, time_zone, aggregate_version)"
    " VALUES (%(tenant_id)s, %(time_zone)s, %(heard)s)"
    " ON CONFLICT (tenant_id) DO UPDATE SET time_zone = EXCLUDED.time_zone,"
    " aggregate_version = EXCLUDED.aggregate_version"
    " WHERE z.aggregate_version < EXCLUDED.aggregate_version"
)
