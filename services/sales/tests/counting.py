"""Tells sales its own facts by hand: in any order, any number of times."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import psycopg

from chassis.context import service_caller
from chassis.events.reactions import Envelope, Reactions
from chassis.storage.scope import EVERYTHING
from chassis.testing.client import ApiClient
from chassis.testing.harness import TestDatabase
from sales.analytics.reactions import count_by_facts
from sales.transaction import SalesTx
from services.sales.tests.builders import Sales

REACTIONS = count_by_facts(Reactions())
RECOUNT = "/v1/sales/analytics/recount"


@dataclass(frozen=True)
class Said:
    """A fact as the outbox has it."""

    kind: str
    payload: bytes
    about: UUID
    version: int


def said(database: TestDatabase, tenant_id: UUID) -> list[Said]:
    """What sales has said of a tenant that analytics count by, in its order."""
    with psycopg.connect(database.admin_url) as connection:
        rows = connection.execute(
            "SELECT type, payload, aggregate_id, aggregate_version FROM outbox"
            " WHERE tenant_id = %s ORDER BY seq",
            [tenant_id],
        ).fetchall()
    return [Said(*row) for row in rows if REACTIONS.of(row[0]) is not None]


def tell(sales: Sales, tenant_id: UUID, facts: Iterable[Said]) -> None:
    """Have facts counted in this order, without asking whether they were counted before."""

    def react(tx: SalesTx) -> None:
        for fact in facts:
            reaction = REACTIONS.of(fact.kind)
            assert reaction is not None
            envelope = Envelope(
                id=tx.ids.new(),
                type=fact.kind,
                tenant_id=tenant_id,
                aggregate_id=fact.about,
                aggregate_version=fact.version,
                actor="service:sales",
                occurred_at=datetime.now(UTC),
                traceparent=None,
            )
            for _kind, handler in reaction.handlers:
                handler(tx, reaction.decode(fact.payload), envelope)

    caller = service_caller("sales", tenant_id)
    sales.service.operations.transact(caller, EVERYTHING, "react", react)


def tell_all(sales: Sales, database: TestDatabase, client: ApiClient) -> None:
    """Have all that was said of a tenant counted."""
    assert client.tenant_id is not None
    tell(sales, client.tenant_id, said(database, client.tenant_id))


def differing(client: ApiClient) -> dict[str, int]:
    """How many rows of which kind are counted otherwise than the records say."""
    answer = client.get(RECOUNT)
    assert answer.status_code == 200, answer.text
    return {one["kind"]: one["differing"] for one in answer.json["items"] if one["differing"]}


def forget_counts(database: TestDatabase, tenant_id: UUID) -> None:
    """Lose all that was counted of a tenant, as a restored backup may have."""
    with psycopg.connect(database.admin_url) as connection:
        for table in ("opportunities", "entries", "activities", "leads"):
            connection.execute(
                f"DELETE FROM counted_{table} WHERE tenant_id = %s",  # noqa: S608 - our own tables
                [tenant_id],
            )
