"""A club of coffee drinkers: everything that an administrator defines before anybody is a member."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from deploy.demo.belonging import definitions as defined
from deploy.demo.external_app import ExternalApp

PROGRAMS = "/v1/loyalty/programs"
RULES = "/v1/loyalty/earning-rules"
REWARDS = "/v1/loyalty/rewards"
POOLS = "/v1/loyalty/coupon-pools"
TEMPLATES = "/v1/notifications/templates"
LONG_AGO = timedelta(days=800)
"""Since when purchases earn: what is told of late counts, too."""
_UNTIL_CELEBRATED = timedelta(seconds=40)


@dataclass(frozen=True, slots=True)
class Club:
    """A program that is open, and the ids of what was defined for it, by name."""

    admin: ExternalApp = field(repr=False)
    ids: dict[str, str]
    celebrates_at: datetime
    """When whoever has their birthday that day is given something: soon, so that it can be seen."""


def open_club(admin: ExternalApp) -> Club:
    """Set everything up, in a tenant without a program."""
    template = admin.post(TEMPLATES, defined.NOTICE_TEMPLATE)
    admin.post(f"{TEMPLATES}/{template['id']}/publish")
    program = str(admin.post(PROGRAMS, defined.PROGRAM)["id"])
    admin.post(f"{PROGRAMS}/{program}/open")
    ids = {"program": program}
    ids["rule"] = str(admin.post(RULES, {**defined.PURCHASES, "program_id": program})["id"])
    since = (datetime.now(UTC) - LONG_AGO).isoformat()
    admin.post(f"{RULES}/{ids['rule']}/activate-since", {"since": since})
    admin.put(f"{PROGRAMS}/{program}/tiers", defined.TIERS)
    admin.put(f"{PROGRAMS}/{program}/referral-terms", defined.REFERRAL_TERMS)
    ids["cup"] = _cup(admin, program)
    at = _next_minute(datetime.now(UTC) + _UNTIL_CELEBRATED)
    clock = f"{at.astimezone(ZoneInfo(defined.ZONE)):%H:%M}"
    occasion = {**defined.BIRTHDAY, "program_id": program, "at": clock}
    ids["birthday"] = str(admin.post("/v1/loyalty/occasions", occasion)["id"])
    return Club(admin, ids, at)


def _cup(admin: ExternalApp, program: str) -> str:
    """A reward of which there are two."""
    cup = str(admin.post(REWARDS, {**defined.CUP, "program_id": program})["id"])
    admin.post(f"{REWARDS}/{cup}/stock-changes", {"change": 2, "reason": "They came"})
    admin.post(f"{REWARDS}/{cup}/activate")
    return cup


def _next_minute(at: datetime) -> datetime:
    """Times of day are whole minutes."""
    return at.replace(second=0, microsecond=0) + timedelta(minutes=1)


def wanted(club: Club, body: dict[str, Any]) -> dict[str, Any]:
    """A body about the club's program."""
    return {**body, "program_id": club.ids["program"]}
