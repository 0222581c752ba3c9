"""What a lead is: somebody who may become a customer, where they come from, and every touch (SA-1)."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from chassis.domain import Aggregate, Conflict, Invalid
from sales.lead_facts.domain import (
    Became,
    ConsentSaying,
    ContactKind,
    Freshness,
    LeadArchived,
    LeadCaptured,
    LeadChanged,
    LeadClaimed,
    LeadContactPromised,
    LeadConverted,
    LeadDisqualified,
    LeadErased,
    LeadFirstContacted,
    LeadFreshnessChanged,
    LeadQualified,
    LeadReconsidered,
    LeadRecycled,
    LeadRestored,
    LeadScoreChanged,
    LeadStaleTimeMoved,
    LeadStanding,
    LeadTouched,
    Origin,
    Qualification,
    Touch,
)
from sales.orders.domain import ExternalId

LONGEST_NAME = 200
MOST_CONSENTS = 100
"""How many sayings about consent a lead keeps."""
ERASED = "Erased"
"""What a lead is called whom nobody is to know any more."""
_NOT_PERSONAL = ("industry", "company_size", "country", "language", "company_id", "owner_id")
IDENTIFYING = ("given_name", "family_name", "email", "phone", "company_name", "person_id")
"""A lead needs at least one of these: else nobody could ever be written to, or called."""


class LeadState(StrEnum):
    """Whether somebody still has to do with it."""

    OPEN = "open"
    CONVERTED = "converted"
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


@dataclass(frozen=True, slots=True)
class Decision:
    """Who has said when that a lead is qualified, by which framework, or why it is not."""

    at: datetime
    by: str
    framework_id: UUID | None = None
    reason: str = ""
    note: str = ""


@dataclass(kw_only=True)
class Lead(Aggregate):
    """Somebody who may become a customer.

    `origin` is where the first touch came from and stays; the later ones have their own. Its age
    counts from `fresh_since`: the last touch, or when it was claimed or restored after that.
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
    erased_at: datetime | None = None
    score: int = 0
    qualification: Qualification = Qualification.PENDING
    decision: Decision | None = None
    freshness: Freshness = Freshness.HOT
    fresh_since: datetime
    stale_at: datetime | None = None
    recycled: int = 0
    claimed_at: datetime | None = None
    first_contact_due_at: datetime | None = None
    first_contact_at: datetime | None = None

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
        self.require_open()
        require_sound(details)
        names = (one.name for one in fields(LeadDetails))
        changed = [n for n in names if getattr(details, n) != getattr(self.details, n)]
        if not changed:
            return
        before, self.details, self.updated_at = self.details, details, now
        taken = before.owner_id if "owner_id" in changed else None
        if "owner_id" in changed:
            self._promise_nothing()
        if details.owner_id is not None and "owner_id" in changed:
            self._begin_anew_if_stale(now)
        self.record(LeadChanged(self.standing, tuple(sorted(changed)), taken))

    def touch(self, touch: Touch, consents: tuple[ConsentSaying, ...], now: datetime) -> None:
        """Note a touch and what was said in it, now or before.

        Raises `Invalid` for a later time, `Conflict` for one that is archived.
        """
        self.require_open()
        require_past(touch.at, now, "/at")
        self.say(consents)
        self.touches += 1
        self.first_touch_at = min(self.first_touch_at, touch.at)
        self.last_touch_at = max(self.last_touch_at, touch.at)
        self.fresh_since = max(self.fresh_since, touch.at)
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
        """Put it away; a second time is no error. Raises `Conflict` for one that was converted."""
        if self.is_converted:
            self.require_open()
        if self.state is LeadState.OPEN:
            self.state, self.archived_at, self.updated_at = LeadState.ARCHIVED, now, now
            self.record(LeadArchived(self.standing))

    def restore(self, now: datetime) -> None:
        """Go on with one that was put away; nothing happens to one that is open.

        Raises `Conflict` for one that was converted or erased.
        """
        if self.is_converted or self.erased_at is not None:
            self.require_open()
        if self.state is LeadState.ARCHIVED:
            self.state, self.archived_at, self.updated_at = LeadState.OPEN, None, now
            self.fresh_since = now
            self.record(LeadRestored(self.standing))

    def qualify(self, points: int, decision: Decision) -> None:
        """Note that something may come of it; a second time is no error.

        Raises `Conflict` for one that is not open, or disqualified.
        """
        self.require_open()
        if self.qualification is Qualification.DISQUALIFIED:
            message = "The lead is disqualified; reconsider it first."
            raise Conflict(message, code="lead_disqualified")
        if decision.framework_id is not None and self.qualification is Qualification.PENDING:
            self._decide(Qualification.QUALIFIED, decision)
            fact = LeadQualified(self.standing, decision.framework_id, points, decision.at)
            self.record(fact)

    def disqualify(self, decision: Decision) -> None:
        """Note that nothing will come of it; a second time is no error.

        Raises `Conflict` for one that is not open.
        """
        self.require_open()
        if self.qualification is not Qualification.DISQUALIFIED:
            self._decide(Qualification.DISQUALIFIED, decision)
            self.record(LeadDisqualified(self.standing, decision.reason, decision.at))

    def reconsider(self, now: datetime) -> None:
        """Open the question again; nothing happens while it is. Raises `Conflict`."""
        self.require_open()
        if self.qualification is not Qualification.PENDING:
            self.qualification, self.decision = Qualification.PENDING, None
            self.updated_at = now
            self.record(LeadReconsidered(self.standing))

    def rate(self, score: int) -> None:
        """Take over a score; nothing happens when it is the same."""
        if score != self.score:
            before, self.score = self.score, score
            self.record(LeadScoreChanged(self.standing, before, score))

    def age(self, freshness: Freshness, stale_at: datetime) -> None:
        """Take over how fresh it is, and when it will be stale, or was."""
        before, was_to_be = self.freshness, self.stale_at
        self.freshness, self.stale_at = freshness, stale_at
        if freshness is not before:
            fact = LeadFreshnessChanged(self.standing, before, freshness, self.last_touch_at)
            self.record(fact)
        elif stale_at != was_to_be:
            self.record(LeadStaleTimeMoved())

    def recycle(self, now: datetime) -> None:
        """Put it into the pool; nothing happens to one that is there, not open or disqualified."""
        owner_id, disqualified = self.details.owner_id, Qualification.DISQUALIFIED
        if owner_id is None or not self.is_open or self.qualification is disqualified:
            return
        self.details = replace(self.details, owner_id=None)
        self.recycled, self.updated_at = self.recycled + 1, now
        self._promise_nothing()
        self.record(LeadRecycled(self.standing, owner_id, self.recycled, now))

    def claim(self, user_id: UUID, now: datetime) -> None:
        """Take it from the pool; its age begins anew.

        Raises `Conflict` for one that is not open, disqualified, or that somebody has.
        """
        self.require_open()
        if not self.in_pool:
            message = "The lead is not in the pool: somebody has it, or it is disqualified."
            raise Conflict(message, code="lead_not_in_pool")
        self.details = replace(self.details, owner_id=user_id)
        self.claimed_at = self.updated_at = self.fresh_since = now
        self._promise_nothing()
        self.record(LeadClaimed(self.standing, now))

    def give_to(
        self, owner_id: UUID | None, contact_due_at: datetime | None, now: datetime
    ) -> None:
        """Have somebody take care of it, or nobody; by when they promise first contact."""
        before, self.first_contact_due_at = self.details.owner_id, contact_due_at
        if owner_id != before:
            self.details, self.updated_at = replace(self.details, owner_id=owner_id), now
            if owner_id is not None:
                self._begin_anew_if_stale(now)
            self.record(LeadChanged(self.standing, ("owner_id",), before))

    def promise_contact(self, due_at: datetime) -> None:
        """Have whoever has just got it promise first contact until then."""
        self.first_contact_due_at = due_at
        self.record(LeadContactPromised())

    def contact(self, kind: ContactKind, at: datetime, now: datetime) -> None:
        """Note that somebody has turned to it; the first that is noted of an open one counts."""
        if self.is_open and self.first_contact_at is None:
            self.first_contact_at, self.updated_at = at, now
            due_at, seconds = self.first_contact_due_at, self.seconds_to_first_contact or 0
            self.record(LeadFirstContacted(self.standing, kind, at, seconds, due_at))

    @property
    def seconds_to_first_contact(self) -> int | None:
        """How long after its capture that was, 0 when it was no later; None before."""
        if self.first_contact_at is None:
            return None
        return max(0, int((self.first_contact_at - self.captured_at).total_seconds()))

    @property
    def in_pool(self) -> bool:
        """Whether anybody may claim it: it is open, nobody's, and not disqualified."""
        hopeless = self.qualification is Qualification.DISQUALIFIED
        return self.is_open and self.details.owner_id is None and not hopeless

    def convert(self, became: Became, now: datetime) -> None:
        """Be what it has become: nothing happens to it any more. Raises `Conflict`."""
        self.require_open()
        owner_id = self.details.owner_id or became.owner_id
        self.details = replace(
            self.details,
            person_id=became.person_id,
            company_id=became.company_id,
            owner_id=owner_id,
        )
        self.state, self.updated_at = LeadState.CONVERTED, now
        self.record(LeadConverted(self.standing, became, self.captured_at, now))

    def erase(self, now: datetime) -> None:
        """Forget who it is; a second time is no error.

        What was said about consent stays as its proof; it names nobody. Raises `Conflict` for one
        that is a person: who is erased there is erased here.
        """
        if self.details.person_id is not None:
            message = "The lead is a person of contacts: erase the person, and it is erased here."
            raise Conflict(message, code="lead_is_person")
        if self.erased_at is not None:
            return
        kept = {name: getattr(self.details, name) for name in _NOT_PERSONAL}
        self.details = LeadDetails(**kept, given_name=ERASED)
        self.external_ids = ()
        if self.decision is not None:
            self.decision = replace(self.decision, note="")
        if self.is_open:
            self.state, self.archived_at = LeadState.ARCHIVED, now
        self.erased_at = self.updated_at = now
        self.record(LeadErased(self.id, now))

    @property
    def called(self) -> str:
        """What an opportunity is called that comes of it: the company, else whoever it is."""
        about = self.details
        names = f"{about.given_name} {about.family_name}".strip()
        return (about.company_name or names or about.email or about.phone)[:LONGEST_NAME]

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to do with it."""
        return self.state is LeadState.OPEN

    @property
    def is_converted(self) -> bool:
        """Whether it is a customer now."""
        return self.state is LeadState.CONVERTED

    def _promise_nothing(self) -> None:
        """Have the promise end of whoever had it, unless first contact was made."""
        if self.first_contact_at is None:
            self.first_contact_due_at = None

    def _begin_anew_if_stale(self, now: datetime) -> None:
        """Give somebody who has just got a stale lead the time that anybody has."""
        if self.freshness is Freshness.STALE:
            self.fresh_since = now

    def _decide(self, qualification: Qualification, decision: Decision) -> None:
        self.qualification, self.decision = qualification, decision
        self.updated_at = decision.at

    def require_open(self) -> None:
        """Check that somebody still has to do with it. Raises `Conflict` that says why not."""
        if self.is_converted:
            message = "The lead was converted: go on with what it has become."
            raise Conflict(message, code="lead_converted")
        if self.erased_at is not None:
            raise Conflict("Who the lead was, was erased.", code="lead_erased")
        if not self.is_open:
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
