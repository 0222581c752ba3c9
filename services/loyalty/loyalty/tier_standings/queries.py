"""Reads in which tiers members are, and what is missing; straight to the response."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.domain import NotFound
from chassis.http.money import decimal_out
from chassis.storage.listing import Listing, ListSpec, choice_filter, time_filter
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from loyalty.members.queries import MemberRef, member_ref
from loyalty.profiles.queries import zone_of
from loyalty.programs.queries import program
from loyalty.qualifying.counting import contributions
from loyalty.qualifying.domain import Reckoning, counted_since, reckon, window_of
from loyalty.tier_standings.domain import MoveCause, MoveKind, TierStanding
from loyalty.tier_standings.storage import standing_of
from loyalty.tiers.domain import QualifyBy, Tier, TierScheme, TierTerms
from loyalty.tiers.models import tier_out
from loyalty.tiers.queries import scheme_or_none

_moves = sa.table(
    "tier_moves",
    sa.column("tenant_id", PgUUID(as_uuid=True)),
    sa.column("id", PgUUID(as_uuid=True)),
    sa.column("member_id", PgUUID(as_uuid=True)),
    sa.column("kind", sa.Text(collation="C")),
    sa.column("before", sa.Text),
    sa.column("after", sa.Text),
    sa.column("cause", sa.Text(collation="C")),
    sa.column("actor", sa.Text),
    sa.column("revision", sa.Integer),
    sa.column("explanation", sa.JSON),
    sa.column("at", sa.DateTime(timezone=True)),
)

MOVES = ListSpec(
    key=_moves.c.id,
    sorts={"at": _moves.c.at},
    default_sort="-at",
    filters={
        "kind": choice_filter(_moves.c.kind, *MoveKind),
        "cause": choice_filter(_moves.c.cause, *MoveCause),
        "at": time_filter(_moves.c.at),
    },
)


def tiers_of(
    reading: Reading | UnitOfWork, member_ids: Iterable[UUID]
) -> Mapping[UUID, tuple[Tier, int]]:
    """The tiers that members are in, each with its place from the bottom; nobody who is in none."""
    about = {"tenant_id": reading.caller.tenant_id, "member_ids": list(member_ids)}
    found: dict[UUID, tuple[Tier, int]] = {}
    schemes: dict[UUID, TierScheme | None] = {}
    for row in reading.fetch_all(_IN_TIERS, about):
        program_id = row["program_id"]
        if program_id not in schemes:
            schemes[program_id] = scheme_or_none(reading, program_id)
        scheme = schemes[program_id]
        rank = -1 if scheme is None else scheme.terms.rank(row["tier"])
        tier = None if scheme is None else scheme.terms.at(rank)
        if tier is not None:
            found[row["id"]] = (tier, rank)
    return found


def get_standing(reading: Reading, member_id: UUID) -> dict[str, Any]:
    """In which tier a member is, and what is missing. Raises `NotFound`."""
    member = member_ref(reading, member_id)
    scheme = scheme_or_none(reading, member.program_id)
    if scheme is None:
        raise NotFound(f"The program of member {member_id} has no tiers.")
    return standing_out(reading, member, scheme)


def standing_out(
    reading: Reading | UnitOfWork, member: MemberRef, scheme: TierScheme
) -> dict[str, Any]:
    """A member's standing as the API shows it, by what counts now."""
    terms, now, zone = scheme.terms, reading.clock.now(), zone_of(reading, member)
    currency = program(reading, member.program_id).terms.currency
    since = counted_since(terms, now, zone)
    given = contributions(reading, member, terms.by, currency, since)
    reckoning, window = reckon(terms, given, now, zone), window_of(terms, now, zone)
    standing = standing_now(reading, member)
    grant = standing.grant
    return {
        "member_id": member.id,
        "program_id": member.program_id,
        "version": standing.version,
        "revision": scheme.revision,
        "by": terms.by,
        "currency": currency if terms.by is QualifyBy.SPEND else None,
        "value": decimal_out(reckoning.value),
        "window_from": window.first,
        "window_until": window.until,
        "time_zone": zone.key,
        "tier": _tier(terms, standing),
        "earned": terms.key_at(terms.rank(standing.earned)),
        "next": _next(terms, standing, reckoning),
        "keeping": _keeping(terms, standing, reckoning),
        "at_risk_since": standing.at_risk_since,
        "loses_at": standing.loses_at,
        "grant": None
        if grant is None
        else {name: getattr(grant, name) for name in ("tier", "until", "reason", "by")},
    }


def list_moves(reading: Reading, listing: Listing, member_id: UUID) -> dict[str, Any]:
    """A page of a member's history. Raises `NotFound`."""
    member_ref(reading, member_id)
    mine = sa.select(*(c for c in _moves.c if c.name not in ("tenant_id", "member_id"))).where(
        _moves.c.tenant_id == reading.caller.tenant_id, _moves.c.member_id == member_id
    )
    return listing.fetch(reading.connection, mine)


def standing_now(reading: Reading | UnitOfWork, member: MemberRef) -> TierStanding:
    """A copy of a member's standing, to look at; an empty one for a member who has none yet."""
    about = {"tenant_id": reading.caller.tenant_id, "id": member.id}
    row = reading.fetch_one(_ONE, about)
    if row is None:
        return TierStanding(id=member.id, program_id=member.program_id)
    return standing_of(row)


def _tier(terms: TierTerms, standing: TierStanding) -> dict[str, Any] | None:
    rank = terms.rank(standing.tier)
    tier = terms.at(rank)
    if tier is None:
        return None
    shown = tier_out(tier)
    del shown["threshold"]
    return {**shown, "rank": rank, "since": standing.since}


def _next(terms: TierTerms, standing: TierStanding, reckoning: Reckoning) -> dict[str, Any] | None:
    """The tier above the one that the member is in."""
    above = terms.rank(standing.tier) + 1
    if above >= len(terms.tiers):
        return None
    shown = tier_out(terms.tiers[above])
    del shown["benefits"]
    missing = max(terms.tiers[above].threshold - reckoning.value, Decimal(0))
    return {**shown, "missing": decimal_out(missing)}


def _keeping(
    terms: TierTerms, standing: TierStanding, reckoning: Reckoning
) -> dict[str, Any] | None:
    """How much more it takes to keep the earned tier, and by when."""
    rank = terms.rank(standing.earned)
    tier = terms.at(rank)
    if tier is None:
        return None
    left, until = reckoning.holds, standing.loses_at
    falls = None if until is not None else reckoning.enough_until(tier.threshold)
    if falls is not None:
        until, left = falls
    falls_to = terms.reached_by(left)
    if terms.one_step:
        falls_to = max(falls_to, rank - 1)
    return {
        "key": tier.key,
        "threshold": decimal_out(tier.threshold),
        "missing": decimal_out(max(tier.threshold - left, Decimal(0))),
        "until": until,
        "falls_to": tier.key if left >= tier.threshold else terms.key_at(falls_to),
    }


_COLUMNS = (
    "id, version, program_id, tier, since, earned, reached_at, at_risk_since, loses_at,"
    ' enough_until, "grant", revision, holds, reviewed_at, tally, tally_revision,'
    " tally_number"
)
_ONE = Statement(
    f"SELECT {_COLUMNS} FROM tier_standings"  # noqa: S608 - our own columns
    " WHERE tenant_id = %(tenant_id)s AND id = %(id)s"
)
_IN_TIERS = Statement(
    "SELECT id, program_id, tier FROM tier_standings"
    " WHERE tenant_id = %(tenant_id)s AND id = ANY(%(member_ids)s) AND tier IS NOT NULL"
)
