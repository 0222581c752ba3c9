"""How leads are kept: one row each, their touches, the words they are found by, and their external ids."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.domain import NotFound
from chassis.storage.repository import Repository
from chassis.storage.scope import Scope
from chassis.storage.statements import Statement
from sales.lead_facts.domain import ConsentSaying, Freshness, Origin, Qualification, Touch
from sales.leads.domain import Decision, Lead, LeadDetails, LeadState
from sales.leads.terms import terms_of
from sales.orders.domain import ExternalId
from sales.people.following import FORGET_ACTIVITY

EXTERNAL_IDS_UNIQUE = "lead_external_ids_unique"
_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)
_word = sa.Text(collation="C")

ORIGIN = ("source", "campaign", "landing_page", "variant")
DETAILS = (
    "given_name",
    "family_name",
    "email",
    "phone",
    "company_name",
    "job_title",
    "industry",
    "company_size",
    "country",
    "postal_code",
    "language",
    "description",
    "person_id",
    "company_id",
    "owner_id",
)
_TIMES = (
    "first_touch_at",
    "last_touch_at",
    "captured_at",
    "updated_at",
    "archived_at",
    "erased_at",
)
_AGE = ("fresh_since", "stale_at", "recycled", "claimed_at")
_CONTACT = ("first_contact_due_at", "first_contact_at")
_TEXTS = [name for name in DETAILS if not name.endswith("_id") and name != "company_size"]

leads = sa.Table(
    "leads",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("state", _word, nullable=False),
    *(sa.Column(name, _word, nullable=False) for name in (*_TEXTS, *ORIGIN)),
    sa.Column("company_size", sa.Integer),
    sa.Column("person_id", _uuid),
    sa.Column("company_id", _uuid),
    sa.Column("owner_id", _uuid),
    sa.Column("external_ids", sa.JSON, nullable=False),
    sa.Column("consents", sa.JSON, nullable=False),
    sa.Column("touches", sa.Integer, nullable=False),
    *(sa.Column(name, _time, nullable=name in ("archived_at", "erased_at")) for name in _TIMES),
    sa.Column("score", sa.Integer, nullable=False),
    sa.Column("qualification", _word, nullable=False),
    sa.Column("decided_at", _time),
    sa.Column("decided_by", sa.Text),
    sa.Column("decision_framework_id", _uuid),
    sa.Column("decision_reason", _word, nullable=False),
    sa.Column("decision_note", sa.Text, nullable=False),
    sa.Column("freshness", _word, nullable=False),
    sa.Column("fresh_since", _time, nullable=False),
    sa.Column("stale_at", _time),
    sa.Column("recycled", sa.Integer, nullable=False),
    sa.Column("claimed_at", _time),
    *(sa.Column(name, _time) for name in _CONTACT),
)
lead_touches = sa.Table(
    "lead_touches",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("lead_id", _uuid, nullable=False),
    sa.Column("kind", _word, nullable=False),
    *(sa.Column(name, _word, nullable=False) for name in ORIGIN),
    sa.Column("web_form_id", _uuid),
    sa.Column("outbound", sa.Boolean, nullable=False),
    sa.Column("at", _time, nullable=False),
)
lead_terms = sa.Table(
    "lead_terms",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("term", _word, primary_key=True),
    sa.Column("lead_id", _uuid, primary_key=True),
)


class LeadsRepository(Repository[Lead]):
    """Leads for a change."""

    table = leads
    kind = "lead"
    owner: ClassVar[str | None] = "owner_id"

    def by_external_id(self, key: ExternalId) -> Lead | None:
        """The lead that another system calls this; None when there is none, or out of reach."""
        about = {"tenant_id": self._tx.tenant_id, "system": key.system, "id": key.id}
        row = self._tx.fetch_one(_BY_EXTERNAL_ID, about)
        found = [] if row is None else self.get_many([row["lead_id"]])
        return found[0] if found else None

    def lock_system(self, system: str) -> None:
        """Take turns with whoever else takes over many leads of a system.

        Two that go over the same ones in another order would wait for each other.
        """
        self._tx.fetch_one(_ONE_IMPORT, {"tenant_id": self._tx.tenant_id, "system": system})

    def open_with_email(self, email: str) -> Lead | None:
        """The open lead with this e-mail, the latest of several; the next who asks waits for this."""
        about = {"tenant_id": self._tx.tenant_id, "email": email}
        self._tx.fetch_one(_ONE_AT_A_TIME, about)
        row = self._tx.fetch_one(_OPEN_WITH_EMAIL, about)
        found = [] if row is None else self.get_many([row["id"]])
        return found[0] if found and found[0].state is LeadState.OPEN else None

    def open_of(self, owner_id: UUID, most: int) -> list[UUID]:
        """The ids of somebody's open leads, the oldest first, so many at most."""
        about = {"tenant_id": self._tx.tenant_id, "owner_id": owner_id, "most": most}
        return [row["id"] for row in self._tx.fetch_all(_OPEN_OF, about)]

    def whosever(self, lead_id: UUID) -> Lead | None:
        """The lead, also when it is out of the caller's reach: who began with it may end it."""
        if lead_id in self._loaded or lead_id in self._added:
            return self.get(lead_id)
        rows = self._all([lead_id])
        return self._adopt(self._aggregate(rows[0])) if rows else None

    def of_the_pool(self, lead_id: UUID, seen_by: Scope) -> Lead:
        """The lead for one who claims it, and has seen it in the pool.

        Whoever comes too late may see it as well, to be told so. Raises `NotFound` for one that was
        never there to claim, unless it is among those that the caller sees anyway.
        """
        for row in self._all([lead_id]):
            lead = self._aggregate(row)
            seen = lead.in_pool or lead.claimed_at is not None
            if seen or seen_by.allows(lead.details.owner_id):
                return self._adopt(lead)
        raise NotFound.of(self.kind, lead_id)

    def note_touch(self, lead: Lead, touch: Touch) -> None:
        """Have a touch kept."""
        # The row it refers to comes first.
        self._tx.flush()
        values = {
            "tenant_id": self._tx.tenant_id,
            "id": touch.id,
            "lead_id": lead.id,
            "kind": touch.kind,
            "at": touch.at,
            "web_form_id": touch.web_form_id,
            "outbound": touch.outbound,
            **{name: getattr(touch.origin, name) for name in ORIGIN},
        }
        self._tx.write(_TOUCHED, values)

    def take_out(self, lead_id: UUID) -> None:
        """Have all go that hangs on a lead and tells who it is."""
        about = {"tenant_id": self._tx.tenant_id, "lead_id": lead_id}
        for statement in _FORGET:
            self._tx.write(statement, about)

    def _aggregate(self, row: sa.RowMapping) -> Lead:
        return lead_of(row)

    def _row(self, aggregate: Lead) -> dict[str, Any]:
        return {
            "state": aggregate.state,
            **{name: getattr(aggregate.details, name) for name in DETAILS},
            **{name: getattr(aggregate.origin, name) for name in ORIGIN},
            "external_ids": [{"system": x.system, "id": x.id} for x in aggregate.external_ids],
            "consents": [_saying(one) for one in aggregate.consents],
            "touches": aggregate.touches,
            **{name: getattr(aggregate, name) for name in (*_TIMES, *_AGE, *_CONTACT)},
            "score": aggregate.score,
            "freshness": aggregate.freshness,
            "qualification": aggregate.qualification,
            **_decided(aggregate.decision),
        }

    def _stored(self, aggregate: Lead, *, new: bool) -> None:
        about = {"tenant_id": self._tx.tenant_id, "lead_id": aggregate.id}
        erased = aggregate.erased_at is not None
        found_by = {**about, "terms": [] if erased else terms_of(aggregate.details)}
        if not new:
            self._tx.write(_LOST_TERMS, found_by)
        self._tx.write(_TERMS, found_by)
        if new:
            for key in aggregate.external_ids:
                self._tx.write(_KEEP, {**about, "system": key.system, "external_id": key.id})


