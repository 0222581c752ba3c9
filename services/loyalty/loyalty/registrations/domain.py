"""Who comes to an event: registered, waiting, there, and in the end attended or missed (LO-10)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from chassis.domain import Aggregate, Conflict, Fact
from loyalty.activities.domain import Activity
from loyalty.codes.domain import LONG
from loyalty.gifts.domain import GIVEN_NOTHING, Given
from loyalty.messages.domain import MessageAsked, request_id_of


class RegistrationState(StrEnum):
    """How far somebody has come."""

    WAITLISTED = "waitlisted"
    REGISTERED = "registered"
    CANCELLED = "cancelled"
    CHECKED_IN = "checked_in"
    ATTENDED = "attended"
    NO_SHOW = "no_show"


class CancelReason(StrEnum):
    """Why somebody does not come."""

    WITHDRAWN = "withdrawn"
    ACTIVITY_CANCELLED = "activity_cancelled"
    NO_PLACE = "no_place"


WITH_PLACE = (
    RegistrationState.REGISTERED,
    RegistrationState.CHECKED_IN,
    RegistrationState.ATTENDED,
)
UNSETTLED = (
    RegistrationState.WAITLISTED,
    RegistrationState.REGISTERED,
    RegistrationState.CHECKED_IN,
)


@dataclass(frozen=True, slots=True)
class RegistrationAccepted(Fact):
    """Somebody has a place."""

    registration: Registration
    starts_at: datetime
    from_waiting_list: bool


@dataclass(frozen=True, slots=True)
class RegistrationWaitlisted(Fact):
    """Somebody waits for one."""

    registration: Registration


@dataclass(frozen=True, slots=True)
class RegistrationCancelled(Fact):
    """Somebody does not come."""

    registration: Registration
    reason: CancelReason


@dataclass(frozen=True, slots=True)
class RegistrationAdmitted(Fact):
    """Somebody is there."""

    registration: Registration


@dataclass(frozen=True, slots=True)
class ActivityAttended(Fact):
    """Somebody was there."""

    registration: Registration
    kind: str
    venue: str


@dataclass(frozen=True, slots=True)
class ActivityMissed(Fact):
    """Somebody had a place and did not come."""

    registration: Registration


@dataclass(frozen=True, slots=True)
class ContactDetailsRefreshAsked(Fact):
    """Whoever was there is asked whether what is known of them is right."""

    asking: ContactRefresh


@dataclass(kw_only=True)
class Registration(Aggregate):
    """A member's place at an activity, or in the queue for one.

    `ticket` is the code that lets its bearer in, once; the queue goes by `registered_at`.
    """

    activity_id: UUID
    program_id: UUID
    member_id: UUID
    person_id: UUID | None
    state: RegistrationState
    ticket: str
    registered_at: datetime
    updated_at: datetime
    checked_in_at: datetime | None = None
    checked_in_by: str = ""
    attended_at: datetime | None = None
    cancel_reason: CancelReason | None = None
    given: Given = GIVEN_NOTHING

    @property
    def written_ticket(self) -> str:
        """The ticket's code as people see it."""
        return LONG.written(self.ticket)

    def accept(self, activity: Activity, now: datetime) -> None:
        """Have a place: at once, or after having waited."""
        waited = self.version > 0
        self.state, self.updated_at = RegistrationState.REGISTERED, now
        self.record(RegistrationAccepted(self, activity.terms.starts_at, waited))

    def wait(self) -> None:
        """Stand in the queue."""
        self.record(RegistrationWaitlisted(self))

    def withdraw(self, now: datetime) -> None:
        """Not come after all. Raises `Conflict` for whoever is there, or was."""
        if self.state is RegistrationState.CANCELLED:
            return
        if self.state not in (RegistrationState.REGISTERED, RegistrationState.WAITLISTED):
            message = f"The registration is {self.state}."
            raise Conflict(message, code="registration_settled")
        self.cancel(CancelReason.WITHDRAWN, now)

    def cancel(self, reason: CancelReason, now: datetime) -> None:
        """Have it be void."""
        self.state, self.cancel_reason = RegistrationState.CANCELLED, reason
        self.updated_at = now
        self.record(RegistrationCancelled(self, reason))

    def check_in(self, by: str, now: datetime) -> None:
        """Be there, once. Raises `Conflict` for a second time, and for whoever has no place."""
        if self.state in (RegistrationState.CHECKED_IN, RegistrationState.ATTENDED):
            message = "With this registration somebody has checked in already."
            raise Conflict(message, code="already_checked_in")
        if self.state not in (RegistrationState.REGISTERED, RegistrationState.NO_SHOW):
            message = f"The registration is {self.state}: it gives no place."
            raise Conflict(message, code="no_place")
        self.state, self.checked_in_by = RegistrationState.CHECKED_IN, by
        self.checked_in_at = self.updated_at = now
        self.record(RegistrationAdmitted(self))

    def attend(self, activity: Activity, given: Given, now: datetime) -> None:
        """Have been there."""
        self.state, self.given = RegistrationState.ATTENDED, given
        self.attended_at, self.updated_at = self.checked_in_at or now, now
        terms = activity.terms
        self.record(ActivityAttended(self, terms.kind, terms.venue.value))

    def miss(self, now: datetime) -> None:
        """Not have been there."""
        self.state, self.updated_at = RegistrationState.NO_SHOW, now
        self.record(ActivityMissed(self))


@dataclass(kw_only=True)
class ContactRefresh(Aggregate):
    """Somebody was asked whether what is known of them is still right."""

    person_id: UUID
    member_id: UUID
    program_id: UUID
    activity_id: UUID
    asked_at: datetime

    def ask(self, template: str, titles: Mapping[str, str]) -> None:
        """Ask; with a template of notifications by a message, too, which names the event by language."""
        self.record(ContactDetailsRefreshAsked(self))
        if template:
            request_id = request_id_of(self.id, "contact_details_refresh")
            words = {"titles": titles}
            self.record(MessageAsked(request_id, self.person_id, template, variables=words))
