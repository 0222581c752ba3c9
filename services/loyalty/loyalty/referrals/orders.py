"""What is known of a friend's orders, and of who recommended whom: read from what is kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import UnitOfWork
from loyalty.happenings.domain import HappeningKind
from loyalty.happenings.storage import happening_of
from loyalty.referrals.domain import Referral
from loyalty.referrals.judging import OrderStory, stories_of

_KINDS = [
    HappeningKind.ORDER_PLACED.value,
    HappeningKind.ORDER_DELIVERED.value,
    HappeningKind.ORDER_REFUNDED.value,
    HappeningKind.ORDER_CANCELLED.value,
]


def alone(tx: UnitOfWork) -> None:
    """Wait for whoever claims or judges referrals of the tenant now, and have all others wait."""
    tx.fetch_one(_ALONE, {"tenant_id": tx.tenant_id})


def orders_of(tx: UnitOfWork, person_id: UUID) -> Sequence[OrderStory]:
    """All that befell somebody's orders."""
    about = {"tenant_id": tx.tenant_id, "person_id": person_id, "kinds": _KINDS}
    return stories_of(happening_of(row) for row in tx.fetch_all(_OF_PERSON, about))


def order_of(tx: UnitOfWork, order_id: UUID) -> OrderStory | None:
    """What befell one order; None when its person was erased."""
    about = {"tenant_id": tx.tenant_id, "order_id": order_id, "kinds": _KINDS}
    stories = stories_of(happening_of(row) for row in tx.fetch_all(_OF_ORDER, about))
    return stories[0] if stories else None


def has_ordered(tx: UnitOfWork, person_id: UUID) -> bool:
    """Whether somebody has ordered anything that was not cancelled."""
    return any(not order.cancelled for order in orders_of(tx, person_id))


def closes_ring(tx: UnitOfWork, referrer_id: UUID, friend_id: UUID) -> bool:
    """Whether whoever recommends was recommended by the friend, however many stand between them."""
    about = {"tenant_id": tx.tenant_id, "referrer_id": referrer_id, "friend_id": friend_id}
    return tx.fetch_one(_RING, about) is not None


def others_of_friend(tx: UnitOfWork, referral: Referral) -> bool:
    """Whether the friend came by another code of the program first, or one was completed."""
    about = {
        "tenant_id": tx.tenant_id,
        "id": referral.id,
        "program_id": referral.program_id,
        "friend_id": referral.friend_person_id,
        "claimed_at": referral.claimed_at,
    }
    return tx.fetch_one(_OTHERS, about) is not None


def is_claimed(tx: UnitOfWork, program_id: UUID, friend_id: UUID) -> bool:
    """Whether somebody has come by a code of the program before."""
    about = {"tenant_id": tx.tenant_id, "program_id": program_id, "friend_id": friend_id}
    return tx.fetch_one(_CLAIMED, about) is not None


def completed_since(tx: UnitOfWork, referral: Referral, since: datetime) -> int:
    """How many other recommendations of the same member were completed after a time."""
    return _counted(tx, _COMPLETED, referral, since)


def rewarded_since(tx: UnitOfWork, referral: Referral, since: datetime) -> int:
    """For how many other friends the same member was rewarded from a time on, and still is."""
    return _counted(tx, _REWARDED, referral, since)


def _counted(tx: UnitOfWork, statement: Statement, referral: Referral, since: datetime) -> int:
    about = {
        "tenant_id": tx.tenant_id,
        "id": referral.id,
        "program_id": referral.program_id,
        "referrer_id": referral.referrer_person_id,
        "since": since,
    }
    row = tx.fetch_one(statement, about)
    return 0 if row is None else int(row["referrals"])


def referrals_about(tx: UnitOfWork, person_id: UUID, order_id: UUID | None) -> Sequence[UUID]:
    """The referrals that something may change that befell an order of somebody, or them as a friend."""
    about = {"tenant_id": tx.tenant_id, "person_id": person_id, "order_id": order_id}
    return [row["id"] for row in tx.fetch_all(_ABOUT, about)]


def referrals_of(tx: UnitOfWork, person_id: UUID) -> Sequence[UUID]:
    """The referrals in which somebody is on either side, and that still can change."""
    about = {"tenant_id": tx.tenant_id, "person_id": person_id}
    return [row["id"] for row in tx.fetch_all(_OF_EITHER, about)]


_ALONE = Statement(
    "SELECT pg_advisory_xact_lock(hashtextextended('referrals of ' || %(tenant_id)s::text, 0))"
)
_OF_PERSON = Statement(
    "SELECT * FROM happenings WHERE tenant_id = %(tenant_id)s AND person_id = %(person_id)s"
    " AND kind = ANY(%(kinds)s)"
)
_OF_ORDER = Statement(
    "SELECT * FROM happenings WHERE tenant_id = %(tenant_id)s AND order_id = %(order_id)s"
    " AND kind = ANY(%(kinds)s) AND person_id IS NOT NULL"
)
# UNION drops what was met before, so that it ends though there be a ring already.
_RING = Statement(
    """
    WITH RECURSIVE above AS (
        SELECT %(referrer_id)s::uuid AS person_id
        UNION
        SELECT r.referrer_person_id FROM above
        JOIN referrals r ON r.tenant_id = %(tenant_id)s
            AND r.friend_person_id = above.person_id AND r.state <> 'refused'
        WHERE r.referrer_person_id IS NOT NULL
    )
    SELECT person_id FROM above WHERE person_id = %(friend_id)s
    """
)
_CLAIMED = Statement(
    "SELECT id FROM referrals WHERE tenant_id = %(tenant_id)s"
    " AND friend_person_id = %(friend_id)s AND program_id = %(program_id)s"
    " AND state <> 'refused' LIMIT 1"
)
_OTHERS = Statement(
    "SELECT id FROM referrals WHERE tenant_id = %(tenant_id)s"
    " AND friend_person_id = %(friend_id)s AND program_id = %(program_id)s AND id <> %(id)s"
    " AND (state IN ('completed', 'held', 'rewarded', 'reversed') OR state IN ('claimed', 'expired')"
    " AND (claimed_at, id) < (%(claimed_at)s, %(id)s)) LIMIT 1"
)
_COMPLETED = Statement(
    "SELECT count(*) AS referrals FROM referrals WHERE tenant_id = %(tenant_id)s"
    " AND referrer_person_id = %(referrer_id)s AND program_id = %(program_id)s AND id <> %(id)s"
    " AND completed_at > %(since)s AND state <> 'refused'"
)
_REWARDED = Statement(
    "SELECT count(*) AS referrals FROM referrals WHERE tenant_id = %(tenant_id)s"
    " AND referrer_person_id = %(referrer_id)s AND program_id = %(program_id)s AND id <> %(id)s"
    " AND referrer_rewarded_at >= %(since)s AND state IN ('completed', 'rewarded')"
)
_ABOUT = Statement(
    "SELECT id FROM referrals WHERE tenant_id = %(tenant_id)s"
    " AND friend_person_id = %(person_id)s AND (state IN ('claimed', 'expired', 'completed')"
    " OR state IN ('held', 'rewarded') AND order_id = %(order_id)s) ORDER BY id"
)
_OF_EITHER = Statement(
    "SELECT id FROM referrals WHERE tenant_id = %(tenant_id)s"
    " AND (friend_person_id = %(person_id)s OR referrer_person_id = %(person_id)s)"
    " AND state NOT IN ('refused', 'reversed') ORDER BY id"
)
