"""What providers and mail servers tell later: arrived, did not arrive, bounced, unwanted (NO-6)."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from notifications.delivery.concluding import suppress_address
from notifications.messages.domain import Message
from notifications.providers.port import Report
from notifications.suppressions.domain import SuppressionReason
from notifications.transaction import NotificationsTx


def note_reports(tx: NotificationsTx, provider_id: UUID, reports: Sequence[Report]) -> int:
    """Note what a provider tells of its messages; gives how many were known."""
    known = 0
    for report in reports:
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
