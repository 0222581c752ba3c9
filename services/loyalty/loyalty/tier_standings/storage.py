"""How standings are kept: a row for each member, and one for each step in its history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.domain import NotFound
from chassis.storage.repository import Repository
from chassis.storage.statements import Statement, json_text
from chassis.storage.unit_of_work import UnitOfWork
from loyalty.tier_standings.domain import Grant, Move, MoveCause, TierStanding

_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)
_word = sa.Text(collation="C")

tier_standings = sa.Table(
    "tier_standings",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("program_id", _uuid, nullable=False),
    sa.Column("tier", _word),
    sa.Column("since", _time),
    sa.Column("earned", _word),
    sa.Column("reached_at", _time),
    sa.Column("at_risk_since", _time),
    sa.Column("loses_at", _time),
    sa.Column("enough_until", _time),
    sa.Column("grant", sa.JSON(none_as_null=True)),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("holds", sa.Numeric(24, 4), nullable=False),
    sa.Column("reviewed_at", _time),
    sa.Column("tally", sa.Numeric(24, 4)),
    sa.Column("tally_revision", sa.Integer, nullable=False),
    sa.Column("tally_number", sa.BigInteger, nullable=False),
)
_PLAIN = (
    "program_id",
    "tier",
    "since",
    "earned",
    "reached_at",
    "at_risk_since",
    "loses_at",
    "enough_until",
    "revision",
    "holds",
    "reviewed_at",
    "tally",
    "tally_revision",
    "tally_number",
)


class TierStandingsRepository(Repository[TierStanding]):
    """Standings for a change."""

    table = tier_standings
    kind = "tier standing"

    def of_member(self, member_id: UUID, program_id: UUID) -> TierStanding:
        """A member's standing, locked; made when there is none yet.

        Whoever has it reads what counts after those who had it before have committed.
        """
        try:
            return self.get(member_id)
        except NotFound:
            about = {"tenant_id": self._tx.tenant_id, "id": member_id, "program_id": program_id}
            self._tx.write(_MAKE, about)
            return self.get(member_id)

    def _aggregate(self, row: sa.RowMapping) -> TierStanding:
        return standing_of(row)

    def _row(self, aggregate: TierStanding) -> dict[str, Any]:
        grant = aggregate.grant
        kept = None if grant is None else {**asdict(grant), "until": grant.until.isoformat()}
        return {**{name: getattr(aggregate, name) for name in _PLAIN}, "grant": kept}


def standing_of(row: Mapping[str, Any] | sa.RowMapping) -> TierStanding:
    """The standing that a row stands for."""
    kept = row["grant"]
    return TierStanding(
        id=row["id"],
        version=row["version"],
        **{name: row[name] for name in _PLAIN},
        grant=None
        if kept is None
        else Grant(**{**kept, "until": datetime.fromisoformat(kept["until"])}),
    )


def note_move(
    tx: UnitOfWork,
    standing: TierStanding,
    move: Move,
    cause: MoveCause,
    explanation: Mapping[str, Any],
) -> None:
    """Keep a step in a member's history, with what it came of."""
    values = {
        "tenant_id": tx.tenant_id,
        "id": tx.ids.new(),
        "member_id": standing.id,
        "kind": move.kind,
        "before": move.before,
        "after": move.after,
        "cause": cause,
        "actor": tx.caller.actor,
        "revision": standing.revision,
        "explanation": json_text(explanation),
        "at": tx.clock.now(),
    }
    tx.write(_NOTE, values)


def amount(value: Decimal) -> str:
    """How explanations write what counts."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


_MAKE = Statement(
    "INSERT INTO tier_standings (tenant_id, id, version, program_id, revision, holds)"
    " VALUES (%(tenant_id)s, %(id)s, 0, %(program_id)s, 0, 0) ON CONFLICT DO NOTHING"
)
_NOTE = Statement(
    "INSERT INTO tier_moves (tenant_id, id, member_id, kind, before, after, cause, actor, revision,"
    " explanation, at) VALUES (%(tenant_id)s, %(id)s, %(member_id)s, %(kind)s, %(before)s,"
    " %(after)s, %(cause)s, %(actor)s, %(revision)s, %(explanation)s, %(at)s)"
)
