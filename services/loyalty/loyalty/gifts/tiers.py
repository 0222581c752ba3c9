"""In which tier a member is, for what is meant for some tiers alone."""

from __future__ import annotations

from uuid import UUID

from chassis.storage.unit_of_work import Reading, UnitOfWork
from loyalty.tier_standings.queries import tiers_of


def tier_key(reading: Reading | UnitOfWork, member_id: UUID) -> str | None:
    """The key of the tier that a member is in; None without one."""
    found = tiers_of(reading, [member_id]).get(member_id)
    return None if found is None else found[0].key
