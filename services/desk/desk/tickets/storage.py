"""How tickets are kept: one row each, what they are found by, and what happened to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.repository import Repository
from chassis.storage.statements import Statement, json_text
from chassis.storage.unit_of_work import Reading, UnitOfWork
from desk.ticket_facts.domain import Channel, Priority, Status, TicketType
from desk.tickets import reach
from desk.tickets.domain import ExternalId, Noted, Ticket
from desk.tickets.tables import tickets
from desk.tickets.terms import terms_of

_PLAIN = (
    "number",
    "prefix",
    "subject",
    "person_id",
    "company_id",
    "requester_address",
    "queue_id",
    "team_id",
    "assignee_id",
    "product_sku",
    "asset_id",
    "language",
    "problem_id",
    "merged_into_id",
    "opened_at",
    "updated_at",
    "first_responded_at",
    "last_customer_message_at",
    "last_reply_at",
    "waiting_since",
    "resolved_at",
    "closed_at",
    "reopened",
    "solved_by_article_id",
)
_WORDS = ("type", "priority", "status", "channel")


class TicketsRepository(Repository[Ticket]):
    """Tickets for a change, as far as the caller reaches."""

    table = tickets
    kind = "ticket"
    owner: ClassVar[str | None] = "assignee_id"

    def next_number(self) -> int:
        """The next number of the tenant's; whoever else opens one waits until the commit."""
        row = self._tx.fetch_one(_NEXT_NUMBER, {"tenant_id": self._tx.tenant_id})
        if row is None:
            raise RuntimeError("the counter gave no number")
        return int(row["last"])

    def by_external_id(self, key: ExternalId) -> Ticket | None:
        """The ticket that another system calls this; None when there is none, or out of reach."""
        about = {"tenant_id": self._tx.tenant_id, "system": key.system, "id": key.id}
        row = self._tx.fetch_one(_BY_EXTERNAL_ID, about)
        found = [] if row is None else self.get_many([row["ticket_id"]])
        return found[0] if found else None

    def whosever(self, ticket_id: UUID) -> Ticket | None:
        """The ticket, also when it is out of the caller's reach: for what follows by itself."""
        if ticket_id in self._loaded or ticket_id in self._added:
            return self.get(ticket_id)
        rows = self._all([ticket_id])
        return self._adopt(self._aggregate(rows[0])) if rows else None

    def _within_reach(
        self,
        aggregate_ids: list[UUID],
        owner: sa.Column[Any],  # noqa: ARG002 - more than an owner counts
    ) -> Sequence[sa.RowMapping]:
        columns = self.table.c
        statement = (
            sa.select(self.table)
            .where(columns.tenant_id == self._tx.tenant_id, columns.id.in_(aggregate_ids))
            .order_by(columns.id)
            .with_for_update()
        )
        narrowed = reach.narrow(self._tx, statement)
        return self._tx.connection.execute(narrowed).mappings().all()

    def _aggregate(self, row: sa.RowMapping) -> Ticket:
        return ticket_of(row)

    def _row(self, aggregate: Ticket) -> dict[str, Any]:
        return {
            **{name: getattr(aggregate, name) for name in (*_PLAIN, *_WORDS)},
            "tags": list(aggregate.tags),
            "custom_fields": dict(aggregate.custom_fields),
            "external_ids": [{"system": x.system, "id": x.id} for x in aggregate.external_ids],
        }

    def _stored(self, aggregate: Ticket, *, new: bool) -> None:
        about = {"tenant_id": self._tx.tenant_id, "ticket_id": aggregate.id}
        found_by = {
            "terms": terms_of(
                aggregate.subject,
                aggregate.shown_number,
                aggregate.number,
                aggregate.requester_address,
            ),
            "tags": list(aggregate.tags),
            "fields": list(aggregate.custom_fields),
            "values": [_text(value) for value in aggregate.custom_fields.values()],
        }
        changed = {name for one in aggregate.noted for name in one.changes}
        if new or changed & {"subject", "requester_address"}:
            self._kept(_TERMS, {**about, "terms": found_by["terms"]}, new=new)
        if (new and aggregate.tags) or "tags" in changed:
            self._kept(_TAGS, {**about, "tags": found_by["tags"]}, new=new)
        if (new and aggregate.custom_fields) or any("." in name for name in changed):
            values = {"fields": found_by["fields"], "values": found_by["values"]}
            self._kept(_VALUES, {**about, **values}, new=new)
        if new:
            for key in aggregate.external_ids:
                self._tx.write(_KEEP_ID, {**about, "system": key.system, "external_id": key.id})
        self._note(aggregate)

    def _kept(
        self, statements: tuple[Statement, Statement], about: Mapping[str, Any], *, new: bool
    ) -> None:
        lost, kept = statements
        if not new:
            self._tx.write(lost, about)
        self._tx.write(kept, about)

    def _note(self, aggregate: Ticket) -> None:
        noted, aggregate.noted = aggregate.noted, []
        for one in noted:
            self._tx.write(_NOTED, self._entry(aggregate.id, one))

    def _entry(self, ticket_id: UUID, noted: Noted) -> dict[str, Any]:
        what, _, cause = noted.what.partition(":")
        pairs = {name: list(pair) for name, pair in noted.changes.items()}
        texts = {name: pair for name, pair in pairs.items() if _may_hold_words(name)}
        changes = {name: pair for name, pair in pairs.items() if name not in texts}
        return {
            "tenant_id": self._tx.tenant_id,
            "id": self._tx.ids.new(),
            "ticket_id": ticket_id,
            "ticket_version": noted.version,
            "what": what,
            "cause": cause,
            "changes": json_text(changes),
            "texts": json_text(texts),
            "actor": self._tx.caller.actor,
            "at": noted.at,
        }


