"""What identity does when something happened, here or elsewhere: it keeps the audit log."""

from __future__ import annotations

from chassis.events.reactions import Reactions, Subscription
from identity.audit.operations import keep_facts

AUDITED = (
    "contacts",
    "identity",
    "notifications",
    "sales",
    "loyalty",
    "desk",
)
"""The services whose every fact becomes an entry: all there are."""


def _audited(service: str) -> Subscription:
    reactions = Reactions()
    reactions.on_any(keep_facts)
    return Subscription(service, reactions)


SUBSCRIPTIONS = tuple(_audited(service) for service in AUDITED)
