"""Reads the feed: facts after a position, oldest first."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading
from notifications.feed.cloud_events import COLUMNS, cloud_event
from notifications.feed.domain import PositionGone

_WINDOW = 10_000
"""How many positions one request looks at: rare types must not make it walk through millions."""

_HEAD = Statement("SELECT position, pruned_to FROM fact_positions WHERE tenant_id = %(tenant_id)s")
_SINCE = Statement(
    "SELECT position FROM feed_facts"
    " WHERE tenant_id = %(tenant_id)s AND stored_at >= %(since)s"
    " ORDER BY tenant_id, stored_at, position LIMIT 1"
)
_AFTER = Statement(
    f"SELECT {COLUMNS} FROM feed_facts"  # noqa: S608 - our own columns
    " WHERE tenant_id = %(tenant_id)s AND position > %(after)s AND position <= %(until)s"
    " AND type = ANY(%(types)s) ORDER BY tenant_id, position LIMIT %(limit)s"
)


@dataclass(frozen=True, slots=True)
class Head:
    """How far a tenant's feed goes: the last position, and the last that is kept no longer."""

    position: int
    pruned_to: int

    def require(self, position: int) -> None:
        """Raise `PositionGone` unless reading can go on after `position` without missing a fact."""
        if position < self.pruned_to:
            raise PositionGone("Facts after this position are kept no longer; start anew.")
        if position > self.position:
            # The feed was restored from a backup, say: what comes now has other positions.
            raise PositionGone("The feed does not go as far as this position; start anew.")


@dataclass(frozen=True, slots=True)
class FeedPage:
    """Facts as CloudEvents, the position that they lead to, and whether more are there already."""

    items: list[dict[str, Any]]
    position: int
    has_more: bool


def head_of(reading: Reading) -> Head:
    """Where the tenant's feed begins and ends."""
    row = reading.fetch_one(_HEAD, {"tenant_id": reading.caller.tenant_id})
    return Head(row["position"], row["pruned_to"]) if row else Head(0, 0)


def start_of(reading: Reading, since: datetime | None) -> int:
    """The position to begin after: before the oldest fact, or before the first stored since then.

    A fact is stored after it has happened, so nothing that happened since is left out.
    """
    head = head_of(reading)
    if since is None:
        return head.pruned_to
    row = reading.fetch_one(_SINCE, {"tenant_id": reading.caller.tenant_id, "since": since})
    return row["position"] - 1 if row else head.position


def facts_after(reading: Reading, after: int, types: Collection[str], limit: int) -> FeedPage:
    """The facts of these types after a position, at most `limit`. Raises `PositionGone`.

    A page may be empty although there are more: rare types take several.
    """
    head = head_of(reading)
    head.require(after)
    until = min(head.position, after + _WINDOW)
    about = {
        "tenant_id": reading.caller.tenant_id,
        "after": after,
        "until": until,
        "types": list(types),
        "limit": limit,
    }
    rows = reading.fetch_all(_AFTER, about)
    reached = rows[-1]["position"] if len(rows) == limit else until
    return FeedPage([cloud_event(row) for row in rows], reached, reached < head.position)
