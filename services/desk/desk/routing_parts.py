"""Wires where tickets wait, who takes care of them, and how the ones find the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from chassis.domain import Conflict
from chassis.http.routes import Routes
from chassis.service import Service
from chassis.work.timers import Timer
from desk.agent_absences.api import agent_absences
from desk.agent_absences.operations import ABSENCE, absence_has_come
from desk.agents.api import agents
from desk.agents.operations import AGENT_EXISTS, AGENT_STATUS, status_time_is_up
from desk.peers import Others
from desk.queues.api import queues
from desk.queues.operations import KEY_TAKEN
from desk.routing.api import pulling, routing_of_tickets, routing_previews
from desk.routing.customers import CustomerAsker
from desk.routing.due import LEAVER, QUEUE_REFILL, REFILL, agents_may_have_more
from desk.routing.handing_out import agent_may_have_more
from desk.routing.parting import tickets_need_others
from desk.routing.router import Router
from desk.routing_rules.api import routing_rules
from desk.routing_settings.api import routing_settings
from desk.transaction import DeskTx

ROUTING_ROUTES: Sequence[Routes] = (
    queues,
    agents,
    agent_absences,
    routing_rules,
    routing_settings,
    routing_of_tickets,
    routing_previews,
    pulling,
)
ROUTING_TIMERS: Mapping[str, Callable[[DeskTx, Timer], object]] = {
    AGENT_STATUS: status_time_is_up,
    ABSENCE: absence_has_come,
    REFILL: agent_may_have_more,
    QUEUE_REFILL: agents_may_have_more,
    LEAVER: tickets_need_others,
}
ROUTING_CONFLICTS: Mapping[str, Conflict] = {
    "queues_key_unique": KEY_TAKEN,
    "agents_pkey": AGENT_EXISTS,
}


def ticket_router(service: Service[DeskTx], asked: Others, name: str) -> Router:
    """What routes new tickets, and those that need somebody else."""
    asker = CustomerAsker(asked.memberships, asked.owners)
    return Router(service.database, service.operations, asker, name, service.clock)
