"""What a lead has become, and which touch that is credited to (SA-5)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sales.lead_facts.domain import Credit, Touch


class Found(StrEnum):
    """How it was known which record a lead is."""

    CREATED = "created"
    MATCHED = "matched"
    CHOSEN = "chosen"


@dataclass(frozen=True, slots=True)
class Customer:
    """A person or a company that a lead is, and how that was known."""

    id: UUID
    found: Found


@dataclass(frozen=True, slots=True)
class KeptBack:
    """A saying about consent that was not passed on, or not taken, and why; the lead keeps it."""

    purpose: str
    channel: str
    reason: str


@dataclass(frozen=True, slots=True)
class Conversion:
    """What a lead has become, when and by whom. It stays as it was.

    `person` and `company` say how those were found; who they are by now, the lead says, which
    follows merges. `consents_passed_on_at` is when contacts was told what the lead has said about
    consent; None while it is not, and when there is nothing to tell.
    """

    lead_id: UUID
    opportunity_id: UUID | None
    person: Found | None
    company: Found | None
    credit: Credit
    kept_back: tuple[KeptBack, ...]
    at: datetime
    by: str
    consents_passed_on_at: datetime | None = None


def credited(touches: Iterable[Touch], until: datetime) -> Credit:
    """The touch that a conversion is credited to.

    Of the touches up to `until`, when the lead was qualified, or else converted, it is the last one
    with a campaign: that campaign turned the lead into a prospect, and what the campaign returns is
    counted for it. Without any it is the last one with a source, and without that the first of all.
    Where the first touch came from stays on the lead beside it. There has to be a touch.
    """
    in_order = sorted(touches, key=lambda touch: (touch.at, touch.id))
    timely = [touch for touch in in_order if touch.at <= until]
    for named in ("campaign", "source"):
        having = [touch for touch in timely if getattr(touch.origin, named)]
        if having:
            return Credit(having[-1].origin, having[-1].at)
    return Credit(in_order[0].origin, in_order[0].at)
