"""What providers and mail servers tell later: arrived, did not arrive, bounced, unwanted (NO-6)."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID, uuid5

from chassis.events.inbox import receive
from notifications.delivery.concluding import suppress_address
from notifications.messages.domain import Message
from notifications.providers.port import AddressReport, Report
from notifications.providers.presence import is_latest
from notifications.suppressions.domain import Scope, SuppressionReason, Whom, hint_of
from notifications.suppressions.operations import lift_suppression, suppress
from notifications.transaction import NotificationsTx

_EVENTS = "provider-events"
"""Under which name the inbox keeps which reports of providers were had."""


def note_reports(
    tx: NotificationsTx,
    provider_id: UUID,
    channel: str,
    reports: Sequence[Report | AddressReport],
) -> int:
    """Note what a provider tells of its messages and addresses; gives how many were known."""
    known = 0
    for report in reports:
        if isinstance(report, AddressReport):
            known += note_address(tx, provider_id, channel, report)
            continue
        message = tx.messages.referred_to(provider_id, report.reference)
        if message is not None:
            note_report(tx, message, report)
            known += 1
    return known


def note_report(tx: NotificationsTx, message: Message, report: Report) -> None:
    """Note what is told of a message; what is known already, or too late, changes nothing."""
    now = tx.clock.now()
    match report.status:
        case "delivered":
            message.delivered(now)
        case "undelivered":
            message.undelivered(report.detail, now)
        case "bounced":
            message.bounced(report.detail, now, permanent=report.permanent)
            if report.permanent:
                suppress_address(tx, message, SuppressionReason.BOUNCED)
        case "complained":
            message.complained(now)
            suppress_address(tx, message, SuppressionReason.COMPLAINED)


def note_address(
    tx: NotificationsTx, provider_id: UUID, channel: str, report: AddressReport
) -> bool:
    """Send nothing more to an address where nobody is any more, or send there again.

    The latest message that went there counts as bounced, and its address as restored when somebody
    is there again: by which contacts learns of both. Gives whether the report was news: each has one
    effect, and none when something later is known of the address already.
    """
    if tx.tenant_id is None:
        raise AssertionError("providers are a tenant's")
    key = (_EVENTS, str(uuid5(provider_id, report.event_id)))
    if not receive(tx.connection, tx.tenant_id, [key], tx.clock.now()):
        return False
    fingerprint = tx.secrecy.fingerprints.of(channel, report.address)
    if not is_latest(tx, channel, fingerprint, report.happened_at):
        return False
    message = tx.messages.latest_to(channel, fingerprint)
    if report.reachable:
        for known in tx.suppressions.of(None, fingerprint, channel):
            if known.reason is SuppressionReason.BOUNCED:
                lift_suppression(tx, known.id)
        if message is not None:
            message.address_restored(tx.clock.now())
        return True
    if message is not None:
        message.bounced(report.detail, tx.clock.now(), permanent=True)
    whom = Whom(None, fingerprint, hint_of(report.address), message.id if message else None)
    suppress(tx, Scope(channel, "", everything=True), whom, SuppressionReason.BOUNCED)
    return True
