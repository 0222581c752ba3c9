"""The table of signing keys: the platform's, not a tenant's, so only the system login sees it."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from identity.keys.domain import Keys, SigningKey

metadata = sa.MetaData()

signing_keys = sa.Table(
    "signing_keys",
    metadata,
    sa.Column("kid", sa.Text, primary_key=True),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("signs_from", sa.DateTime(timezone=True), nullable=False),
    sa.Column("public_jwk", JSONB, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)

_LOCK = 0x6B657973  # any number that nothing else in this database locks


class SigningKeys:
    """The keys, in one transaction of the system login."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def lock(self) -> None:
        """Have nobody else change the keys until this transaction ends."""
        self._connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))

    def all(self) -> Keys:
        """Every key."""
        rows = self._connection.execute(sa.select(signing_keys))
        return Keys(
            SigningKey(row.kid, row.created_at, row.signs_from, row.public_jwk, bytes(row.sealed))
            for row in rows
        )

    def add(self, key: SigningKey) -> None:
        """Store a new key."""
        self._connection.execute(
            sa.insert(signing_keys).values(
                kid=key.kid,
                created_at=key.created_at,
                signs_from=key.signs_from,
                public_jwk=key.public,
                sealed=key.sealed,
            )
        )

    def reseal(self, key: SigningKey, sealed: bytes) -> None:
        """Replace the sealed private half."""
        self._connection.execute(
            sa.update(signing_keys).where(signing_keys.c.kid == key.kid).values(sealed=sealed)
        )

    def remove(self, keys: Iterable[SigningKey]) -> None:
        """Delete keys for good."""
        kids = [key.kid for key in keys]
        if kids:
            self._connection.execute(sa.delete(signing_keys).where(signing_keys.c.kid.in_(kids)))
