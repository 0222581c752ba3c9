"""What people are members of, with points, tier and what they spend: for tills, desks and profiles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from chassis.domain import Money
from chassis.http.money import money_out
from chassis.http.words import said_in
from chassis.money import rounded
from chassis.storage.listing import Listing
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading
from loyalty.ledger.domain import Balances
from loyalty.ledger.queries import balance, balances
from loyalty.members import queries
from loyalty.members.domain import Member
from loyalty.members.models import shown
from loyalty.members.queries import member_ref
from loyalty.members.storage import member_of
from loyalty.people.named import known_as
from loyalty.profiles.queries import profile_or_none
from loyalty.programs.domain import Program
from loyalty.programs.queries import program
from loyalty.qualifying.counting import spent_since
from loyalty.qualifying.domain import midnight, months_after
from loyalty.tier_standings.queries import standing_out, tiers_of
from loyalty.tiers.domain import Tier
from loyalty.tiers.queries import scheme_or_none

_MONTHS = 12


@dataclass(frozen=True, slots=True)
class TierOf:
    """The tier that a member is in, named in the person's language."""

    key: str
    name: str
    rank: int


@dataclass(frozen=True, slots=True)
class Membership:
    """A person's membership; `value` is what they spent in twelve months, in the program's currency."""

    member: Member
    program: Program
    tier: TierOf | None
    points: Balances
    value: Money


def memberships_of(reading: Reading, person_id: UUID) -> Sequence[Membership]:
    """What a person is a member of, the oldest membership first."""
    about = {"tenant_id": reading.caller.tenant_id, "person_id": known_as(reading, person_id)}
    members = [member_of(row) for row in reading.fetch_all(_OF_PERSON, about)]
    ids = [member.id for member in members]
    points, tiers = balances(reading, ids), tiers_of(reading, ids)
    profile = profile_or_none(reading, about["person_id"])
    language = "" if profile is None else profile.language
    found = []
    for member in members:
        into, tier = program(reading, member.program_id), None
        if member.id in tiers:
            held, rank = tiers[member.id]
            tier = TierOf(held.key, said_in(language, held.name), rank)
        zone = into.zone if profile is None else profile.zone(into.zone)
        since = midnight(months_after(reading.clock.now().astimezone(zone).date(), -_MONTHS), zone)
        value = spent_since(reading, about["person_id"], into.terms.currency, since)
        found.append(Membership(member, into, tier, points[member.id], value))
    return found


def list_members(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of members, with points and tiers where the listing asks for these."""
    page = queries.list_members(reading, listing)
    items: list[dict[str, Any]] = page["items"]
    ids = [one["id"] for one in items]
    if "points" in listing.expand:
        held = balances(reading, ids)
        known = {key: program(reading, key) for key in {one["program_id"] for one in items}}
        for one in items:
            one["points"] = _points(held[one["id"]], known[one["program_id"]])
    if "tier" in listing.expand:
        reached = tiers_of(reading, ids)
        for one in items:
            one["tier"] = _tier(reached.get(one["id"]))
    return page


def member_with_points(reading: Reading, member: Member) -> dict[str, Any]:
    """A member as the API shows one by itself: with points, their worth, tier and what is missing."""
    into, ref = program(reading, member.program_id), member_ref(reading, member.id)
    scheme = scheme_or_none(reading, member.program_id)
    return {
        **shown(member),
        "points": _points(balance(reading, member.id), into),
        "tier": None if scheme is None else standing_out(reading, ref, scheme),
    }


def _tier(reached: tuple[Tier, int] | None) -> Mapping[str, Any] | None:
    if reached is None:
        return None
    tier, rank = reached
    return {"key": tier.key, "name": tier.name, "rank": rank}


def _points(held: Balances, into: Program) -> Mapping[str, Any]:
    terms, available = into.terms, max(held.available, 0)
    worth = rounded(Decimal(available) * terms.point_value, terms.currency)
    expiry: datetime | None = held.next_expiry
    return {
        "available": held.available,
        "pending": held.pending,
        "reserved": held.reserved,
        "worth": money_out(Money(worth, terms.currency)),
        "next_expiry": expiry,
        "expiring": held.expiring,
    }


_OF_PERSON = Statement(
    "SELECT id, version, program_id, person_id, number, source, status, reason, external_ids,"
    " merged_into_id, status_before, enrolled_at, created_at, updated_at FROM members"
    " WHERE tenant_id = %(tenant_id)s AND person_id = %(person_id)s AND status <> 'merged'"
    " ORDER BY enrolled_at, id"
)
