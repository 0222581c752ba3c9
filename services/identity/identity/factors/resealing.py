"""Seals the secrets of authenticator apps anew when the secret that they are sealed under changes."""

from __future__ import annotations

import sqlalchemy as sa

from chassis.sealing import Sealer
from chassis.storage.database import Database
from identity.factors.storage import factors
from identity.factors.totp import context

_BATCH = 500
_MARK = 9
"""Bytes at the beginning of what is sealed that name the secret."""


def reseal(database: Database, sealer: Sealer) -> int:
    """Seal anew what is sealed under an older secret; tells how many secrets that were.

    Replicas may do it at once: whoever comes second finds another text and leaves it.
    """
    current, done = sealer.seal(b"", "mark")[:_MARK], 0
    columns = factors.c
    outdated = (
        sa.select(columns.tenant_id, columns.id, columns.user_id, columns.sealed)
        .where(
            columns.sealed.is_not(None),
            sa.func.substring(columns.sealed, 1, _MARK) != current,
        )
        .limit(_BATCH)
    )
    while True:
        with database.system_transaction() as connection:
            rows = connection.execute(outdated).all()
            for row in rows:
                purpose = context(row.user_id)
                anew = sealer.seal(sealer.open(bytes(row.sealed), purpose), purpose)
                connection.execute(
                    sa.update(factors)
                    .where(
                        columns.tenant_id == row.tenant_id,
                        columns.id == row.id,
                        columns.sealed == row.sealed,
                    )
                    .values(sealed=anew)
                )
        done += len(rows)
        if len(rows) < _BATCH:
            return done
