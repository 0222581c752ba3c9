"""What users and time do to service contracts; each function is one transaction, or part of one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from uuid import UUID

from chassis.domain import Invalid, NotFound
from chassis.work.timers import Timer
from desk.assets.domain import Owner
from desk.assets.operations import current_owner
from desk.entitlements.domain import (
    AllowanceKind,
    Entitlement,
    EntitlementStatus,
    EntitlementTerms,
    Use,
)
from desk.entitlements.timing import over_at, told_at, wait
from desk.tenant_days.zones import day_of, zone_of
from desk.tickets.storage import within_reach
from desk.transaction import DeskTx


def add_entitlement(
    tx: DeskTx,
    owner: Owner,
    terms: EntitlementTerms,
    *,
    service_sku: str = "",
    subscription_id: UUID | None = None,
) -> Entitlement:
    """Have a customer have a service contract. Raises `Invalid`."""
    now = tx.clock.now()
    entitlement = Entitlement(
        id=tx.ids.new(),
        owner=current_owner(tx, owner),
        terms=terms,
        term_starts_on=terms.starts_on,
        service_sku=service_sku,
        subscription_id=subscription_id,
        created_at=now,
        updated_at=now,
    )
    entitlement.add()
    tx.entitlements.add(entitlement)
    wait(tx, entitlement)
    return entitlement


def change_entitlement(
    tx: DeskTx, entitlement_id: UUID, change: Callable[[EntitlementTerms], EntitlementTerms]
) -> Entitlement:
    """Have a contract give something else. Raises `NotFound`, `Invalid`, `Conflict` once it has ended."""
    entitlement = tx.entitlements.get(entitlement_id)
    before = entitlement.terms
    entitlement.change(change(before), tx.clock.now())
    reckon_anew(tx, entitlement, before)
    wait(tx, entitlement)
    return entitlement


def end_entitlement(tx: DeskTx, entitlement_id: UUID) -> Entitlement:
    """Have a contract serve nobody any more. Raises `NotFound`."""
    entitlement = tx.entitlements.get(entitlement_id)
    entitlement.end("ended", tx.clock.now())
    wait(tx, entitlement)
    return entitlement


def reopen_entitlement(tx: DeskTx, entitlement_id: UUID, ends_on: date | None) -> Entitlement:
    """Have a contract that has ended serve again. Raises `NotFound`, `Invalid`, `Conflict`."""
    entitlement, now = tx.entitlements.get(entitlement_id), tx.clock.now()
    entitlement.reopen(ends_on, day_of(now, zone_of(tx)), now)
    wait(tx, entitlement)
    return entitlement


def use_entitlement(
    tx: DeskTx, entitlement_id: UUID, ticket_id: UUID, minutes: int | None
) -> Entitlement:
    """Have a ticket use a contract, once; `minutes` takes the place of what it used of them before.

    Of two tickets at once at the last of an allowance one gets it, since the contract is locked.
    Raises `NotFound`, `Invalid`, `Conflict`.
    """
    within_reach(tx, ticket_id)
    entitlement = tx.entitlements.get(entitlement_id)
    amount = _amount(entitlement, minutes)
    day = day_of(tx.clock.now(), zone_of(tx))
    known = tx.entitlements.use_of(entitlement_id, ticket_id)
    if known is not None and known.amount == amount:
        return entitlement
    if known is None:
        use = Use(ticket_id, amount, day, entitlement.period_of(day))
    else:
        use = replace(known, amount=amount)
    entitlement.use(use, tx.entitlements.used_by_others(entitlement_id, use), day)
    tx.entitlements.keep_use(entitlement_id, use)
    return entitlement


def withdraw_use(tx: DeskTx, entitlement_id: UUID, ticket_id: UUID) -> Entitlement:
    """Have a ticket use nothing of a contract any more. Raises `NotFound`."""
    within_reach(tx, ticket_id)
    entitlement = tx.entitlements.get(entitlement_id)
    known = tx.entitlements.use_of(entitlement_id, ticket_id)
    if known is None:
        raise NotFound.of("use by ticket", ticket_id)
    entitlement.withdraw(known)
    tx.entitlements.drop_use(entitlement_id, ticket_id)
    return entitlement


def reckon_anew(tx: DeskTx, entitlement: Entitlement, before: EntitlementTerms) -> None:
    """Have what was used count in the periods that its days are in now: else it would count nowhere."""
    if not entitlement.reckons_like(before):
        for day in tx.entitlements.days_of_use(entitlement.id):
            tx.entitlements.count_in(entitlement.id, day, entitlement.period_of(day))


def time_has_come(tx: DeskTx, timer: Timer) -> None:
    """Tell that a contract's end is near, or end it."""
    for entitlement in tx.entitlements.get_many([UUID(timer.key)]):
        if entitlement.status is EntitlementStatus.ENDED:
            return
        now, zone = tx.clock.now(), zone_of(tx)
        if now >= over_at(entitlement, zone):
            entitlement.end("expired", now)
        elif now >= told_at(entitlement, zone):
            entitlement.tell_of_end(day_of(now, zone))
        wait(tx, entitlement)


def _amount(entitlement: Entitlement, minutes: int | None) -> int:
    if entitlement.terms.allowance.kind is AllowanceKind.MINUTES:
        if minutes is None:
            message = "How many minutes the ticket uses is needed."
            raise Invalid.at("/minutes", "minutes_missing", message)
        return minutes
    if minutes is not None:
        message = "The contract does not count minutes."
        raise Invalid.at("/minutes", "minutes_not_counted", message)
    return 1
