"""Puts together what rules need besides the facts: who holds which permission, and the first rules."""

from __future__ import annotations

from chassis.service import Service
from chassis.work.periodic import PeriodicWork
from notifications.rules.giving import giving_work
from notifications.rules.holders import PermissionHolders
from notifications.rules.telling import HolderTeller
from notifications.signals import Signals
from notifications.transaction import NotificationsTx


def wire_rules(
    service: Service[NotificationsTx], signals: Signals, holders: PermissionHolders
) -> list[PeriodicWork]:
    """Have holders of permissions told, at work; gives the work that is done every so often."""
    name, operations = service.description.name, service.operations
    teller = HolderTeller(service.database, operations, holders, name, service.clock)
    signals.when_holders_are_to_be_told(teller.wake)
    service.at_work(teller)
    return [giving_work(service.database, operations, name)]
