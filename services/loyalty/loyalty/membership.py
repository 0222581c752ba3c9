"""Wires who belongs to what: programs, members, and what is known of their people."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from chassis.http.routes import Routes
from chassis.rpc.server import RpcServer
from chassis.service import Service
from chassis.work.jobs import JobHandler
from chassis.work.timers import Timer
from loyalty.hearing import PROFILE_HEARERS
from loyalty.members.api import members
from loyalty.personal_data import PERSONAL_DATA
from loyalty.profiles.api import profiles
from loyalty.profiles.domain import People
from loyalty.profiles.refreshing import ProfileRefresher
from loyalty.programs.api import programs
from loyalty.rpc import LOYALTY_SERVICE
from loyalty.settings import LoyaltySettings
from loyalty.tier_standings.api import tier_standings
from loyalty.tier_standings.operations import TIER_REVIEW, recount_is_due, review_is_due
from loyalty.tier_standings.preview_jobs import preview_jobs
from loyalty.tiers.api import tiers
from loyalty.tiers.operations import TIER_RECOUNT
from loyalty.transaction import LoyaltyTx

MEMBERSHIP_ROUTES: Sequence[Routes] = (programs, members, profiles, tiers, tier_standings)
MEMBERSHIP_TIMERS: Mapping[str, Callable[[LoyaltyTx, Timer], object]] = {
    TIER_REVIEW: review_is_due,
    TIER_RECOUNT: recount_is_due,
}


def profile_refresher(service: Service[LoyaltyTx], people: People, name: str) -> ProfileRefresher:
    """What asks about people who became members or have changed."""
    return ProfileRefresher(
        service.database, service.operations, people, name, service.clock, PROFILE_HEARERS
    )


def rpc_server(service: Service[LoyaltyTx], settings: LoyaltySettings) -> RpcServer:
    """What answers other services."""
    return RpcServer(
        settings,
        service.authenticator,
        service.operations,
        [LOYALTY_SERVICE, PERSONAL_DATA],
        is_ready=service.database.is_reachable,
    )


def membership_jobs(service: Service[LoyaltyTx]) -> Mapping[str, JobHandler]:
    """The jobs of tiers."""
    return preview_jobs(service.operations)
