"""What loyalty does when something happened elsewhere."""

from __future__ import annotations

from chassis.access.reactions import access_reactions
from chassis.events.reactions import Reactions, Subscription
from loyalty.coupon_uses.reactions import follow_cancellations
from loyalty.earning.reactions import follow_referrals
from loyalty.happenings.own import OwnHappenings
from loyalty.happenings.reactions import Happenings
from loyalty.hearing import HEARERS
from loyalty.occasions.reactions import follow_occasions
from loyalty.people.reactions import follow_people
from loyalty.profiles.reactions import follow_profiles
from loyalty.referrals.reactions import follow_members, follow_merges
from loyalty.retention.operations import on_time_zone_told
from loyalty.tier_standings.hearing import follow_standings
from rapport.identity.events.v1 import access_events_pb2, tenant_events_pb2
from rapport.identity.events.v1.tenant_events_pb2 import TenantChanged, TenantCreated

_HAPPENINGS = Happenings(HEARERS)


def _to_identity() -> Reactions:
    reactions = access_reactions(access_events_pb2, tenant_events_pb2)
    reactions.on(TenantCreated, on_time_zone_told)
    reactions.on(TenantChanged, on_time_zone_told)
    return reactions


def _to_loyalty() -> Reactions:
    reactions = OwnHappenings(_HAPPENINGS).follow_loyalty(Reactions())
    return follow_referrals(follow_members(follow_standings(follow_occasions(reactions))))


SUBSCRIPTIONS = (
    Subscription("identity", _to_identity()),
    Subscription(
        "contacts",
        follow_merges(follow_profiles(follow_people(_HAPPENINGS.follow_contacts(Reactions())))),
    ),
    Subscription("sales", follow_cancellations(_HAPPENINGS.follow_sales(Reactions()))),
    Subscription("loyalty", _to_loyalty()),
    Subscription("desk", _HAPPENINGS.follow_desk(Reactions())),
)
