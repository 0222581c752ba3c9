"""The one place where the parts of loyalty are wired together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from chassis.access.directory import AccessSource
from chassis.access.tokens import KeySource
from chassis.domain import Clock, Conflict
from chassis.service import Service
from chassis.work.job_runner import JobRunner
from chassis.work.jobs_api import job_routes
from chassis.work.periodic import PeriodicRunner
from chassis.work.pruning import pruning
from chassis.work.timers import Timer, TimerRunner
from loyalty.description import DESCRIPTION
from loyalty.facts import ENCODER
from loyalty.gaining import GAINING_ROUTES, gaining_jobs
from loyalty.inviting import (
    INVITING_CONFLICTS,
    INVITING_TIMERS,
    inviting_pages,
    inviting_routes,
)
from loyalty.ledger.verification import verification
from loyalty.membership import (
    MEMBERSHIP_ROUTES,
    MEMBERSHIP_TIMERS,
    membership_jobs,
    profile_refresher,
    rpc_server,
)
from loyalty.peers import contacts_people, identity_access
from loyalty.points import POINTS_ROUTES, POINTS_TIMERS
from loyalty.profiles.domain import People
from loyalty.reactions import SUBSCRIPTIONS
from loyalty.retaining import RETAINING_ROUTES, RETAINING_TIMERS
from loyalty.rewarding import REWARDING_TIMERS, rewarding_jobs, rewarding_routes
from loyalty.secrecy import Secrecy
from loyalty.settings import LoyaltySettings
from loyalty.transaction import LoyaltyTx

CONFLICTS = {
    "coupons_code_once": Conflict("Another coupon has this code.", code="coupon_code_taken"),
    **INVITING_CONFLICTS,
    "programs_key_unique": Conflict(
        "There is a program with this key already.", code="program_exists"
    ),
    "members_number_unique": Conflict(
        "Another member has this number.", code="member_number_taken"
    ),
    "member_external_ids_unique": Conflict(
        "Another member has one of these external ids.", code="member_external_id_taken"
    ),
}


def build(
    settings: LoyaltySettings,
    *,
    clock: Clock | None = None,
    keys: KeySource | None = None,
    access: AccessSource | None = None,
    people: People | None = None,
) -> Service[LoyaltyTx]:
    """Loyalty, ready to be started; tests hand in the time, who signs tokens and whom it asks."""
    secrecy = Secrecy(settings)
    service = Service(
        DESCRIPTION,
        settings,
        partial(LoyaltyTx, secrecy=secrecy),
        facts=ENCODER,
        access=lambda _database: access or identity_access(settings, DESCRIPTION.name),
        conflicts=CONFLICTS,
        clock=clock,
        keys=keys,
    )
    service.serve(*MEMBERSHIP_ROUTES)
    service.serve(*POINTS_ROUTES)
    service.serve(*GAINING_ROUTES)
    service.serve(*RETAINING_ROUTES)
    service.serve(*rewarding_routes(service, settings, secrecy), job_routes(DESCRIPTION.name))
    service.serve(*inviting_routes(service))
    service.http.add_pages(inviting_pages(service))
    service.beside_requests(rpc_server(service, settings))
    service.react(*SUBSCRIPTIONS)
    works = [*pruning(service.database, service.clock), verification(service)]
    service.at_work(timer_runner(service))
    people = people or contacts_people(settings, DESCRIPTION.name, service.clock)
    service.at_work(profile_refresher(service, people, DESCRIPTION.name))
    jobs = {**rewarding_jobs(service), **gaining_jobs(service), **membership_jobs(service)}
    service.at_work(JobRunner(service.database, DESCRIPTION.name, jobs, service.clock))
    service.at_work(PeriodicRunner(service.database, works, service.clock))
    return service


def timer_runner(service: Service[LoyaltyTx]) -> TimerRunner[LoyaltyTx]:
    """What fires when its time has come."""
    timers: Mapping[str, Callable[[LoyaltyTx, Timer], object]] = {
        **MEMBERSHIP_TIMERS,
        **POINTS_TIMERS,
        **RETAINING_TIMERS,
        **INVITING_TIMERS,
        **REWARDING_TIMERS,
    }
    return TimerRunner(
        service.database, service.operations, DESCRIPTION.name, timers, service.clock
    )
