"""What desk does when something happened elsewhere, or in itself."""

from __future__ import annotations

from chassis.access.leaders import follow_leaders
from chassis.access.reactions import access_reactions
from chassis.events.reactions import Envelope, Reactions, Subscription
from desk.article_results.reactions import follow_solutions
from desk.asset_orders.reactions import follow_orders
from desk.automating_reactions import automate
from desk.clocks.reactions import look_after_clocks
from desk.colleagues.reactions import follow_colleagues
from desk.entitlement_orders.reactions import follow_subscriptions
from desk.outbound_mail.reactions import follow_mails, mail_replies
from desk.people.reactions import follow_people
from desk.routing.reactions import follow_tickets, follow_users
from desk.service_levels.operations import give_first_service_level
from desk.survey_requests.reactions import follow_survey_messages
from desk.surveying_reactions import follow_own
from desk.tenant_days.zones import follow_time_zone
from desk.transaction import DeskTx
from rapport.identity.events.v1 import access_events_pb2, tenant_events_pb2
from rapport.identity.events.v1.access_events_pb2 import TeamPlaced, TeamRemoved
from rapport.identity.events.v1.tenant_events_pb2 import TenantCreated


def on_tenant_created(tx: DeskTx, _fact: TenantCreated, _envelope: Envelope) -> None:
    """Have the tenant start with what most need; it is the tenant's own to change."""
    give_first_service_level(tx)


def _to_identity() -> Reactions:
    reactions = access_reactions(access_events_pb2, tenant_events_pb2)
    reactions.on(TenantCreated, on_tenant_created)
    follow_leaders(follow_colleagues(reactions), TeamPlaced, TeamRemoved)
    return follow_time_zone(follow_users(reactions))


def _to_contacts() -> Reactions:
    return follow_people(Reactions())


def _to_sales() -> Reactions:
    return follow_subscriptions(follow_orders(Reactions()))


def _to_desk() -> Reactions:
    return mail_replies(
        follow_tickets(look_after_clocks(follow_solutions(follow_own(automate(Reactions())))))
    )


def _to_notifications() -> Reactions:
    return follow_survey_messages(follow_mails(Reactions()))


SUBSCRIPTIONS = (
    Subscription("identity", _to_identity()),
    Subscription("contacts", _to_contacts()),
    Subscription("sales", _to_sales()),
    Subscription("desk", _to_desk()),
    Subscription("notifications", _to_notifications()),
)
