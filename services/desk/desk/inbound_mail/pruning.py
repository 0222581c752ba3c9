"""Has mails go that are kept as they came: after 30 days, and of people who are erased soon."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import sqlalchemy as sa

from chassis.domain import Clock
from chassis.storage.database import Database
from chassis.work.periodic import PeriodicWork
from desk.attachments.files import FileStore
from desk.inbound_mail.domain import RAW_KEPT

_BATCH = 500
_TO_GO = sa.text("SELECT tenant_id, id FROM inbound_mails WHERE raw_to_go LIMIT :most")
_GONE = sa.text(
    "UPDATE inbound_mails SET raw_to_go = false WHERE tenant_id = :tenant_id AND id = :id"
)


class RawMailPruning:
    """Removes files first and says so after: what is to go goes, however often it is begun."""

    def __init__(self, database: Database, raw: FileStore, clock: Clock) -> None:
        self._database = database
        self._raw = raw
        self._clock = clock

    def forget(self) -> int:
        """Have mails go of whom nothing is to be kept; gives how many."""
        total = 0
        while True:
            with self._database.system_transaction() as connection:
                rows = connection.execute(_TO_GO, {"most": _BATCH}).all()
            for tenant_id, mail_id in rows:
                self._raw.remove(tenant_id, mail_id)
                with self._database.system_transaction() as connection:
                    connection.execute(_GONE, {"tenant_id": tenant_id, "id": mail_id})
            total += len(rows)
            if len(rows) < _BATCH:
                return total

    def prune(self) -> int:
        """Have mails go that are old enough; gives how many."""
        old = list(self._raw.older_than(self._clock.now() - RAW_KEPT))
        for tenant_id, mail_id in old:
            self._raw.remove(tenant_id, mail_id)
        return len(old)


def raw_mail_pruning(database: Database, raw: FileStore, clock: Clock) -> Sequence[PeriodicWork]:
    """The periodic work that has mails go."""
    pruning = RawMailPruning(database, raw, clock)
    return (
        PeriodicWork("forgotten mails", timedelta(minutes=1), pruning.forget),
        PeriodicWork("old mails", timedelta(days=1), pruning.prune),
    )