def ticket_of(row: Mapping[str, Any] | sa.RowMapping) -> Ticket:
    """The ticket that a row of the table stands for."""
    return Ticket(
        id=row["id"],
        version=row["version"],
        **{name: row[name] for name in _PLAIN},
        type=TicketType(row["type"]),
        priority=Priority(row["priority"]),
        status=Status(row["status"]),
        channel=Channel(row["channel"]),
        tags=tuple(row["tags"]),
        custom_fields=row["custom_fields"],
        external_ids=tuple(ExternalId(**one) for one in row["external_ids"]),
    )


def within_reach(reading: Reading | UnitOfWork, ticket_id: UUID) -> Ticket:
    """The ticket, to be looked at. Raises `NotFound` when absent or out of reach."""
    about = {"tenant_id": reading.caller.tenant_id, "id": ticket_id}
    row = reading.fetch_one(_ONE, about)
    if row is None or not reach.allows(reading, row):
        raise NotFound.of("ticket", ticket_id)
    return ticket_of(row)


def _may_hold_words(field: str) -> bool:
    """Whether a field may hold words by or about a person."""
    return field in ("subject", "requester_address") or field.startswith("custom_fields.")


def _text(value: object) -> str:
    """A value as the table of values has it, and as filters compare it."""
    return str(value).lower() if isinstance(value, bool) else str(value)[:500]


_ONE = Statement.of(
    sa.select(*(column for column in tickets.c if column.name != "tenant_id")).where(
        tickets.c.tenant_id == sa.bindparam("tenant_id"), tickets.c.id == sa.bindparam("id")
    )
)
_NEXT_NUMBER = Statement(
    "INSERT INTO ticket_counters (tenant_id, last) VALUES (%(tenant_id)s, 1)"
    " ON CONFLICT (tenant_id) DO UPDATE SET last = ticket_counters.last + 1 RETURNING last"
)
_BY_EXTERNAL_ID = Statement(
    "SELECT ticket_id FROM ticket_external_ids"
    " WHERE tenant_id = %(tenant_id)s AND system = %(system)s AND id = %(id)s"
)
_KEEP_ID = Statement(
    "INSERT INTO ticket_external_ids (tenant_id, ticket_id, system, id)"
    " VALUES (%(tenant_id)s, %(ticket_id)s, %(system)s, %(external_id)s)"
)
_OF_TICKET = "WHERE tenant_id = %(tenant_id)s AND ticket_id = %(ticket_id)s"
_TERMS = (
    Statement(f"DELETE FROM ticket_terms {_OF_TICKET} AND NOT term = ANY(%(terms)s::text[])"),  # noqa: S608 - our own text
    Statement(
        "INSERT INTO ticket_terms (tenant_id, term, ticket_id)"
        " SELECT %(tenant_id)s, t.term, %(ticket_id)s FROM unnest(%(terms)s::text[]) AS t (term)"
        " ON CONFLICT DO NOTHING"
    ),
)
_TAGS = (
    Statement(f"DELETE FROM ticket_tags {_OF_TICKET} AND NOT tag = ANY(%(tags)s::text[])"),  # noqa: S608 - our own text
    Statement(
        "INSERT INTO ticket_tags (tenant_id, tag, ticket_id)"
        " SELECT %(tenant_id)s, t.tag, %(ticket_id)s FROM unnest(%(tags)s::text[]) AS t (tag)"
        " ON CONFLICT DO NOTHING"
    ),
)
_VALUES = (
    Statement(f"DELETE FROM ticket_values {_OF_TICKET}"),  # noqa: S608 - our own text
    Statement(
        "INSERT INTO ticket_values (tenant_id, key, value, ticket_id)"
        " SELECT %(tenant_id)s, v.key, v.value, %(ticket_id)s"
        " FROM unnest(%(fields)s::text[], %(values)s::text[]) AS v (key, value)"
        " ON CONFLICT DO NOTHING"
    ),
)
_NOTED = Statement(
    "INSERT INTO ticket_changes (tenant_id, id, version, ticket_id, ticket_version, what, cause,"
    " changes, texts, actor, at) VALUES (%(tenant_id)s, %(id)s, 1, %(ticket_id)s,"
    " %(ticket_version)s, %(what)s, %(cause)s, %(changes)s, %(texts)s, %(actor)s, %(at)s)"
)
