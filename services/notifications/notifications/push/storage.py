"""How push subscriptions are kept and found."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from notifications.push.domain import DeviceOwner, PushSubscription

metadata = sa.MetaData()
_uuid = PgUUID(as_uuid=True)

push_subscriptions = sa.Table(
    "push_subscriptions",
    metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("person_id", _uuid),
    sa.Column("user_id", _uuid),
    sa.Column("fingerprint", sa.LargeBinary, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("label", sa.Text, nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
)


class PushSubscriptionsRepository(Repository[PushSubscription]):
    """Keeps push subscriptions."""

    table = push_subscriptions
    kind = "push subscription"

    def at(self, fingerprint: bytes) -> PushSubscription | None:
        """The one with this address, locked; None if there is none."""
        found = self._tx.fetch_one(
            _AT, {"tenant_id": self._tx.tenant_id, "fingerprint": fingerprint}
        )
        return None if found is None else self.get(found["id"])

    def of(self, owner: DeviceOwner) -> list[PushSubscription]:
        """Those of a person or user, the newest first, locked."""
        about = {
            "tenant_id": self._tx.tenant_id,
            "person_id": owner.person_id,
            "user_id": owner.user_id,
        }
        found = [row["id"] for row in self._tx.fetch_all(_OF, about)]
        by_id = {one.id: one for one in self.get_many(found)}
        return [by_id[one] for one in found if one in by_id]

    def move(self, from_person: UUID, to_person: UUID) -> None:
        """Have a person's devices belong to another: the two are one."""
        about = {"tenant_id": self._tx.tenant_id, "gone": from_person, "survivor": to_person}
        self._tx.write(_MOVE, about)

    def _row(self, aggregate: PushSubscription) -> dict[str, Any]:
        return {
            "person_id": aggregate.owner.person_id,
            "user_id": aggregate.owner.user_id,
            "fingerprint": aggregate.fingerprint,
            "sealed": aggregate.sealed,
            "label": aggregate.label,
            "created_at": aggregate.created_at,
        }

    def _aggregate(self, row: sa.RowMapping) -> PushSubscription:
        return PushSubscription(
            id=row["id"],
            version=row["version"],
            owner=DeviceOwner(row["person_id"], row["user_id"]),
            fingerprint=bytes(row["fingerprint"]),
            sealed=bytes(row["sealed"]),
            label=row["label"],
            created_at=row["created_at"],
        )


_AT = Statement(
    "SELECT id FROM push_subscriptions"
    " WHERE tenant_id = %(tenant_id)s AND fingerprint = %(fingerprint)s"
)
_OF = Statement(
    "SELECT id FROM push_subscriptions WHERE tenant_id = %(tenant_id)s"
    " AND (person_id = %(person_id)s OR user_id = %(user_id)s) ORDER BY created_at DESC, id DESC"
)
_MOVE = Statement(
    "UPDATE push_subscriptions SET person_id = %(survivor)s"
    " WHERE tenant_id = %(tenant_id)s AND person_id = %(gone)s"
)
