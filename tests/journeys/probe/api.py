"""What the probe has noted, over REST."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.unit_of_work import Reading
from tests.journeys.probe.storage import noted

facts = Routes("/v1/probe/facts", tag="facts")


@facts.get("/<uuid:person_id>", permission="probe.facts.read")
def list_facts(call: Call[Any], person_id: UUID) -> Reply:
    """List what was said about a person, in the order of its ids."""
    return Reply({"items": call.read(_about, person_id)})


@facts.get("", permission="probe.facts.read")
def count_facts(call: Call[Any]) -> Reply:
    """Count everything that was said in this tenant."""
    return Reply({"count": call.read(_count)})


def _about(reading: Reading, person_id: UUID) -> list[dict[str, Any]]:
    statement = (
        sa.select(noted.c.type, noted.c.trace_id, noted.c.actor)
        .where(noted.c.tenant_id == reading.caller.tenant_id, noted.c.person_id == person_id)
        .order_by(noted.c.event_id)
    )
    return [dict(row) for row in reading.connection.execute(statement).mappings()]


def _count(reading: Reading) -> int:
    statement = sa.select(sa.func.count()).where(noted.c.tenant_id == reading.caller.tenant_id)
    return reading.connection.execute(statement).scalar_one()
