"""Tells members beforehand that points expire, and does what is due; a member's timer is behind it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from chassis.domain import Fact, NotFound
from chassis.storage.statements import Statement
from chassis.work.timers import Timer
from loyalty.expiry.domain import last_day
from loyalty.ledger.book import Book
from loyalty.ledger.domain import Cause, Lot
from loyalty.ledger.due import catch_up, due_at, wake
from loyalty.messages.domain import MessageAsked, request_id_of
from loyalty.transaction import LoyaltyTx


@dataclass(frozen=True, slots=True)
class PointsExpiryAnnounced(Fact):
    """Points will have expired soon. `last_on` is the last day of the member's zone to spend them."""

    member_id: UUID
    program_id: UUID
    person_id: UUID | None
    points: int
    last_on: date
    expires_at: datetime
    notice_days: int


@dataclass(frozen=True, slots=True)
class Expiring:
    """Points that expire at one time, and since when the oldest of them are there."""

    expires_at: datetime
    points: int
    since: datetime


def points_are_due(tx: LoyaltyTx, timer: Timer) -> None:
    """Release and expire what is due, tell what is to be told, and set the timer for what comes next."""
    try:
        book = tx.ledger.open(UUID(timer.key), Cause("due", timer.key), follow=False)
    except NotFound:
        return
    book.wake_at = None
    lots = catch_up(tx, book)
    now, days = tx.clock.now(), book.policies.expiry.notice_days
    coming: list[datetime] = [at for lot in lots if (at := due_at(book, lot))]
    for expiring in _expiring(book, lots):
        _tell(tx, book, expiring)
        notices = (expiring.expires_at - timedelta(days=each) for each in days)
        coming += [at for at in notices if at > now]
        coming.append(expiring.expires_at)
    wake(tx, book, min(coming, default=None))


def _expiring(book: Book, lots: Iterable[Lot]) -> Sequence[Expiring]:
    """What expires, by time; pending points too, which count before they do."""
    found: dict[datetime, Expiring] = {}
    for lot in lots:
        at = lot.expires_at or book.idle_at
        points = lot.pending + max(0, lot.available)
        if at is not None and points:
            known = found.get(at, Expiring(at, 0, lot.earned_at))
            since = min(known.since, lot.earned_at)
            found[at] = Expiring(at, known.points + points, since)
    return [found[at] for at in sorted(found)]


def _tell(tx: LoyaltyTx, book: Book, expiring: Expiring) -> None:
    """Tell of points that expire on the days that the program names, on each once.

    When several of these days have gone by, just the last is made up for. Days from before the
    member had any of the points are none.
    """
    now, expiry = tx.clock.now(), book.policies.expiry
    passed = [
        days
        for days in sorted(expiry.notice_days)
        if expiring.since <= expiring.expires_at - timedelta(days=days) <= now
    ]
    fresh = [days for days in passed if _is_first(tx, book, expiring, days)]
    if not fresh or fresh[0] != passed[0]:
        return
    last_on = last_day(expiring.expires_at, book.zone)
    about = (book.member_id, book.program_id, book.person_id, expiring.points, last_on)
    told = PointsExpiryAnnounced(*about, expiring.expires_at, fresh[0])
    tx.publish(told, book.member_id, book.number)
    if expiry.notice_template and book.person_id is not None:
        message = MessageAsked(
            request_id_of(book.member_id, f"expiry:{expiring.expires_at.isoformat()}:{fresh[0]}"),
            book.person_id,
            expiry.notice_template,
            variables={"points": expiring.points, "last_on": last_on.isoformat()},
            expires_at=expiring.expires_at,
        )
        tx.publish(message, book.member_id)


def _is_first(tx: LoyaltyTx, book: Book, expiring: Expiring, days: int) -> bool:
    """Note that a notice was given; whether it was not before."""
    about = {
        "tenant_id": tx.tenant_id,
        "member_id": book.member_id,
        "expires_at": expiring.expires_at,
        "days": days,
        "points": expiring.points,
        "told_at": tx.clock.now(),
    }
    return tx.fetch_one(_NOTE, about) is not None


def notices_go_along(tx: LoyaltyTx, source_id: UUID, target_id: UUID) -> None:
    """Have a member to whom points come not be told again of what was told to whom they come from."""
    about = {"tenant_id": tx.tenant_id, "source_id": source_id, "target_id": target_id}
    tx.write(_GO_ALONG, {**about, "now": tx.clock.now()})


_GO_ALONG = Statement(
    "INSERT INTO expiry_notices (tenant_id, member_id, expires_at, days, points, told_at)"
    " SELECT tenant_id, %(target_id)s, expires_at, days, points, told_at FROM expiry_notices"
    " WHERE tenant_id = %(tenant_id)s AND member_id = %(source_id)s AND expires_at > %(now)s"
    " ON CONFLICT DO NOTHING"
)
_NOTE = Statement(
    "INSERT INTO expiry_notices (tenant_id, member_id, expires_at, days, points, told_at)"
    " VALUES (%(tenant_id)s, %(member_id)s, %(expires_at)s, %(days)s, %(points)s, %(told_at)s)"
    " ON CONFLICT DO NOTHING RETURNING days"
)
