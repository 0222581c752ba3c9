"""Tells desk its own facts by hand, of what surveys, complaints and reports hear: in any order, any number of times."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from chassis.context import service_caller
from chassis.events.reactions import Envelope, Reactions
from chassis.storage.scope import EVERYTHING
from chassis.storage.tables import outbox
from chassis.testing.client import ApiClient
from desk.surveying_reactions import follow_own
from desk.transaction import DeskTx
from services.desk.tests.builders import Desk

REACTIONS = follow_own(Reactions())


@dataclass(frozen=True)
class Said:
    """A fact as the outbox has it."""

    seq: int
    kind: str
    payload: bytes
    about: UUID
    version: int
    at: datetime


def said(desk: Desk, client: ApiClient, after: int = 0) -> Sequence[Said]:
    """What desk has said of the client's tenant, in its order."""
    columns = outbox.c
    assert client.tenant_id is not None
    with desk.service.database.tenant_transaction(client.tenant_id) as connection:
        rows = connection.execute(
            sa.select(outbox)
            .where(columns.tenant_id == client.tenant_id, columns.seq > after)
            .order_by(columns.seq)
        ).all()
    found = [
        Said(
            row.seq,
            row.type,
            bytes(row.payload),
            row.aggregate_id,
            row.aggregate_version,
            row.occurred_at,
        )
        for row in rows
    ]
    return [one for one in found if REACTIONS.of(one.kind) is not None]


def tell(desk: Desk, client: ApiClient, facts: Iterable[Said]) -> None:
    """Have facts heard in this order, each in a transaction, whether or not they were before."""
    assert client.tenant_id is not None
    caller = service_caller("desk", client.tenant_id)
    for fact in facts:
        reaction = REACTIONS.of(fact.kind)
        assert reaction is not None
        content = reaction.decode(fact.payload)

        def react(tx: DeskTx, fact: Said = fact, content: object = content) -> None:
            about = Envelope(
                id=tx.ids.new(),
                type=fact.kind,
                tenant_id=tx.tenant_id,
                aggregate_id=fact.about,
                aggregate_version=fact.version,
                actor="service:desk",
                occurred_at=fact.at,
                traceparent=None,
            )
            heard = REACTIONS.of(fact.kind)
            for _kind, handler in [] if heard is None else heard.handlers:
                handler(tx, content, about)

        desk.service.operations.transact(caller, EVERYTHING, "react", react)


def tell_all(desk: Desk, client: ApiClient, after: int = 0) -> int:
    """Have all heard that was said after a place, and what that leads to; gives the last place."""
    while facts := said(desk, client, after):
        tell(desk, client, facts)
        after = facts[-1].seq
    return after


def twice(facts: Sequence[Said]) -> Sequence[Said]:
    """The same facts, each a second time."""
    return [replace(one) for one in facts for _ in range(2)]
