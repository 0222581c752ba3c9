"""Makes, changes and removes delivery policies; each function is one transaction."""

from __future__ import annotations

from uuid import UUID

from notifications.policies.domain import DeliveryPolicy, Rules
from notifications.transaction import NotificationsTx


def define_policy(tx: NotificationsTx, channel: str, purpose: str, rules: Rules) -> DeliveryPolicy:
    """Make a policy. `Conflict` when there is one for the channel and purpose."""
    policy = DeliveryPolicy.define(tx.ids.new(), channel, purpose, rules, tx.clock.now())
    tx.policies.add(policy)
    return policy


def redefine_policy(tx: NotificationsTx, policy_id: UUID, rules: Rules) -> DeliveryPolicy:
    """Give a policy other rules."""
    policy = tx.policies.get(policy_id)
    policy.redefine(rules, tx.clock.now())
    return policy


def remove_policy(tx: NotificationsTx, policy_id: UUID) -> None:
    """Remove a policy: what was less close holds again."""
    policy = tx.policies.get(policy_id)
    policy.remove()
    tx.policies.remove(policy)
