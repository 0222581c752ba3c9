"""How interactions are kept: rows that are added and never changed.

One table with the indexes that its lists need, and no partitions: a partition a month would have
to be made for every month that ever comes up, since late reports are as welcome as early ones,
and an external id could not be unique over all of them. Identifiers grow with time, so inserts go
to the end of every index but those by person and kind.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.domain import Money
from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from contacts.contact_points.domain import ExternalId
from contacts.interactions.domain import Interaction

EXTERNAL_ID_UNIQUE = "interactions_external_id_unique"
"""The constraint that is broken when two report the same interaction at the same moment."""

PERSON_THERE = "interactions_tenant_id_person_id_fkey"
"""The constraint that is broken when the person is merged with another one at the same moment."""

metadata = sa.MetaData()
_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)

interactions = sa.Table(
    "interactions",
    metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("person_id", _uuid, nullable=False),
    sa.Column("kind", sa.Text(collation="C"), nullable=False),
    sa.Column("channel", sa.Text(collation="C"), nullable=False),
    sa.Column("occurred_at", _time, nullable=False),
    sa.Column("recorded_at", _time, nullable=False),
    sa.Column("value_amount", sa.Numeric),
    sa.Column("value_currency", sa.Text),
    sa.Column("properties", sa.JSON, nullable=False),
    sa.Column("external_system", sa.Text(collation="C")),
    sa.Column("external_id", sa.Text(collation="C")),
)


class InteractionsRepository(Repository[Interaction]):
    """Takes interactions in, and finds those that were reported before."""

    table = interactions
    kind = "interaction"

    def add(self, aggregate: Interaction) -> None:
        """Have an interaction stored; whoever reports the same at this moment finds it then.

        So does whoever reports what somebody did who is merged at this moment.
        """
        if aggregate.external_id is not None:
            self._tx.try_again_on(EXTERNAL_ID_UNIQUE)
        self._tx.try_again_on(PERSON_THERE)
        super().add(aggregate)

    def known(
        self, keys: Iterable[ExternalId]
    ) -> dict[ExternalId, tuple[Interaction, UUID | None]]:
        """Those that were reported before under these external ids, with the owner of the person."""
        wanted = list(keys)
        if not wanted:
            return {}
        about = {
            "tenant_id": self._tx.tenant_id,
            "systems": [key.system for key in wanted],
            "ids": [key.id for key in wanted],
        }
        return {
            ExternalId(row["external_system"], row["external_id"]): (
                _interaction_of(row),
                row["owner_id"],
            )
            for row in self._tx.fetch_all(_KNOWN, about)
        }

    def _aggregate(self, row: sa.RowMapping) -> Interaction:
        return _interaction_of(row)

    def _row(self, aggregate: Interaction) -> dict[str, Any]:
        value, external = aggregate.value, aggregate.external_id
        return {
            "person_id": aggregate.person_id,
            "kind": aggregate.kind,
            "channel": aggregate.channel,
            "occurred_at": aggregate.occurred_at,
            "recorded_at": aggregate.recorded_at,
            "value_amount": None if value is None else f"{value.amount:f}",
            "value_currency": None if value is None else value.currency,
            "properties": aggregate.properties,
            "external_system": None if external is None else external.system,
            "external_id": None if external is None else external.id,
        }


def _interaction_of(row: Mapping[str, Any] | sa.RowMapping) -> Interaction:
    amount, system = row["value_amount"], row["external_system"]
    return Interaction(
        id=row["id"],
        version=row["version"],
        person_id=row["person_id"],
        kind=row["kind"],
        channel=row["channel"],
        occurred_at=row["occurred_at"],
        recorded_at=row["recorded_at"],
        value=None if amount is None else Money(Decimal(amount), row["value_currency"]),
        properties=row["properties"],
        external_id=None if system is None else ExternalId(system, row["external_id"]),
    )


_KNOWN = Statement(
    """
    SELECT i.*, p.owner_id
    FROM unnest(%(systems)s::text[], %(ids)s::text[]) AS given (system, id)
    CROSS JOIN LATERAL (
        SELECT * FROM interactions
        WHERE tenant_id = %(tenant_id)s
          AND external_system = given.system AND external_id = given.id
        LIMIT 1
    ) i
    JOIN people p ON p.tenant_id = %(tenant_id)s AND p.id = i.person_id
    """
)
