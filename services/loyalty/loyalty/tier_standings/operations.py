"""What is done about members' tiers: they are looked at when something counts, and when time has passed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any
from uuid import UUID

from chassis.domain import Conflict, Invalid
from chassis.storage.statements import Statement
from chassis.work.timers import Timer, cancel_timer, set_timer
from loyalty.happenings.domain import Happening
from loyalty.members.domain import MemberStatus
from loyalty.members.queries import MemberRef, member_ref
from loyalty.profiles.queries import zone_of
from loyalty.programs.queries import program
from loyalty.qualifying.counting import change_by, contributions, points_since, total_of
from loyalty.qualifying.domain import Contribution, Reckoning, counted_since, reckon, window_of
from loyalty.tier_standings.domain import Grant, Move, MoveCause, Review, TierStanding
from loyalty.tier_standings.storage import amount, note_move
from loyalty.tiers.domain import QualifyBy, TierScheme, WindowKind
from loyalty.tiers.operations import TIER_RECOUNT
from loyalty.tiers.queries import scheme_or_none
from loyalty.transaction import LoyaltyTx

Given = Callable[[], Sequence[Contribution]]
"""Looks up what counts, once."""

TIER_REVIEW = "loyalty.tier_review"
"""The timer at which something about a member's tier happens by itself."""
_AT_ONCE = 100
_EXPLAINED = 50


def review_member(
    tx: LoyaltyTx, member_id: UUID, cause: MoveCause, happening: Happening | None = None
) -> TierStanding | None:
    """Look at a member's tier; None where the program has no tiers, or the member was merged.

    The standing is locked before what counts is read: of two deliveries at once the second to look
    sees both. `happening` is all that was noted since the member was looked at last; without it what
    counts is counted anew.
    """
    member = member_ref(tx, member_id)
    scheme = scheme_or_none(tx, member.program_id)
    if scheme is None or member.status is MemberStatus.MERGED:
        return None
    return _review(tx, member, scheme, cause, happening)


def grant_tier(
    tx: LoyaltyTx, member_id: UUID, tier: str, until: datetime, reason: str
) -> TierStanding:
    """Give a member a tier until a time. Raises `NotFound`, `Invalid`, `Conflict`."""
    standing, member, scheme = _with_scheme(tx, member_id)
    if tier not in {one.key for one in scheme.terms.tiers}:
        raise Invalid.at("/tier", "tier_unknown", "The program has no such tier.")
    look, given = _look(tx, standing, (member, scheme), MoveCause.GRANT)
    moves = standing.give(Grant(tier, until, reason, tx.caller.actor), look)
    return _done(tx, standing, look, given, moves)


def take_tier_back(tx: LoyaltyTx, member_id: UUID) -> TierStanding:
    """Take back what was given to a member. Raises `NotFound`, `Conflict`."""
    standing, member, scheme = _with_scheme(tx, member_id)
    look, given = _look(tx, standing, (member, scheme), MoveCause.GRANT)
    return _done(tx, standing, look, given, standing.take_back(look))


def review_is_due(tx: LoyaltyTx, timer: Timer) -> None:
    """Look at a member, since time has passed that changes something."""
    review_member(tx, UUID(timer.key), MoveCause.TIME)


def recount_is_due(tx: LoyaltyTx, timer: Timer) -> None:
    """Look at some members of a program whose tiers are others now, and go on with the rest."""
    program_id = UUID(timer.key)
    scheme = scheme_or_none(tx, program_id)
    if scheme is None:
        return
    about = {"tenant_id": tx.tenant_id, "program_id": program_id, "limit": _AT_ONCE}
    rows = tx.fetch_all(_NEXT_MEMBERS, {**about, "after": timer.data.get("after")})
    for row in rows:
        _review(tx, member_ref(tx, row["id"]), scheme, MoveCause.TERMS_CHANGED)
    if len(rows) == _AT_ONCE:
        set_timer(tx, TIER_RECOUNT, timer.key, tx.clock.now(), {"after": str(rows[-1]["id"])})


def review_person(tx: LoyaltyTx, person_id: UUID) -> None:
    """Look at all memberships of a person who lives by another clock now."""
    _review_all(tx, person_id, MoveCause.PROFILE)


def review_people(tx: LoyaltyTx, *person_ids: UUID) -> None:
    """Look at all memberships of people, after what befell them has come to be another's."""
    for person_id in sorted(person_ids):
        _review_all(tx, person_id, MoveCause.MERGE)


def join_standings(tx: LoyaltyTx, gone_id: UUID, stays_id: UUID) -> None:
    """Have the one who stays inherit the better tier of two members who are one person."""
    member = member_ref(tx, stays_id)
    scheme = scheme_or_none(tx, member.program_id)
    if scheme is None:
        return
    first, second = (
        tx.tier_standings.of_member(one, member.program_id) for one in sorted((gone_id, stays_id))
    )
    gone, stays = (first, second) if first.id == gone_id else (second, first)
    stays.inherit(gone, scheme.terms)
    cancel_timer(tx, TIER_REVIEW, str(gone_id))


def _review_all(tx: LoyaltyTx, person_id: UUID, cause: MoveCause) -> None:
    about = {"tenant_id": tx.tenant_id, "person_id": person_id}
    for row in tx.fetch_all(_OF_PERSON, about):
        review_member(tx, row["id"], cause)