def lead_of(row: Mapping[str, Any] | sa.RowMapping) -> Lead:
    """The lead that a row of the table stands for."""
    return Lead(
        id=row["id"],
        version=row["version"],
        state=LeadState(row["state"]),
        details=LeadDetails(**{name: row[name] for name in DETAILS}),
        origin=Origin(**{name: row[name] for name in ORIGIN}),
        external_ids=tuple(ExternalId(**one) for one in row["external_ids"]),
        consents=tuple(_saying_of(one) for one in row["consents"]),
        touches=row["touches"],
        **{name: row[name] for name in (*_TIMES, *_AGE, *_CONTACT)},
        score=row["score"],
        freshness=Freshness(row["freshness"]),
        qualification=Qualification(row["qualification"]),
        decision=_decision_of(row),
    )


def _decided(decision: Decision | None) -> dict[str, Any]:
    return {
        "decided_at": None if decision is None else decision.at,
        "decided_by": None if decision is None else decision.by,
        "decision_framework_id": None if decision is None else decision.framework_id,
        "decision_reason": "" if decision is None else decision.reason,
        "decision_note": "" if decision is None else decision.note,
    }


def _decision_of(row: Mapping[str, Any] | sa.RowMapping) -> Decision | None:
    if row["decided_at"] is None:
        return None
    return Decision(
        at=row["decided_at"],
        by=row["decided_by"],
        framework_id=row["decision_framework_id"],
        reason=row["decision_reason"],
        note=row["decision_note"],
    )


