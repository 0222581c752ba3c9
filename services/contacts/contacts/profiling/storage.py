"""How questions are kept, and that people were asked them: one row each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from contacts.contact_points.domain import Channel
from contacts.profiling.domain import AskOutcome, ProfileQuestion, QuestionAsk, QuestionDefinition

KEY_UNIQUE = "profile_questions_key_unique"
"""The constraint that is broken when two questions have one key."""

metadata = sa.MetaData()
_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)

profile_questions = sa.Table(
    "profile_questions",
    metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("key", sa.Text(collation="C"), nullable=False),
    sa.Column("asks_for", sa.Text(collation="C"), nullable=False),
    sa.Column("text", sa.JSON, nullable=False),
    sa.Column("help_text", sa.JSON, nullable=False),
    sa.Column("purposes", ARRAY(sa.Text), nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("ask_again_after_days", sa.Integer, nullable=False),
    sa.Column("most_times", sa.Integer, nullable=False),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("updated_at", _time, nullable=False),
    sa.Column("archived_at", _time),
)

question_asks = sa.Table(
    "question_asks",
    metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("person_id", _uuid, nullable=False),
    sa.Column("question_id", _uuid, nullable=False),
    sa.Column("purpose", sa.Text(collation="C"), nullable=False),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Column("channel", sa.Text),
    sa.Column("asked_at", _time, nullable=False),
    sa.Column("recorded_at", _time, nullable=False),
)

_PLAIN = ("key", "asks_for", "text", "help_text", "position", "ask_again_after_days", "most_times")


class ProfileQuestionsRepository(Repository[ProfileQuestion]):
    """Questions for a change."""

    table = profile_questions
    kind = "profile question"

    def count(self) -> int:
        """How many there are, those put away included."""
        row = self._tx.fetch_one(_COUNT, {"tenant_id": self._tx.tenant_id}) or {"questions": 0}
        return int(row["questions"])

    def _aggregate(self, row: sa.RowMapping) -> ProfileQuestion:
        return ProfileQuestion(
            id=row["id"],
            version=row["version"],
            definition=definition_of(row),
            created_at=row["created_at"],
            updated_at=row["updated_at"],
            archived_at=row["archived_at"],
        )

    def _row(self, aggregate: ProfileQuestion) -> dict[str, Any]:
        definition = aggregate.definition
        return {
            **{name: getattr(definition, name) for name in _PLAIN},
            "purposes": list(definition.purposes),
            "created_at": aggregate.created_at,
            "updated_at": aggregate.updated_at,
            "archived_at": aggregate.archived_at,
        }


class QuestionAsksRepository(Repository[QuestionAsk]):
    """That people were asked, for a change. Whoever adds or removes one has locked the person."""

    table = question_asks
    kind = "asked question"

    def _aggregate(self, row: sa.RowMapping) -> QuestionAsk:
        return QuestionAsk(
            id=row["id"],
            version=row["version"],
            person_id=row["person_id"],
            question_id=row["question_id"],
            purpose=row["purpose"],
            outcome=AskOutcome(row["outcome"]),
            channel=None if row["channel"] is None else Channel(row["channel"]),
            asked_at=row["asked_at"],
            recorded_at=row["recorded_at"],
        )

    def _row(self, aggregate: QuestionAsk) -> dict[str, Any]:
        return {
            "person_id": aggregate.person_id,
            "question_id": aggregate.question_id,
            "purpose": aggregate.purpose,
            "outcome": aggregate.outcome,
            "channel": aggregate.channel,
            "asked_at": aggregate.asked_at,
            "recorded_at": aggregate.recorded_at,
        }


def definition_of(row: Mapping[str, Any] | sa.RowMapping) -> QuestionDefinition:
    """What a row of the table says of its question."""
    plain = {name: row[name] for name in _PLAIN}
    return QuestionDefinition(**plain, purposes=tuple(row["purposes"]))


_COUNT = Statement(
    "SELECT count(*) AS questions FROM profile_questions WHERE tenant_id = %(tenant_id)s"
)
