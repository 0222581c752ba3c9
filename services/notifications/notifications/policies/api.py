"""Delivery policies over REST: quiet hours, caps and tracking, as data."""

from __future__ import annotations

from datetime import datetime, time
from typing import Annotated, Any
from uuid import UUID

from flask import Response
from pydantic import BaseModel, Field

from chassis.http.body import Body
from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from notifications.policies import operations, queries
from notifications.policies.domain import Cap, DeliveryPolicy, QuietHours, Rules, WhenCapped
from notifications.policies.storage import rules_shown
from notifications.transaction import NotificationsTx

READ = "notifications.policies.read"
WRITE = "notifications.policies.write"

policies = Routes("/v1/notifications/policies", tag="policies")


class QuietHoursIn(Body):
    """From `start` until `end` on the recipient's clock, over midnight if need be."""

    start: time
    end: time


class CapIn(Body):
    """At most so many messages to a person, for one purpose on one channel, in so many hours."""

    messages: Annotated[int, Field(ge=1, le=1000)]
    hours: Annotated[int, Field(ge=1, le=24 * 90)]


class RulesIn(Body):
    """What holds. Transactional messages keep to quiet hours and caps only if told so."""

    quiet_hours: QuietHoursIn | None = None
    caps: Annotated[tuple[CapIn, ...], Field(max_length=5)] = ()
    when_capped: WhenCapped = WhenCapped.HOLD_BACK
    transactional_too: bool = False
    time_zone: Annotated[str, Field(min_length=1, max_length=60)] = "UTC"
    track_opens: bool = False
    track_clicks: bool = False


class PolicyIn(Body):
    """Rules for a channel and a purpose; empty is any. The closest policy holds alone."""

    channel: Annotated[str, Field(max_length=30, pattern=r"^([a-z][a-z0-9_]*)?$")] = ""
    purpose: Annotated[str, Field(max_length=100)] = ""
    rules: RulesIn


class PolicyChange(Body):
    """Other rules, as a whole."""

    rules: RulesIn


class QuietHoursOut(BaseModel):
    """Hours and minutes on the recipient's clock, such as `21:30`."""

    start: str
    end: str


class RulesOut(BaseModel):
    """What holds, with all that was not said."""

    quiet_hours: QuietHoursOut | None
    caps: list[CapIn]
    when_capped: WhenCapped
    transactional_too: bool
    time_zone: str
    track_opens: bool
    track_clicks: bool


class PolicyOut(BaseModel):
    """A delivery policy."""

    id: UUID
    version: int
    channel: str
    purpose: str
    rules: RulesOut
    created_at: datetime
    updated_at: datetime


@policies.get("", permission=READ, listing=queries.POLICIES, returns=PolicyOut)
def list_policies(call: Call[NotificationsTx], listing: Listing) -> Reply:
    """List delivery policies."""
    return Reply(call.read(queries.list_policies, listing))


@policies.post("", permission=WRITE, body=PolicyIn, returns=PolicyOut, status=201, problems=(409,))
def define_policy(call: Call[NotificationsTx], body: PolicyIn) -> Response:
    """Make a delivery policy; there is one at most for a channel and a purpose."""
    rules = _rules(body.rules)

    def reply(_tx: NotificationsTx, policy: DeliveryPolicy) -> Reply:
        return Reply.created(f"{policies.prefix}/{policy.id}", _shown(policy), policy.version)

    return call.run(
        lambda tx: operations.define_policy(tx, body.channel, body.purpose, rules), reply
    )


@policies.get("/<uuid:policy_id>", permission=READ, returns=PolicyOut)
def get_policy(call: Call[NotificationsTx], policy_id: UUID) -> Reply:
    """Get a delivery policy."""
    policy = call.read(queries.get_policy, policy_id)
    return Reply(policy, version=policy["version"])


@policies.put(
    "/<uuid:policy_id>", permission=WRITE, body=PolicyChange, returns=PolicyOut, conditional=True
)
def redefine_policy(call: Call[NotificationsTx], body: PolicyChange, policy_id: UUID) -> Response:
    """Give a delivery policy other rules."""
    rules = _rules(body.rules)
    return call.run(
        lambda tx: operations.redefine_policy(tx, policy_id, rules),
        lambda _tx, policy: Reply(_shown(policy), version=policy.version),
    )


@policies.delete("/<uuid:policy_id>", permission=WRITE)
def remove_policy(call: Call[NotificationsTx], policy_id: UUID) -> Response:
    """Remove a delivery policy: what was less close holds again."""
    return call.run(
        lambda tx: operations.remove_policy(tx, policy_id), lambda _tx, _nothing: Reply.nothing()
    )


def _rules(body: RulesIn) -> Rules:
    hours = body.quiet_hours
    return Rules(
        None if hours is None else QuietHours(_minutes(hours.start), _minutes(hours.end)),
        tuple(Cap(cap.messages, cap.hours) for cap in body.caps),
        body.when_capped,
        body.transactional_too,
        body.time_zone,
        body.track_opens,
        body.track_clicks,
    )


def _minutes(given: time) -> time:
    """A time of day, to the minute and without a zone: it is the recipient's."""
    return time(given.hour, given.minute)


def _shown(policy: DeliveryPolicy) -> dict[str, Any]:
    return {
        "id": policy.id,
        "version": policy.version,
        "channel": policy.channel,
        "purpose": policy.purpose,
        "rules": rules_shown(policy.rules),
        "created_at": policy.created_at,
        "updated_at": policy.updated_at,
    }
