"""What sales does when something happened elsewhere."""

from __future__ import annotations

from uuid import UUID

from chassis.access.leaders import follow_leaders
from chassis.access.reactions import access_reactions
from chassis.events.reactions import Envelope, Reactions, Subscription
from rapport.identity.events.v1 import access_events_pb2, tenant_events_pb2
from rapport.identity.events.v1.access_events_pb2 import TeamPlaced, TeamRemoved
from rapport.identity.events.v1.tenant_events_pb2 import TenantChanged, TenantCreated
from rapport.identity.events.v1.user_events_pb2 import UserDeactivated
from sales.analytics.reactions import count_by_facts
from sales.colleagues.reactions import follow_colleagues
from sales.companies.reactions import follow_companies
from sales.forecast_snapshots.operations import give_first_forecast_settings
from sales.lead_assignments.operations import user_has_left
from sales.people.reactions import follow_people
from sales.pipelines.operations import give_first_pipeline
from sales.qualification_frameworks.operations import give_bant
from sales.reasons.operations import give_first_reasons
from sales.subscription_settings.operations import on_time_zone_told
from sales.transaction import SalesTx


def on_tenant_created(tx: SalesTx, _fact: TenantCreated, _envelope: Envelope) -> None:
    """Have the tenant start with what most need; it is the tenant's own to change."""
    give_first_reasons(tx)
    give_first_pipeline(tx)
    give_bant(tx)
    give_first_forecast_settings(tx)


def on_user_deactivated(tx: SalesTx, fact: UserDeactivated, _envelope: Envelope) -> None:
    """Have the open leads of somebody who has left find other owners."""
    user_has_left(tx, UUID(fact.user_id))


def _to_identity() -> Reactions:
    reactions = access_reactions(access_events_pb2, tenant_events_pb2)
    reactions.on(TenantCreated, on_tenant_created)
    reactions.on(UserDeactivated, on_user_deactivated)
    reactions.on(TenantCreated, on_time_zone_told)
    reactions.on(TenantChanged, on_time_zone_told)
    return follow_leaders(follow_colleagues(reactions), TeamPlaced, TeamRemoved)


SUBSCRIPTIONS = (
    Subscription("identity", _to_identity()),
    Subscription("contacts", follow_companies(follow_people(Reactions()))),
    Subscription("sales", count_by_facts(Reactions())),
)
