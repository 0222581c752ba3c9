"""What facts say about leads: touches, where they come from, and what happened (SA-1 to SA-5).

The lead itself (`leads/domain.py`) guards its rules and records these.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from chassis.domain import Fact, Invalid, Unpublished


class TouchKind(StrEnum):
    """What brought the lead and us together."""

    FORM = "form"
    VISIT = "visit"
    MAIL = "mail"
    CALL = "call"
    MEETING = "meeting"
    EVENT = "event"
    ADVERTISEMENT = "advertisement"
    IMPORT = "import"
    OTHER = "other"


class ContactKind(StrEnum):
    """How somebody turns to a lead; each is a kind of touch and of activity, too (SA-3)."""

    CALL = "call"
    MAIL = "mail"
    MEETING = "meeting"
    VISIT = "visit"


class Freshness(StrEnum):
    """How long nobody has had to do with a lead, by the tenant's limits (SA-4)."""

    HOT = "hot"
    WARM = "warm"
    COLD = "cold"
    STALE = "stale"


class Qualification(StrEnum):
    """Whether something may come of a lead, as somebody has found (SA-2)."""

    PENDING = "pending"
    QUALIFIED = "qualified"
    DISQUALIFIED = "disqualified"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a touch comes from: source, campaign, landing page and its variant."""

    source: str = ""
    campaign: str = ""
    landing_page: str = ""
    variant: str = ""


FORM_SOURCE = "web form"
"""How the source begins of what was said on a form of the tenant's own."""


@dataclass(frozen=True, slots=True)
class ConsentSaying:
    """A yes or no to a purpose on a channel, in which words, when and where it was said."""

    purpose: str
    channel: str
    granted: bool
    wording: str
    source: str
    said_at: datetime

    @property
    def is_of_form(self) -> bool:
        """Whether the lead has said it on a form, and nobody has entered it for them."""
        return self.source.startswith(f"{FORM_SOURCE} ")


@dataclass(frozen=True, slots=True)
class Touch:
    """One time that the lead and we had to do with each other; `outbound` when it began with us."""

    id: UUID
    kind: TouchKind
    origin: Origin
    at: datetime
    web_form_id: UUID | None = None
    outbound: bool = False


def contact_kind(touch: TouchKind) -> ContactKind:
    """How a touch that began with us turns to the lead. Raises `Invalid` for one that cannot."""
    try:
        return ContactKind(touch.value)
    except ValueError:
        message = f"Only one of {', '.join(ContactKind)} can be outbound."
        raise Invalid.at("/outbound", "no_contact", message) from None


@dataclass(frozen=True, slots=True)
class Credit:
    """The touch that turned a lead into a prospect: where it came from, and when it was (SA-5)."""

    origin: Origin
    at: datetime


@dataclass(frozen=True, slots=True)
class Became:
    """What a lead has become, and by which touch; `owner_id` is whose a lead of nobody's is then."""

    person_id: UUID | None
    company_id: UUID | None
    owner_id: UUID | None
    opportunity_id: UUID | None
    credited: Credit
    person_created: bool
    company_created: bool


@dataclass(frozen=True, slots=True)
class LeadStanding:
    """What facts say of a lead: whose it is, and where it came from first. No name, no address."""

    lead_id: UUID
    person_id: UUID | None
    company_id: UUID | None
    owner_id: UUID | None
    origin: Origin


@dataclass(frozen=True, slots=True)
class LeadCaptured(Fact):
    """Somebody may become a customer."""

    standing: LeadStanding
    touch: Touch
    at: datetime


@dataclass(frozen=True, slots=True)
class LeadChanged(Fact):
    """Something about a lead is different."""

    standing: LeadStanding
    changed_fields: tuple[str, ...]
    previous_owner_id: UUID | None


@dataclass(frozen=True, slots=True)
class LeadTouched(Fact):
    """A lead and we had to do with each other once more."""

    standing: LeadStanding
    touch: Touch


@dataclass(frozen=True, slots=True)
class LeadArchived(Fact):
    """A lead was put away."""

    standing: LeadStanding


@dataclass(frozen=True, slots=True)
class LeadRestored(Fact):
    """An archived lead is open again."""

    standing: LeadStanding


@dataclass(frozen=True, slots=True)
class LeadConverted(Fact):
    """A lead is a customer now; nothing happens to the lead any more."""

    standing: LeadStanding
    became: Became
    captured_at: datetime
    at: datetime


@dataclass(frozen=True, slots=True)
class LeadErased(Fact):
    """All that was known of the somebody whom a lead is, is gone."""

    lead_id: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class LeadQualified(Fact):
    """What a lead has said meets a framework's threshold: somebody has qualified it."""

    standing: LeadStanding
    framework_id: UUID
    points: int
    at: datetime


@dataclass(frozen=True, slots=True)
class LeadDisqualified(Fact):
    """Nothing will come of a lead, as somebody has found."""

    standing: LeadStanding
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class LeadReconsidered(Fact):
    """Whether a lead is qualified is open again."""

    standing: LeadStanding


@dataclass(frozen=True, slots=True)
class LeadScoreChanged(Fact):
    """A lead's score is another."""

    standing: LeadStanding
    previous_score: int
    score: int


@dataclass(frozen=True, slots=True)
class LeadFreshnessChanged(Fact):
    """The time since anybody had to do with a lead has crossed a limit, or begun anew."""

    standing: LeadStanding
    previous: Freshness
    freshness: Freshness
    last_touch_at: datetime


@dataclass(frozen=True, slots=True)
class LeadStaleTimeMoved(Unpublished):
    """A lead will be stale at another time."""


@dataclass(frozen=True, slots=True)
class LeadContactPromised(Unpublished):
    """Somebody who has got a lead promises first contact; the assignment tells it."""


@dataclass(frozen=True, slots=True)
class LeadRecycled(Fact):
    """A stale lead has no owner any more; `times` counts how often that has happened."""

    standing: LeadStanding
    previous_owner_id: UUID
    times: int
    at: datetime


@dataclass(frozen=True, slots=True)
class LeadClaimed(Fact):
    """Somebody has taken a lead from the pool."""

    standing: LeadStanding
    at: datetime


@dataclass(frozen=True, slots=True)
class LeadFirstContacted(Fact):
    """Somebody has turned to a lead for the first time, so many seconds after its capture."""

    standing: LeadStanding
    contact: ContactKind
    at: datetime
    seconds: int
    due_at: datetime | None
