"""Absences of agents over REST."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from desk.agent_absences import operations, queries
from desk.agent_absences.domain import AgentAbsence
from desk.agent_absences.models import AgentAbsenceIn, AgentAbsenceOut, shown
from desk.transaction import DeskTx

READ = "desk.agent_absences.read"
WRITE = "desk.agent_absences.write"

agent_absences = Routes("/v1/desk/agent-absences", tag="routing")


@agent_absences.get("", permission=READ, listing=queries.AGENT_ABSENCES, returns=AgentAbsenceOut)
def list_agent_absences(call: Call[DeskTx], listing: Listing) -> Reply:
    """List absences, by when they begin."""
    return Reply(call.read(queries.list_absences, listing))


@agent_absences.post(
    "",
    permission=WRITE,
    body=AgentAbsenceIn,
    returns=AgentAbsenceOut,
    status=201,
    problems=(409,),
)
def enter_agent_absence(call: Call[DeskTx], body: AgentAbsenceIn) -> Response:
    """Have nothing handed to an agent for a time; when it begins, others go on with their tickets."""

    def reply(_tx: DeskTx, absence: AgentAbsence) -> Reply:
        path = f"{agent_absences.prefix}/{absence.id}"
        return Reply.created(path, shown(absence), absence.version)

    return call.run(
        lambda tx: operations.enter_absence(
            tx, body.agent_id, body.begins_at, body.ends_at, body.reason
        ),
        reply,
    )


@agent_absences.get("/<uuid:agent_absence_id>", permission=READ, returns=AgentAbsenceOut)
def get_agent_absence(call: Call[DeskTx], agent_absence_id: UUID) -> Reply:
    """Get an absence."""
    absence = call.read(queries.get_absence, agent_absence_id)
    return Reply(absence, version=absence["version"])


@agent_absences.delete("/<uuid:agent_absence_id>", permission=WRITE)
def remove_agent_absence(call: Call[DeskTx], agent_absence_id: UUID) -> Response:
    """Take an absence back; tickets that others have by then stay theirs."""
    return call.run(
        lambda tx: operations.remove_absence(tx, agent_absence_id),
        lambda _tx, _absence: Reply.nothing(),
    )
