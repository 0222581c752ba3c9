"""How redemptions are kept: a row each, found by the digest of the code it is collected by."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from loyalty.redemptions.domain import Promised, Redemption, RedemptionState
from loyalty.rewards.domain import Fulfilment

_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)
_word = sa.Text(collation="C")

redemptions = sa.Table(
    "redemptions",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("reward_id", _uuid, nullable=False),
    sa.Column("program_id", _uuid, nullable=False),
    sa.Column("member_id", _uuid, nullable=False),
    sa.Column("person_id", _uuid),
    sa.Column("reward_name", sa.JSON, nullable=False),
    sa.Column("quantity", sa.Integer, nullable=False),
    sa.Column("points", sa.BigInteger, nullable=False),
    sa.Column("fulfilment", _word, nullable=False),
    sa.Column("branch", _word, nullable=False),
    sa.Column("stock_branch", _word),
    sa.Column("state", _word, nullable=False),
    sa.Column("code_digest", sa.LargeBinary),
    sa.Column("coupon_id", _uuid),
    sa.Column("reference", _word, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("return_percent", sa.Integer, nullable=False),
    sa.Column("points_restored", sa.BigInteger, nullable=False),
    sa.Column("reserved_at", _time, nullable=False),
    sa.Column("held_until", _time),
    sa.Column("ended_at", _time),
    sa.Column("returned_at", _time),
)

_OWN = (
    "program_id",
    "member_id",
    "person_id",
    "branch",
    "code_digest",
    "coupon_id",
    "reference",
    "reason",
    "points_restored",
    "reserved_at",
    "held_until",
    "ended_at",
    "returned_at",
)
_PROMISED = (
    "reward_id",
    "reward_name",
    "quantity",
    "points",
    "stock_branch",
    "return_percent",
)


class RedemptionsRepository(Repository[Redemption]):
    """Redemptions for a change."""

    table = redemptions
    kind = "redemption"

    def _aggregate(self, row: sa.RowMapping) -> Redemption:
        return redemption_of(row)

    def _row(self, aggregate: Redemption) -> dict[str, Any]:
        promised = aggregate.promised
        return {
            **{name: getattr(aggregate, name) for name in _OWN},
            **{name: getattr(promised, name) for name in _PROMISED},
            "reward_name": dict(promised.reward_name),
            "fulfilment": promised.fulfilment,
            "state": aggregate.state,
        }


def redemption_of(row: Mapping[str, Any] | sa.RowMapping) -> Redemption:
    """The redemption that a row of the table stands for."""
    own = {name: row[name] for name in _OWN}
    if own["code_digest"] is not None:
        own["code_digest"] = bytes(own["code_digest"])
    promised = Promised(
        fulfilment=Fulfilment(row["fulfilment"]), **{name: row[name] for name in _PROMISED}
    )
    return Redemption(
        id=row["id"],
        version=row["version"],
        promised=promised,
        state=RedemptionState(row["state"]),
        **own,
    )


def id_by_digest(tx: UnitOfWork, digest: bytes) -> UUID | None:
    """What is collected by a code."""
    row = tx.fetch_one(_BY_DIGEST, {"tenant_id": tx.tenant_id, "digest": digest})
    return None if row is None else UUID(str(row["id"]))


def pieces_had(
    reading: Reading | UnitOfWork, member_id: UUID, reward_id: UUID, since: datetime | None
) -> int:
    """How many pieces a member has reserved since then, without those called off, expired or returned."""
    about = {
        "tenant_id": reading.caller.tenant_id,
        "member_id": member_id,
        "reward_id": reward_id,
        "since": since,
    }
    row = reading.fetch_one(_HAD, about)
    return 0 if row is None else int(row["pieces"])


_BY_DIGEST = Statement(
    "SELECT id FROM redemptions WHERE tenant_id = %(tenant_id)s AND code_digest = %(digest)s"
)
_HAD = Statement(
    "SELECT coalesce(sum(quantity), 0) AS pieces FROM redemptions"
    " WHERE tenant_id = %(tenant_id)s AND member_id = %(member_id)s"
    " AND reward_id = %(reward_id)s AND state IN ('reserved', 'collected', 'fulfilled')"
    " AND (%(since)s::timestamptz IS NULL OR reserved_at >= %(since)s)"
)
