"""How consents are kept: one row each, and every saying in a history that is only added to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.bulk import BulkInsert
from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from contacts.consents.domain import (
    Consent,
    ConsentKey,
    ConsentState,
    Said,
    Standing,
    Word,
)
from contacts.contact_points.domain import Channel
from contacts.purposes.domain import LegalBasis

metadata = sa.MetaData()
_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)

consents = sa.Table(
    "consents",
    metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("person_id", _uuid, nullable=False),
    sa.Column("purpose", sa.Text(collation="C"), nullable=False),
    sa.Column("channel", sa.Text(collation="C"), nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("legal_basis", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("proof", sa.Text, nullable=False),
    sa.Column("said_at", _time),
    sa.Column("granted_at", _time),
    sa.Column("confirmed_at", _time),
    sa.Column("withdrawn_at", _time),
    sa.Column("round", sa.Integer, nullable=False),
    sa.Column("asked_at", _time),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("updated_at", _time, nullable=False),
)

consent_sayings = sa.Table(
    "consent_sayings",
    metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("person_id", _uuid, nullable=False),
    sa.Column("purpose", sa.Text(collation="C"), nullable=False),
    sa.Column("channel", sa.Text(collation="C"), nullable=False),
    sa.Column("word", sa.Text, nullable=False),
    sa.Column("legal_basis", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("proof", sa.Text, nullable=False),
    sa.Column("said_at", _time, nullable=False),
    sa.Column("recorded_at", _time, nullable=False),
    sa.Column("recorded_by", sa.Text, nullable=False),
    sa.Column("counted", sa.Boolean, nullable=False),
)

_PLAIN = ("round", "asked_at", "created_at", "updated_at")
STANDING = tuple(each.name for each in fields(Standing))
"""The columns that say what counts."""
_KEEP_SAYINGS = BulkInsert.into(consent_sayings)


class ConsentsRepository(Repository[Consent]):
    """Consents for a change. Whoever changes one has locked its person before."""

    table = consents
    kind = "consent"

    def of(
        self, person_ids: Collection[UUID], purposes: Collection[str] | None = None
    ) -> dict[ConsentKey, Consent]:
        """What these people have said, about these purposes or about any."""
        columns = consents.c
        statement = sa.select(consents).where(
            columns.tenant_id == self._tx.tenant_id, columns.person_id.in_(person_ids)
        )
        if purposes is not None:
            statement = statement.where(columns.purpose.in_(purposes))
        locked = statement.order_by(columns.id).with_for_update()
        rows = self._tx.connection.execute(locked).mappings().all()
        return {consent.key: consent for consent in map(self._known, rows)}

    def history(self, person_ids: Collection[UUID]) -> dict[ConsentKey, list[Said]]:
        """All that these people have ever said, by what it was about."""
        about = {"tenant_id": self._tx.tenant_id, "person_ids": list(person_ids)}
        found: defaultdict[ConsentKey, list[Said]] = defaultdict(list)
        for row in self._tx.fetch_all(_HISTORY, about):
            key = ConsentKey(row["person_id"], row["purpose"], Channel(row["channel"]))
            found[key].append(_said_in(row))
        return found

    def _known(self, row: sa.RowMapping) -> Consent:
        loaded = self._loaded.get(row["id"])
        return self._adopt(self._aggregate(row)) if loaded is None else loaded[0]

    def _aggregate(self, row: sa.RowMapping) -> Consent:
        return consent_of(row)

    def _row(self, aggregate: Consent) -> dict[str, Any]:
        return {
            **aggregate.key._asdict(),
            **{name: getattr(aggregate, name) for name in _PLAIN},
            **{name: getattr(aggregate.standing, name) for name in STANDING},
        }

    def _stored(self, aggregate: Consent, *, new: bool) -> None:  # noqa: ARG002 - both the same
        self._stored_many([aggregate])

    def _stored_many(self, aggregates: Sequence[Consent]) -> None:
        """Add what was said to the history, with who has told us."""
        rows = [
            {
                "id": self._tx.ids.new(),
                **consent.key._asdict(),
                "word": said.word,
                "legal_basis": said.legal_basis,
                "source": said.source,
                "proof": said.proof,
                "said_at": said.said_at,
                "recorded_at": said.recorded_at,
                "recorded_by": self._tx.caller.actor,
                "counted": said.counted,
            }
            for consent in aggregates
            for said in consent.unsaved
        ]
        for consent in aggregates:
            consent.unsaved.clear()
        if rows:
            tenant_id = self._tx.tenant_id
            self._tx.write(_KEEP_SAYINGS.statement, _KEEP_SAYINGS.parameters(tenant_id, rows))


def consent_of(row: Mapping[str, Any] | sa.RowMapping) -> Consent:
    """The consent that a row stands for."""
    return Consent(
        id=row["id"],
        version=row["version"],
        key=ConsentKey(row["person_id"], row["purpose"], Channel(row["channel"])),
        standing=Standing(
            **{
                **{name: row[name] for name in STANDING},
                "state": ConsentState(row["state"]),
                "legal_basis": LegalBasis(row["legal_basis"]),
            }
        ),
        **{name: row[name] for name in _PLAIN},
    )


def _said_in(row: Mapping[str, Any]) -> Said:
    return Said(
        word=Word(row["word"]),
        legal_basis=LegalBasis(row["legal_basis"]),
        source=row["source"],
        proof=row["proof"],
        said_at=row["said_at"],
        recorded_at=row["recorded_at"],
        counted=row["counted"],
    )


_HISTORY = Statement(
    "SELECT * FROM consent_sayings WHERE tenant_id = %(tenant_id)s"
    " AND person_id = ANY(%(person_ids)s) ORDER BY recorded_at, id"
)
