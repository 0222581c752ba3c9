"""Agents over REST."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from desk.agents import operations, queries
from desk.agents.domain import Agent, Standing
from desk.agents.models import (
    AgentIn,
    AgentOut,
    AgentPatch,
    AgentStatusIn,
    changed,
    profile_in,
    standing_in,
)
from desk.transaction import DeskTx

READ = "desk.agents.read"
WRITE = "desk.agents.write"
SET_STATUS = "desk.agent_status.write"

agents = Routes("/v1/desk/agents", tag="routing")


@agents.get("", permission=READ, listing=queries.AGENTS, returns=AgentOut)
def list_agents(call: Call[DeskTx], listing: Listing) -> Reply:
    """List agents with how many tickets they have on their hands."""
    return Reply(call.read(queries.list_agents, listing))


@agents.post("", permission=WRITE, body=AgentIn, returns=AgentOut, status=201, problems=(409,))
def add_agent(call: Call[DeskTx], body: AgentIn) -> Response:
    """Have a user take care of tickets."""

    def reply(tx: DeskTx, agent: Agent) -> Reply:
        shown = queries.get_agent(tx, agent.id)
        return Reply.created(f"{agents.prefix}/{agent.id}", shown, agent.version)

    return call.run(
        lambda tx: operations.add_agent(tx, body.user_id, profile_in(body), Standing(body.status)),
        reply,
    )


@agents.get("/<uuid:agent_id>", permission=READ, returns=AgentOut)
def get_agent(call: Call[DeskTx], agent_id: UUID) -> Reply:
    """Get an agent, by the id of the user."""
    agent = call.read(queries.get_agent, agent_id)
    return Reply(agent, version=agent["version"])


@agents.patch("/<uuid:agent_id>", permission=WRITE, body=AgentPatch, returns=AgentOut)
def change_agent(call: Call[DeskTx], body: AgentPatch, agent_id: UUID) -> Response:
    """Change what an agent can do, serves or has room for; tickets stay with whom they are."""
    return call.run(
        lambda tx: operations.change_agent(tx, agent_id, lambda old: changed(old, body)), _shown
    )


@agents.put(
    "/<uuid:agent_id>/status",
    permission=SET_STATUS,
    body=AgentStatusIn,
    returns=AgentOut,
    conditional=True,
    problems=(409,),
)
def set_agent_status(call: Call[DeskTx], body: AgentStatusIn, agent_id: UUID) -> Response:
    """Take new tickets, or none for a while; with reach `own`, one's own status alone."""
    return call.run(lambda tx: operations.set_agent_status(tx, agent_id, standing_in(body)), _shown)


@agents.delete("/<uuid:agent_id>", permission=WRITE)
def archive_agent(call: Call[DeskTx], agent_id: UUID) -> Response:
    """Have a user take care of no more tickets; those that are theirs find others."""
    return call.run(
        lambda tx: operations.archive_agent(tx, agent_id), lambda _tx, _agent: Reply.nothing()
    )


@agents.post("/<uuid:agent_id>/restore", permission=WRITE, returns=AgentOut)
def restore_agent(call: Call[DeskTx], agent_id: UUID) -> Response:
    """Have an archived agent take care of tickets again, offline at first."""
    return call.run(lambda tx: operations.restore_agent(tx, agent_id), _shown)


def _shown(tx: DeskTx, agent: Agent) -> Reply:
    return Reply(queries.get_agent(tx, agent.id), version=agent.version)
