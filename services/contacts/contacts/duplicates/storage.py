"""How pairs and a tenant's settings are kept: one row each."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.domain import NotFound
from chassis.storage.one_per_tenant import OnePerTenantRepository
from chassis.storage.repository import Repository
from chassis.storage.statements import Statement, json_text
from chassis.storage.unit_of_work import Reading, UnitOfWork
from contacts.duplicates.domain import (
    DuplicateLimits,
    DuplicatePair,
    DuplicateSettings,
    Finding,
    PairState,
)

PAIR_UNIQUE = "duplicate_pairs_unique"
"""The constraint that is broken when two find the same two people at the same moment."""

metadata = sa.MetaData()
_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)
_double: sa.Double[float] = sa.Double()

duplicate_pairs = sa.Table(
    "duplicate_pairs",
    metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("first_id", _uuid, nullable=False),
    sa.Column("second_id", _uuid, nullable=False),
    sa.Column("state", sa.Text(collation="C"), nullable=False),
    sa.Column("probability", _double, nullable=False),
    sa.Column("bits", _double, nullable=False),
    sa.Column("evidence", sa.JSON, nullable=False),
    sa.Column("swapped", sa.Boolean, nullable=False),
    sa.Column("automatic", sa.Boolean, nullable=False),
    sa.Column("found_at", _time, nullable=False),
    sa.Column("decided_at", _time),
    sa.Column("decided_by", sa.Text),
    sa.Column("dismissed_bits", _double),
    sa.Column("merge_id", _uuid),
    sa.Column("inherited_from", _uuid),
)
duplicate_settings = sa.Table(
    "duplicate_settings",
    metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("offer_from", _double, nullable=False),
    sa.Column("merge_from", _double),
)

_DECISION = ("decided_at", "decided_by", "dismissed_bits", "merge_id", "inherited_from")


class DuplicatePairsRepository(Repository[DuplicatePair]):
    """Pairs for a change; have their people first, so that writers take turns."""

    table = duplicate_pairs
    kind = "pair of duplicates"

    def people_of(self, pair_id: UUID) -> tuple[UUID, UUID]:
        """Whom a pair is about, without locking anything. Raises `NotFound`."""
        row = self._tx.fetch_one(_PEOPLE, {"tenant_id": self._tx.tenant_id, "id": pair_id})
        if row is None:
            raise NotFound.of(self.kind, pair_id)
        return row["first_id"], row["second_id"]

    def between(self, one: UUID, other: UUID) -> DuplicatePair | None:
        """The pair of these two."""
        return self.among([(one, other)]).get((min(one, other), max(one, other)))

    def among(
        self, people: Collection[tuple[UUID, UUID]]
    ) -> dict[tuple[UUID, UUID], DuplicatePair]:
        """The pairs that there are of these, by their people, the lesser id first."""
        wanted = [{"first_id": min(pair), "second_id": max(pair)} for pair in people]
        about = {"tenant_id": self._tx.tenant_id, "wanted": json_text(wanted)}
        return self._by_people(self._tx.fetch_all(_AMONG, about)) if wanted else {}

    def about(self, person_ids: Collection[UUID]) -> dict[tuple[UUID, UUID], DuplicatePair]:
        """All pairs that these people are in, and that are not one already."""
        about = {"tenant_id": self._tx.tenant_id, "ids": list(person_ids)}
        return self._by_people(self._tx.fetch_all(_ABOUT, about))

    def inherited_from(self, merge_id: UUID) -> list[DuplicatePair]:
        """Those that hold because of a merge."""
        about = {"tenant_id": self._tx.tenant_id, "merge_id": merge_id}
        return self.get_many([row["id"] for row in self._tx.fetch_all(_INHERITED, about)])

    def _by_people(
        self, rows: Collection[Mapping[str, Any]]
    ) -> dict[tuple[UUID, UUID], DuplicatePair]:
        found = self.get_many([row["id"] for row in rows])
        return {(pair.first_id, pair.second_id): pair for pair in found}

    def _aggregate(self, row: sa.RowMapping) -> DuplicatePair:
        evidence = tuple((field, level, bits) for field, level, bits in row["evidence"])
        return DuplicatePair(
            id=row["id"],
            version=row["version"],
            first_id=row["first_id"],
            second_id=row["second_id"],
            state=PairState(row["state"]),
            finding=Finding(
                row["probability"], row["bits"], evidence, row["swapped"], row["automatic"]
            ),
            found_at=row["found_at"],
            **{name: row[name] for name in _DECISION},
        )

    def _row(self, aggregate: DuplicatePair) -> dict[str, Any]:
        finding = aggregate.finding
        return {
            "first_id": aggregate.first_id,
            "second_id": aggregate.second_id,
            "state": aggregate.state,
            "probability": finding.probability,
            "bits": finding.bits,
            "evidence": finding.evidence,
            "swapped": finding.swapped,
            "automatic": finding.automatic,
            "found_at": aggregate.found_at,
            **{name: getattr(aggregate, name) for name in _DECISION},
        }


class DuplicateSettingsRepository(OnePerTenantRepository[DuplicateSettings]):
    """A tenant's one settings for a change."""

    table = duplicate_settings
    kind = "duplicate settings"
    make = Statement(
        "INSERT INTO duplicate_settings (tenant_id, id, version, offer_from)"
        " VALUES (%(tenant_id)s, %(tenant_id)s, 0, %(offer_from)s) ON CONFLICT DO NOTHING"
    )
    at_first: ClassVar[Mapping[str, Any]] = {"offer_from": DuplicateLimits().offer_from}

    def _aggregate(self, row: sa.RowMapping) -> DuplicateSettings:
        limits = DuplicateLimits(row["offer_from"], row["merge_from"])
        return DuplicateSettings(id=row["id"], version=row["version"], limits=limits)

    def _row(self, aggregate: DuplicateSettings) -> dict[str, Any]:
        limits = aggregate.limits
        return {"offer_from": limits.offer_from, "merge_from": limits.merge_from}