def _review(
    tx: LoyaltyTx,
    member: MemberRef,
    scheme: TierScheme,
    cause: MoveCause,
    happening: Happening | None = None,
) -> TierStanding | None:
    standing, member = _locked(tx, member)
    if member.status is MemberStatus.MERGED:
        return None
    look, given = _look(tx, standing, (member, scheme), cause, happening)
    return _done(tx, standing, look, given, standing.review(look))


def _locked(tx: LoyaltyTx, member: MemberRef) -> tuple[TierStanding, MemberRef]:
    """A member's standing, and the member as they are now that it is locked.

    A merge locks it too, and whoever was merged meanwhile would count what the one who stays has.
    """
    standing = tx.tier_standings.of_member(member.id, member.program_id)
    return standing, member_ref(tx, member.id)


def _look(
    tx: LoyaltyTx,
    standing: TierStanding,
    about: tuple[MemberRef, TierScheme],
    cause: MoveCause,
    happening: Happening | None = None,
) -> tuple[Review, Given]:
    """What there is to go by now, once the standing is locked.

    Where there is no window, what befell one order is added to what was counted before, so that it
    costs the same however many there were; what all counted is read for an explanation alone.
    """
    member, scheme = about
    now, zone, terms = tx.clock.now(), zone_of(tx, member), scheme.terms
    currency = program(tx, member.program_id).terms.currency
    since = counted_since(terms, now, zone)
    given = lru_cache(1)(lambda: contributions(tx, member, terms.by, currency, since))
    if terms.window is WindowKind.LIFETIME:
        value = _add_up(tx, standing, about, given, (currency, happening))
        reckoning = Reckoning(value, value, ())
    else:
        standing.tally, reckoning = None, reckon(terms, given(), now, zone)
    return Review(terms, scheme.revision, reckoning, zone, now, cause, member.person_id), given


def _add_up(
    tx: LoyaltyTx,
    standing: TierStanding,
    about: tuple[MemberRef, TierScheme],
    given: Given,
    more: tuple[str, Happening | None],
) -> Decimal:
    """What counts in all: what was counted before and what came since, where that is known."""
    (member, scheme), (currency, happening) = about, more
    before = standing.tally if standing.tally_revision == scheme.revision else None
    standing.tally_revision = scheme.revision
    if scheme.terms.by is QualifyBy.POINTS:
        since = 0 if before is None else standing.tally_number
        found = points_since(tx, member, since)
        if found is None:
            standing.tally = None
            return total_of(given())
        standing.tally = (before or Decimal(0)) + found.points
        standing.tally_number = found.number
        return standing.tally - found.unmoved
    if before is None or happening is None:
        standing.tally = total_of(given())
    else:
        standing.tally = before + change_by(tx, member, scheme.terms.by, currency, happening)
    return standing.tally


def _done(
    tx: LoyaltyTx,
    standing: TierStanding,
    look: Review,
    given: Given,
    moves: Sequence[Move],
) -> TierStanding:
    """Keep the steps with their explanation, and come back when something happens by itself."""
    for move in moves:
        note_move(tx, standing, move, look.cause, _explained(look, given()))
    at = standing.next_review_at
    if at is None:
        cancel_timer(tx, TIER_REVIEW, str(standing.id))
    else:
        set_timer(tx, TIER_REVIEW, str(standing.id), at)
    return standing


def _explained(look: Review, given: Sequence[Contribution]) -> dict[str, Any]:
    """What a step came of, as the history shows it: the window, its sum, and the latest that counted."""
    window = window_of(look.terms, look.now, look.zone)
    latest = given[::-1]
    return {
        "by": look.terms.by,
        "value": amount(look.reckoning.value),
        "holds": amount(look.reckoning.holds),
        "window_from": None if window.first is None else window.first.isoformat(),
        "window_until": None if window.until is None else window.until.isoformat(),
        "time_zone": look.zone.key,
        "counted": [
            {
                "at": one.at.isoformat(),
                "amount": amount(one.amount),
                "kind": one.kind,
                "reference": one.reference,
            }
            for one in latest[:_EXPLAINED]
        ],
        "counted_more": max(0, len(latest) - _EXPLAINED),
    }


def _with_scheme(tx: LoyaltyTx, member_id: UUID) -> tuple[TierStanding, MemberRef, TierScheme]:
    """A member's standing, locked. Raises `NotFound`, and `Conflict` where there is none to have."""
    member = member_ref(tx, member_id)
    scheme = scheme_or_none(tx, member.program_id)
    if scheme is not None and member.status is not MemberStatus.MERGED:
        standing, member = _locked(tx, member)
        if member.status is not MemberStatus.MERGED:
            return standing, member, scheme
    raise Conflict("The member can be in no tier.", code="tiers_missing")


_NEXT_MEMBERS = Statement(
    "SELECT id FROM members WHERE tenant_id = %(tenant_id)s AND program_id = %(program_id)s"
    " AND status <> 'merged' AND (%(after)s::uuid IS NULL OR id > %(after)s::uuid)"
    " ORDER BY id LIMIT %(limit)s"
)
_OF_PERSON = Statement(
    "SELECT id FROM members WHERE tenant_id = %(tenant_id)s AND person_id = %(person_id)s"
    " AND status <> 'merged' ORDER BY id"
)
