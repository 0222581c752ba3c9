"""How it is kept who was asked what: one row each, with what they said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from desk.survey_requests.domain import Concern, RequestState, SurveyRequest, Undelivered
from desk.surveys.domain import SurveyKind

_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)
_word = sa.Text(collation="C")
REQUEST_ONCE = "survey_requests_once"

survey_requests = sa.Table(
    "survey_requests",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("survey_id", _uuid, nullable=False),
    sa.Column("kind", _word, nullable=False),
    sa.Column("ticket_id", _uuid),
    sa.Column("round", sa.Integer, nullable=False),
    sa.Column("queue_id", _uuid),
    sa.Column("team_id", _uuid),
    sa.Column("assignee_id", _uuid),
    sa.Column("product_sku", _word, nullable=False),
    sa.Column("channel", _word, nullable=False),
    sa.Column("person_id", _uuid),
    sa.Column("address", _word, nullable=False),
    sa.Column("state", _word, nullable=False),
    sa.Column("reason", _word, nullable=False),
    sa.Column("planned_at", _time, nullable=False),
    sa.Column("send_at", _time, nullable=False),
    sa.Column("sent_at", _time),
    sa.Column("expires_at", _time),
    sa.Column("answered_at", _time),
    sa.Column("corrected_at", _time),
    sa.Column("score", sa.Integer),
    sa.Column("comment", _word, nullable=False),
    sa.Column("follow_up_ticket_id", _uuid),
    sa.Column("undelivered", _word),
    sa.Column("told_version", sa.BigInteger, nullable=False),
)
_CONCERN = tuple(Concern.__dataclass_fields__)
_OWN = (
    "survey_id",
    "person_id",
    "address",
    "reason",
    "planned_at",
    "send_at",
    "sent_at",
    "expires_at",
    "answered_at",
    "corrected_at",
    "score",
    "comment",
    "follow_up_ticket_id",
    "told_version",
)


class SurveyRequestsRepository(Repository[SurveyRequest]):
    """Who was asked what, for a change."""

    table = survey_requests
    kind = "survey request"

    def is_planned(self, survey_id: UUID, ticket_id: UUID, round_: int) -> bool:
        """Whether a survey was planned for a resolution, whatever became of it."""
        about = {"survey_id": survey_id, "ticket_id": ticket_id, "round": round_}
        return self._tx.fetch_one(_PLANNED, {"tenant_id": self._tx.tenant_id, **about}) is not None

    def follows_up(self, ticket_id: UUID) -> bool:
        """Whether a ticket was opened for a bad score."""
        about = {"tenant_id": self._tx.tenant_id, "ticket_id": ticket_id}
        return self._tx.fetch_one(_FOLLOWS_UP, about) is not None

    def asked_since(self, request: SurveyRequest, since: datetime) -> bool:
        """Whether the same one was asked the same kind of thing since then."""
        about = {
            "tenant_id": self._tx.tenant_id,
            "kind": request.kind,
            "person_id": request.person_id,
            "address": request.address,
            "since": since,
        }
        statement = _ASKED_ADDRESS if request.person_id is None else _ASKED_PERSON
        return self._tx.fetch_one(statement, about) is not None

    def to_be_asked(
        self, after: UUID, active_since: datetime, asked_before: datetime, most: int
    ) -> Sequence[UUID]:
        """The next people, in the order of their ids, who had to do with the desk since then.

        Those who were asked since `asked_before` are left out. Until the commit nobody else looks.
        """
        self._tx.fetch_one(_ALONE, {"word": f"people asked of {self._tx.tenant_id}"})
        about = {"after": after, "active": active_since, "asked": asked_before, "most": most}
        rows = self._tx.fetch_all(_PEOPLE, {"tenant_id": self._tx.tenant_id, **about})
        return [row["person_id"] for row in rows]

    def _aggregate(self, row: sa.RowMapping) -> SurveyRequest:
        return request_of(row)

    def _row(self, aggregate: SurveyRequest) -> dict[str, Any]:
        return {
            **{name: getattr(aggregate, name) for name in (*_OWN, "kind", "state", "undelivered")},
            **{name: getattr(aggregate.concern, name) for name in _CONCERN},
        }


def request_of(row: Mapping[str, Any] | sa.RowMapping) -> SurveyRequest:
    """What a row of the table stands for."""
    return SurveyRequest(
        id=row["id"],
        version=row["version"],
        kind=SurveyKind(row["kind"]),
        state=RequestState(row["state"]),
        undelivered=None if row["undelivered"] is None else Undelivered(row["undelivered"]),
        concern=Concern(**{name: row[name] for name in _CONCERN}),
        **{name: row[name] for name in _OWN},
    )


def request_or_none(reading: Reading | UnitOfWork, request_id: UUID) -> SurveyRequest | None:
    """Who was asked what, without a lock."""
    about = {"tenant_id": reading.caller.tenant_id, "id": request_id}
    row = reading.fetch_one(_ONE, about)
    return None if row is None else request_of(row)


_ONE = Statement("SELECT * FROM survey_requests WHERE tenant_id = %(tenant_id)s AND id = %(id)s")
_PLANNED = Statement(
    "SELECT id FROM survey_requests WHERE tenant_id = %(tenant_id)s"
    " AND ticket_id = %(ticket_id)s AND survey_id = %(survey_id)s AND round = %(round)s"
)
_FOLLOWS_UP = Statement(
    "SELECT id FROM survey_requests WHERE tenant_id = %(tenant_id)s"
    " AND follow_up_ticket_id = %(ticket_id)s LIMIT 1"
)
_ASKED_PERSON = Statement(
    "SELECT id FROM survey_requests WHERE tenant_id = %(tenant_id)s"
    " AND person_id = %(person_id)s AND kind = %(kind)s AND sent_at > %(since)s LIMIT 1"
)
_ASKED_ADDRESS = Statement(
    "SELECT id FROM survey_requests WHERE tenant_id = %(tenant_id)s"
    " AND address = %(address)s AND kind = %(kind)s AND sent_at > %(since)s LIMIT 1"
)
_ALONE = Statement("SELECT pg_advisory_xact_lock(hashtextextended(%(word)s, 0))")
_PEOPLE = Statement(
    """
    SELECT DISTINCT known.person_id FROM (
        SELECT person_id FROM tickets WHERE tenant_id = %(tenant_id)s
            AND person_id > %(after)s AND opened_at >= %(active)s
        UNION ALL
        SELECT person_id FROM assets WHERE tenant_id = %(tenant_id)s
            AND person_id > %(after)s AND created_at >= %(active)s
    ) AS known
    WHERE NOT EXISTS (
        SELECT FROM survey_requests AS r WHERE r.tenant_id = %(tenant_id)s
            AND r.person_id = known.person_id AND r.kind = 'nps' AND r.sent_at > %(asked)s
    ) ORDER BY known.person_id LIMIT %(most)s
    """
)
