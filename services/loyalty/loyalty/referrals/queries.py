"""Reads referrals, straight to the response, and adds up what they have brought."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import Money, NotFound
from chassis.http.money import decimal_out, money_out
from chassis.money import EXACT, rounded
from chassis.storage.listing import Listing, ListSpec, choice_filter, time_filter, uuid_filter
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading
from loyalty.members.queries import member_ref
from loyalty.programs.queries import program
from loyalty.referrals.domain import Reason, ReferralState
from loyalty.referrals.models import REPORT_DEFINITIONS, ReportQuery, shown
from loyalty.referrals.storage import referral_of, referrals

_columns = referrals.c
_all = sa.select(*(column for column in _columns if column.name != "tenant_id"))
_PLACES = Decimal("0.01")

REFERRALS = ListSpec(
    key=_columns.id,
    sorts={"claimed_at": _columns.claimed_at},
    default_sort="-claimed_at",
    filters={
        "program_id": uuid_filter(_columns.program_id),
        "code_id": uuid_filter(_columns.code_id),
        "referrer_person_id": uuid_filter(_columns.referrer_person_id),
        "friend_person_id": uuid_filter(_columns.friend_person_id),
        "state": choice_filter(_columns.state, *ReferralState),
        "reason": choice_filter(_columns.reason, *Reason),
        "claimed_at": time_filter(_columns.claimed_at),
        "completed_at": time_filter(_columns.completed_at),
    },
)


def list_referrals(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of referrals."""
    mine = _all.where(_columns.tenant_id == reading.caller.tenant_id)
    return listing.fetch(
        reading.connection, mine, lambda row: shown(referral_of(dict(row._mapping)))
    )


def get_referral(reading: Reading, referral_id: UUID) -> dict[str, Any]:
    """A referral as the API shows one. Raises `NotFound`."""
    statement = _all.where(
        _columns.tenant_id == reading.caller.tenant_id, _columns.id == referral_id
    )
    row = reading.connection.execute(statement).mappings().first()
    if row is None:
        raise NotFound.of("referral", referral_id)
    return shown(referral_of(row))


def report_of_program(reading: Reading, program_id: UUID, asked: ReportQuery) -> dict[str, Any]:
    """What the recommendations of a program have brought. Raises `NotFound`."""
    program(reading, program_id)
    return _report(reading, program_id, None, asked)


def report_of_member(reading: Reading, member_id: UUID, asked: ReportQuery) -> dict[str, Any]:
    """What a member's recommendations have brought. Raises `NotFound`."""
    member = member_ref(reading, member_id)
    about = (member.person_id, member_id)
    return _report(reading, member.program_id, about, asked)


def _report(
    reading: Reading,
    program_id: UUID,
    of: tuple[UUID | None, UUID] | None,
    asked: ReportQuery,
) -> dict[str, Any]:
    about = {
        "tenant_id": reading.caller.tenant_id,
        "program_id": program_id,
        "everybody": of is None,
        "person_id": None if of is None else of[0],
        "since": asked.claimed_from,
        "until": asked.claimed_before,
    }
    rows = reading.fetch_all(_STANDING, about)
    states = Counter({ReferralState(row["state"]): 0 for row in rows})
    refused: Counter[str] = Counter()
    for row in rows:
        states[ReferralState(row["state"])] += row["referrals"]
        if row["state"] == ReferralState.REFUSED:
            refused[row["reason"]] += row["referrals"]
    invited = sum(row["referrals"] for row in rows)
    completed = sum(row["completed"] for row in rows)
    return {
        "program_id": program_id,
        "member_id": None if of is None else of[1],
        "as_of": reading.clock.now(),
        "invited": invited,
        "completed": completed,
        "rewarded": states[ReferralState.REWARDED],
        "conversion_percent": _percent(completed, invited),
        "states": {state.value: number for state, number in states.items()},
        "refused": dict(refused),
        "points": sum(int(row["points"]) for row in rows),
        "revenue": _revenue(reading.fetch_all(_REVENUE, about)),
        "definitions": REPORT_DEFINITIONS,
    }


def _percent(part: int, whole: int) -> str:
    if not whole:
        return "0"
    return decimal_out(EXACT.quantize(EXACT.divide(Decimal(part * 100), whole), _PLACES))


def _revenue(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, str] | None]:
    return [
        money_out(Money(rounded(row["amount"], row["currency"]), row["currency"])) for row in rows
    ]


_THESE = (
    " FROM referrals r WHERE r.tenant_id = %(tenant_id)s AND r.program_id = %(program_id)s"
    " AND (%(everybody)s OR r.referrer_person_id = %(person_id)s::uuid)"
    " AND (%(since)s::timestamptz IS NULL OR r.claimed_at >= %(since)s)"
    " AND (%(until)s::timestamptz IS NULL OR r.claimed_at < %(until)s)"
)
_STANDING = Statement(
    "SELECT r.state, r.reason, count(*) AS referrals,"
    " count(*) FILTER (WHERE r.completed_at IS NOT NULL) AS completed,"
    " coalesce(sum(coalesce((r.rewards -> 'referrer' ->> 'points')::bigint, 0)"
    " + coalesce((r.rewards -> 'friend' ->> 'points')::bigint, 0))"
    " FILTER (WHERE r.state IN ('completed', 'rewarded')), 0)::bigint AS points"
    f"{_THESE} GROUP BY r.state, r.reason ORDER BY r.state, r.reason"
)
# A friend may have come to the program twice: each of their orders counts once.
_REVENUE = Statement(
    "SELECT h.currency, sum(CASE WHEN h.kind = 'order_refunded' THEN -h.amount ELSE h.amount END)"  # noqa: S608
    " AS amount FROM (SELECT r.friend_person_id, min(r.claimed_at) AS claimed_at"
    f"{_THESE} AND r.state <> 'refused' GROUP BY r.friend_person_id) AS f"
    " JOIN happenings h ON h.tenant_id = %(tenant_id)s AND h.person_id = f.friend_person_id"
    " AND h.judged_at >= f.claimed_at AND h.kind IN ('order_delivered', 'order_refunded')"
    " AND h.currency IS NOT NULL GROUP BY h.currency ORDER BY h.currency"
)