def _saying(one: ConsentSaying) -> dict[str, Any]:
    plain = ("purpose", "channel", "granted", "wording", "source")
    return {**{name: getattr(one, name) for name in plain}, "said_at": one.said_at.isoformat()}


def _saying_of(document: Mapping[str, Any]) -> ConsentSaying:
    said_at = datetime.fromisoformat(document["said_at"]).astimezone(UTC)
    return ConsentSaying(**{**document, "said_at": said_at})


_BY_EXTERNAL_ID = Statement(
    "SELECT lead_id FROM lead_external_ids"
    " WHERE tenant_id = %(tenant_id)s AND system = %(system)s AND id = %(id)s"
)
_KEEP = Statement(
    "INSERT INTO lead_external_ids (tenant_id, lead_id, system, id)"
    " VALUES (%(tenant_id)s, %(lead_id)s, %(system)s, %(external_id)s)"
)
_ONE_AT_A_TIME = Statement(
    "SELECT pg_advisory_xact_lock(hashtextextended("
    "'lead ' || %(tenant_id)s::text || ' ' || %(email)s::text, 0))"
)
_ONE_IMPORT = Statement(
    "SELECT pg_advisory_xact_lock(hashtextextended("
    "'leads of ' || %(tenant_id)s::text || ' ' || %(system)s::text, 0))"
)
_OPEN_OF = Statement(
    "SELECT id FROM leads WHERE tenant_id = %(tenant_id)s AND owner_id = %(owner_id)s"
    " AND state = 'open' ORDER BY id LIMIT %(most)s"
)
_OPEN_WITH_EMAIL = Statement(
    "SELECT id FROM leads WHERE tenant_id = %(tenant_id)s AND email = %(email)s"
    " AND state = 'open' ORDER BY captured_at DESC, id DESC LIMIT 1"
)
_TOUCHED = Statement(
    "INSERT INTO lead_touches (tenant_id, id, lead_id, kind, source, campaign, landing_page,"
    " variant, web_form_id, outbound, at) VALUES (%(tenant_id)s, %(id)s, %(lead_id)s, %(kind)s,"
    " %(source)s, %(campaign)s, %(landing_page)s, %(variant)s, %(web_form_id)s, %(outbound)s,"
    " %(at)s)"
)
_FORGET = (
    Statement(
        "DELETE FROM lead_external_ids WHERE tenant_id = %(tenant_id)s AND lead_id = %(lead_id)s"
    ),
    Statement(
        "DELETE FROM lead_assessments WHERE tenant_id = %(tenant_id)s AND lead_id = %(lead_id)s"
    ),
    Statement(
        f"UPDATE activities SET {FORGET_ACTIVITY}, version = version + 1"  # noqa: S608 - our own text
        " WHERE tenant_id = %(tenant_id)s AND lead_id = %(lead_id)s"
    ),
)
_TERMS = Statement(
    "INSERT INTO lead_terms (tenant_id, term, lead_id)"
    " SELECT %(tenant_id)s, t.term, %(lead_id)s FROM unnest(%(terms)s::text[]) AS t (term)"
    " ON CONFLICT DO NOTHING"
)
_LOST_TERMS = Statement(
    "DELETE FROM lead_terms WHERE tenant_id = %(tenant_id)s AND lead_id = %(lead_id)s"
    " AND NOT term = ANY(%(terms)s::text[])"
)