def settings_of(reading: Reading | UnitOfWork) -> DuplicateSettings:
    """The tenant's settings, read without a lock; those of all when it has none."""
    tenant_id = reading.caller.tenant_id
    if tenant_id is None:
        raise RuntimeError("settings are a tenant's")
    row = reading.fetch_one(_SETTINGS, {"tenant_id": tenant_id})
    if row is None:
        return DuplicateSettings(id=tenant_id)
    limits = DuplicateLimits(row["offer_from"], row["merge_from"])
    return DuplicateSettings(id=tenant_id, version=row["version"], limits=limits)


def forget_pairs(tx: UnitOfWork, person_ids: Collection[UUID]) -> None:
    """Have no pair name these people any more: they are erased, or were never there."""
    tx.write(_FORGET, {"tenant_id": tx.tenant_id, "ids": list(person_ids)})


_PEOPLE = Statement(
    "SELECT first_id, second_id FROM duplicate_pairs WHERE tenant_id = %(tenant_id)s AND id = %(id)s"
)
_AMONG = Statement(
    # Lateral with a limit: one look into the index for each, whatever the planner believes.
    "SELECT d.id FROM json_to_recordset(%(wanted)s::json) AS given (first_id uuid, second_id uuid)"
    " CROSS JOIN LATERAL (SELECT id FROM duplicate_pairs WHERE tenant_id = %(tenant_id)s"
    " AND first_id = given.first_id AND second_id = given.second_id LIMIT 1) d"
)
_ABOUT = Statement(
    "SELECT id FROM duplicate_pairs WHERE tenant_id = %(tenant_id)s"
    " AND first_id = ANY(%(ids)s) AND state <> 'merged'"
    " UNION SELECT id FROM duplicate_pairs WHERE tenant_id = %(tenant_id)s"
    " AND second_id = ANY(%(ids)s) AND state <> 'merged'"
)
_INHERITED = Statement(
    "SELECT id FROM duplicate_pairs WHERE tenant_id = %(tenant_id)s AND inherited_from = %(merge_id)s"
)
_SETTINGS = Statement(
    "SELECT version, offer_from, merge_from FROM duplicate_settings"
    " WHERE tenant_id = %(tenant_id)s AND id = %(tenant_id)s"
)
_FORGET = Statement(
    "DELETE FROM duplicate_pairs WHERE tenant_id = %(tenant_id)s"
    " AND (first_id = ANY(%(ids)s) OR second_id = ANY(%(ids)s))"
)
