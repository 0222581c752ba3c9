"""Forgets what is no longer needed: words of old messages, letters, known addresses, counted caps."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from chassis.domain import Clock
from chassis.storage.database import Database
from chassis.work.periodic import PeriodicWork
from notifications.delivery.recipients import oldest_kept
from notifications.letters.batches import forget_batches
from notifications.providers.presence import TELLS_KEPT

_AT_ONCE = 1000
_CAPS_KEPT = timedelta(days=91)
"""Longer than the longest window of a cap."""


def message_pruning(database: Database, clock: Clock, kept: timedelta) -> list[PeriodicWork]:
    """The work, and how often it is due.

    Words are kept for `kept` after a message has ended, letters after their batch was begun.
    """

    def blank() -> None:
        while _blanked(database, clock.now() - kept, clock.now()):
            continue
        forget_batches(database, clock.now() - kept)

    def forget() -> None:
        now = clock.now()
        with database.system_transaction() as connection:
            connection.execute(_FORGET, {"before": oldest_kept(now)})
            connection.execute(_UNCOUNT, {"before": now - _CAPS_KEPT})
            connection.execute(_UNTELL, {"before": now - TELLS_KEPT})

    return [
        PeriodicWork("blank messages", timedelta(hours=1), blank),
        PeriodicWork("forget recipients", timedelta(hours=1), forget),
    ]


def _blanked(database: Database, before: datetime, now: datetime) -> int:
    about = {"before": before, "now": now, "most": _AT_ONCE}
    with database.system_transaction() as connection:
        return connection.execute(_BLANK, about).rowcount


# The words are deleted first: the rows of both are found by the messages that are still to be
# blanked.
_BLANK = sa.text(
    """
    WITH ended AS (
        SELECT tenant_id, id FROM messages
        WHERE blanked_at IS NULL AND ended_at < :before
        ORDER BY ended_at LIMIT :most
    ),
    gone AS (
        DELETE FROM message_bodies USING ended
        WHERE message_bodies.tenant_id = ended.tenant_id
            AND message_bodies.message_id = ended.id
    )
    UPDATE messages SET variables = '{}', content = NULL, address = NULL, blanked_at = :now
    FROM ended WHERE messages.tenant_id = ended.tenant_id AND messages.id = ended.id
    """
)
_FORGET = sa.text("DELETE FROM known_recipients WHERE known_at < :before")
_UNCOUNT = sa.text("DELETE FROM cap_uses WHERE used_at < :before")
_UNTELL = sa.text("DELETE FROM latest_tells WHERE happened_at < :before")
