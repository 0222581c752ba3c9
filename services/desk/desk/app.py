"""The one place where the parts of desk are wired together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from chassis.access.directory import AccessSource
from chassis.access.leaders_asking import LeadersAsking
from chassis.access.tokens import KeySource
from chassis.domain import Clock, Conflict
from chassis.service import Service
from chassis.work.job_runner import JobRunner
from chassis.work.periodic import PeriodicRunner
from chassis.work.pruning import pruning
from chassis.work.timers import Timer, TimerRunner
from desk.agent_view.api import agent_view_routes
from desk.automating import AUTOMATING_ROUTES, AUTOMATING_TIMERS, firing_pruning
from desk.description import DESCRIPTION
from desk.facts import ENCODER
from desk.knowing import KNOWING_CONFLICTS, KNOWING_TIMERS, knowing_pages, knowing_routes
from desk.mailing import MAILING_CONFLICTS, Mailing
from desk.peers import Others, customers, identity_access, others
from desk.promising import PROMISING_ROUTES, PROMISING_TIMERS
from desk.reactions import SUBSCRIPTIONS
from desk.routing.lag import routing_lag
from desk.routing_parts import (
    ROUTING_CONFLICTS,
    ROUTING_ROUTES,
    ROUTING_TIMERS,
    ticket_router,
)
from desk.secrecy import Secrecy
from desk.settings import DeskSettings
from desk.surveying import (
    SURVEYING_CONFLICTS,
    SURVEYING_ROUTES,
    SURVEYING_TIMERS,
    surveying_pages,
)
from desk.ticketing import (
    TICKETING_CONFLICTS,
    TICKETING_ROUTES,
    TICKETING_TIMERS,
    requester_asking,
    rpc_server,
    ticketing_jobs,
    ticketing_pages,
)
from desk.transaction import DeskTx

CONFLICTS: dict[str, Conflict] = {
    **TICKETING_CONFLICTS,
    **KNOWING_CONFLICTS,
    **MAILING_CONFLICTS,
    **ROUTING_CONFLICTS,
    **SURVEYING_CONFLICTS,
}


def build(
    settings: DeskSettings,
    *,
    clock: Clock | None = None,
    keys: KeySource | None = None,
    access: AccessSource | None = None,
    asked: Others | None = None,
) -> Service[DeskTx]:
    """Desk, ready to be started; tests hand in the time, who signs tokens and whom it asks."""
    service = Service(
        DESCRIPTION,
        settings,
        partial(DeskTx, secrecy=Secrecy(settings)),
        facts=ENCODER,
        access=lambda _database: access or identity_access(settings, DESCRIPTION.name),
        conflicts=CONFLICTS,
        clock=clock,
        keys=keys,
    )
    service.serve(*TICKETING_ROUTES)
    service.serve(agent_view_routes(customers(settings, DESCRIPTION.name)))
    service.http.add_pages(ticketing_pages(service))
    service.serve(*knowing_routes(service, settings))
    for pages in knowing_pages(service, settings):
        service.http.add_pages(pages)
    mailing = Mailing(service, settings)
    service.beside_requests(rpc_server(service, settings, mailing.personal_data))
    service.serve(*mailing.routes())
    service.http.add_pages(*mailing.pages())
    service.serve(*PROMISING_ROUTES)
    service.serve(*ROUTING_ROUTES)
    service.serve(*AUTOMATING_ROUTES)
    service.serve(*SURVEYING_ROUTES)
    service.http.add_pages(*surveying_pages(service, settings))
    service.react(*SUBSCRIPTIONS)
    asked = asked or others(settings, DESCRIPTION.name)
    works = [*pruning(service.database, service.clock), *mailing.works()]
    works += firing_pruning(service.database, service.clock)
    works.append(routing_lag(service.database, service.clock))
    asking = (service.database, service.operations, asked.leads, DESCRIPTION.name)
    works.append(LeadersAsking(*asking).work())
    service.at_work(timer_runner(service))
    service.at_work(requester_asking(service, asked, DESCRIPTION.name))
    service.at_work(ticket_router(service, asked, DESCRIPTION.name))
    jobs = {**ticketing_jobs(service, asked, DESCRIPTION.name)}
    service.at_work(JobRunner(service.database, DESCRIPTION.name, jobs, service.clock))
    service.at_work(PeriodicRunner(service.database, works, service.clock))
    return service


def timer_runner(service: Service[DeskTx]) -> TimerRunner[DeskTx]:
    """What fires when its time has come."""
    timers: Mapping[str, Callable[[DeskTx, Timer], object]] = {
        **PROMISING_TIMERS,
        **TICKETING_TIMERS,
        **KNOWING_TIMERS,
        **ROUTING_TIMERS,
        **AUTOMATING_TIMERS,
        **SURVEYING_TIMERS,
    }
    return TimerRunner(
        service.database, service.operations, DESCRIPTION.name, timers, service.clock
    )
