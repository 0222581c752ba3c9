"""What a lead is: somebody who may become a customer, where they come from, and every touch (SA-1)."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from chassis.domain import Aggregate, Conflict, Invalid
from sales.lead_facts.domain import (
    ConsentSaying,
    LeadArchived,
    LeadCaptured,
    LeadChanged,
    LeadRestored,
    LeadStanding,
    LeadTouched,
    Origin,
    Touch,
)
from sales.orders.domain import ExternalId

MOST_CONSENTS = 100
"""How many sayings about consent a lead keeps."""
IDENTIFYING = ("given_name", "family_name", "email", "phone", "company_name", "person_id")
"""A lead needs at least one of these: else nobody could ever be written to, or called."""


class LeadState(StrEnum):
    """Whether somebody still has to do with it."""

    OPEN = "open"
    ARCHIVED = "archived"


@dataclass(frozen=True, slots=True)
class LeadDetails:
    """Everything about a lead that somebody may enter."""

    given_name: str = ""
    family_name: str = ""
    email: str = ""
    phone: str = ""
    company_name: str = ""
    job_title: str = ""
    industry: str = ""
    company_size: int | None = None
    country: str = ""
    postal_code: str = ""
    language: str = ""
    description: str = ""
    person_id: UUID | None = None
    company_id: UUID | None = None
    owner_id: UUID | None = None


@dataclass(kw_only=True)
class Lead(Aggregate):
    """Somebody who may become a customer.

    `origin` is where the first touch came from and stays; the later ones have their own.
    """

    state: LeadState
    details: LeadDetails
    origin: Origin
    external_ids: tuple[ExternalId, ...] = ()
    consents: tuple[ConsentSaying, ...] = ()
    touches: int
    first_touch_at: datetime
    last_touch_at: datetime
    captured_at: datetime
    updated_at: datetime
    archived_at: datetime | None = None

    @property
    def standing(self) -> LeadStanding:
        """What facts say of it now."""
        about = self.details
        return LeadStanding(self.id, about.person_id, about.company_id, about.owner_id, self.origin)

    def capture(self, touch: Touch) -> None:
        """Say that it is there. Raises `Invalid` for one whom nobody could ever reach or name."""
        require_sound(self.details)
        self.record(LeadCaptured(self.standing, touch, self.captured_at))

    def change(self, details: LeadDetails, now: datetime) -> None:
        """Take over `details`; nothing happens when nothing differs.

        Raises `Invalid`, `Conflict` for one that is archived.
        """
        self._require_open()
        require_sound(details)
        names = (one.name for one in fields(LeadDetails))
        changed = [n for n in names if getattr(details, n) != getattr(self.details, n)]
        if not changed:
            return
        before, self.details, self.updated_at = self.details, details, now
        taken = before.owner_id if "owner_id" in changed else None
        self.record(LeadChanged(self.standing, tuple(sorted(changed)), taken))

    def touch(self, touch: Touch, consents: tuple[ConsentSaying, ...], now: datetime) -> None:
        """Note a touch and what was said in it, now or before.

        Raises `Invalid` for a later time, `Conflict` for one that is archived.
        """
        self._require_open()
        require_past(touch.at, now, "/at")
        self.say(consents)
        self.touches += 1
        self.first_touch_at = min(self.first_touch_at, touch.at)
        self.last_touch_at = max(self.last_touch_at, touch.at)
        self.updated_at = now
        self.record(LeadTouched(self.standing, touch))

    def say(self, consents: tuple[ConsentSaying, ...]) -> None:
        """Keep what was said about consent besides what was said before. Raises `Invalid`."""
        if len(self.consents) + len(consents) > MOST_CONSENTS:
            message = f"A lead keeps at most {MOST_CONSENTS} sayings about consent."
            raise Invalid.at("/consents", "too_many_consents", message)
        self.consents = (*self.consents, *consents)

    def fill(self, details: LeadDetails) -> LeadDetails:
        """These details where the lead's own say nothing: what is known is not overwritten."""
        empty = [one.name for one in fields(LeadDetails) if _says_nothing(self.details, one.name)]
        return replace(self.details, **{name: getattr(details, name) for name in empty})

    def archive(self, now: datetime) -> None:
        """Put it away; a second time is no error."""
        if self.state is LeadState.OPEN:
            self.state, self.archived_at, self.updated_at = LeadState.ARCHIVED, now, now
            self.record(LeadArchived(self.standing))

    def restore(self, now: datetime) -> None:
        """Go on with one that was put away; nothing happens to one that is open."""
        if self.state is LeadState.ARCHIVED:
            self.state, self.archived_at, self.updated_at = LeadState.OPEN, None, now
            self.record(LeadRestored(self.standing))

    def _require_open(self) -> None:
        if self.state is not LeadState.OPEN:
            raise Conflict("The lead is archived; restore it first.", code="lead_archived")


def require_sound(details: LeadDetails) -> None:
    """Check that somebody can be made out. Raises `Invalid`."""
    if all(_says_nothing(details, name) for name in IDENTIFYING):
        message = f"A lead needs at least one of {', '.join(IDENTIFYING)}."
        raise Invalid.at("/email", "nobody", message)


def require_past(at: datetime, now: datetime, pointer: str) -> None:
    """Check that a time is not ahead. Raises `Invalid` at the pointer."""
    if at > now:
        raise Invalid.at(pointer, "in_future", "It cannot be later than now.")


def _says_nothing(details: LeadDetails, name: str) -> bool:
    value = getattr(details, name)
    return value is None or (isinstance(value, str) and not value.strip())
