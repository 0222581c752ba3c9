"""How tiers are kept: a row for each program, and one for each revision of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from chassis.storage.statements import Statement, json_text
from loyalty.tiers.domain import (
    Benefit,
    BenefitKind,
    QualifyBy,
    Tier,
    TierScheme,
    TierTerms,
    WindowKind,
)

_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)

tier_schemes = sa.Table(
    "tier_schemes",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("terms", sa.JSON, nullable=False),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("updated_at", _time, nullable=False),
)
tier_revisions = sa.Table(
    "tier_revisions",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("program_id", _uuid, primary_key=True),
    sa.Column("revision", sa.Integer, primary_key=True),
    sa.Column("terms", sa.JSON, nullable=False),
    sa.Column("valid_from", _time, nullable=False),
    sa.Column("changed_by", sa.Text, nullable=False),
)


class TierSchemesRepository(Repository[TierScheme]):
    """The tiers of programs, for a change."""

    table = tier_schemes
    kind = "tier scheme"

    def _aggregate(self, row: sa.RowMapping) -> TierScheme:
        return scheme_of(row)

    def _row(self, aggregate: TierScheme) -> dict[str, Any]:
        return {
            "revision": aggregate.revision,
            "terms": written(aggregate.terms),
            "created_at": aggregate.created_at,
            "updated_at": aggregate.updated_at,
        }

    def _stored(self, aggregate: TierScheme, *, new: bool) -> None:
        about = {
            "tenant_id": self._tx.tenant_id,
            "program_id": aggregate.id,
            "revision": aggregate.revision,
            "terms": json_text(written(aggregate.terms)),
            "valid_from": aggregate.created_at if new else aggregate.updated_at,
            "changed_by": self._tx.caller.actor,
        }
        self._tx.write(_KEEP_REVISION, about)


def scheme_of(row: Mapping[str, Any] | sa.RowMapping) -> TierScheme:
    """The tiers that a row stands for."""
    return TierScheme(
        id=row["id"],
        version=row["version"],
        revision=row["revision"],
        terms=read(row["terms"]),
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )


def written(terms: TierTerms) -> dict[str, Any]:
    """Terms as JSON keeps them."""
    kept = asdict(terms)
    for tier in kept["tiers"]:
        tier["threshold"] = f"{tier['threshold']:f}"
    return kept


def read(content: Mapping[str, Any]) -> TierTerms:
    """The terms that were kept so."""
    return TierTerms(
        **{
            **content,
            "tiers": tuple(_tier(tier) for tier in content["tiers"]),
            "by": QualifyBy(content["by"]),
            "window": WindowKind(content["window"]),
        }
    )


def _tier(content: Mapping[str, Any]) -> Tier:
    return Tier(
        key=content["key"],
        name=content["name"],
        threshold=Decimal(content["threshold"]),
        benefits=tuple(
            Benefit(BenefitKind(one["kind"]), one["percent"], one["text"])
            for one in content["benefits"]
        ),
    )


_KEEP_REVISION = Statement(
    "INSERT INTO tier_revisions (tenant_id, program_id, revision, terms, valid_from, changed_by)"
    " VALUES (%(tenant_id)s, %(program_id)s, %(revision)s, %(terms)s, %(valid_from)s,"
    " %(changed_by)s)"
)
