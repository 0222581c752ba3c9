"""What people allow: one consent for each person, purpose and channel (CO-11)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from chassis.domain import Aggregate, Fact, Invalid, Unpublished
from contacts.contact_points.domain import Channel
from contacts.purposes.domain import LegalBasis

LINK_LASTS = timedelta(days=7)
"""How long the link of a confirmation can be used."""
ASK_AGAIN_AFTER = timedelta(minutes=5)
"""Nobody is sent a second confirmation sooner, however often a form is filled in."""
TOLERANCE = timedelta(minutes=5)
"""How far ahead of ours the clock of an app may be."""
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
BY_LINK = "double opt-in"


class ConsentState(StrEnum):
    """Whether somebody may be written to; only `granted` is a yes."""

    NONE = "none"
    PENDING = "pending"
    GRANTED = "granted"
    WITHDRAWN = "withdrawn"


class Word(StrEnum):
    """What was said."""

    REQUESTED = "requested"
    GRANTED = "granted"
    CONFIRMED = "confirmed"
    WITHDRAWN = "withdrawn"


class ConsentKey(NamedTuple):
    """What a consent is about."""

    person_id: UUID
    purpose: str
    channel: Channel


@dataclass(frozen=True, slots=True)
class Saying:
    """What somebody has said, and what shows it. Without `said_at` they say it now."""

    granted: bool
    legal_basis: LegalBasis
    source: str
    proof: str = ""
    said_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """An entry of the history; `counted` unless something later had been said already."""

    word: Word
    legal_basis: LegalBasis
    source: str
    proof: str
    said_at: datetime
    recorded_at: datetime
    counted: bool


class LinkOutcome(StrEnum):
    """What the link of a confirmation comes to."""

    CONFIRMABLE = "confirmable"
    CONFIRMED = "confirmed"
    ALREADY = "already"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    REPLACED = "replaced"
    MOVED = "moved"
    CLOSED = "closed"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class ConsentRequested(Fact):
    """A person was asked to confirm a consent; nothing is allowed yet."""

    consent_id: UUID
    key: ConsentKey


@dataclass(frozen=True, slots=True)
class ConsentGranted(Fact):
    """A person may be written to."""

    consent_id: UUID
    key: ConsentKey
    legal_basis: LegalBasis
    source: str


@dataclass(frozen=True, slots=True)
class ConsentWithdrawn(Fact):
    """A person may no longer be written to."""

    consent_id: UUID
    key: ConsentKey
    source: str


@dataclass(frozen=True, slots=True)
class SayingNoted(Unpublished):
    """Something was said that leaves the state as it is."""


@dataclass(frozen=True, slots=True)
class ConfirmationAsked(Fact):
    """Not a fact but a request: notifications is asked to send the link to the address itself."""

    request_id: UUID
    person_id: UUID
    channel: Channel
    contact_point_id: UUID
    link: str
    purpose_names: Mapping[str, str]
    expires_at: datetime


@dataclass(kw_only=True)
class Consent(Aggregate):
    """What one person has said about one purpose on one channel.

    `said_at` is the time of the last saying that counts. `round` rises with every time that a
    confirmation becomes due: a link is good for its own round only. `unsaved` are the entries of
    the history that are still to be stored.
    """

    key: ConsentKey
    state: ConsentState = ConsentState.NONE
    legal_basis: LegalBasis = LegalBasis.CONSENT
    source: str = ""
    proof: str = ""
    said_at: datetime | None = None
    granted_at: datetime | None = None
    confirmed_at: datetime | None = None
    withdrawn_at: datetime | None = None
    round: int = 0
    asked_at: datetime | None = None
    created_at: datetime
    updated_at: datetime
    unsaved: list[Said] = field(default_factory=list, repr=False, compare=False)

    def say(self, saying: Saying, now: datetime, *, to_confirm: bool = False) -> bool:
        """Take in what was said; True when the person has to be asked to confirm it.

        Saying what is so already changes nothing. What is older than the last saying is noted and
        does not count; at the same instant, no wins over yes. With `to_confirm` a yes counts only
        once it is confirmed. Raises `Invalid` for a time that cannot be.
        """
        said_at = self._time_of(saying, now)
        if self._is_known(saying, now):
            return False
        word = _word_of(saying, to_confirm=to_confirm and self.state is not ConsentState.GRANTED)
        counted = not self._is_outdated(saying, said_at)
        self._note(word, saying, said_at, now, counted=counted)
        if counted:
            self._become(word, saying, said_at)
        else:
            self.record(SayingNoted())
        return counted and word is Word.REQUESTED and self._may_ask(now)

    def ask(self, request: ConfirmationAsked, now: datetime) -> None:
        """Have the person asked for confirmation."""
        self.asked_at = now
        self.record(request)

    def outcome_of(self, link_round: int, expires_at: datetime, now: datetime) -> LinkOutcome:
        """What a link of this consent can still do."""
        if self.state is ConsentState.GRANTED:
            return LinkOutcome.ALREADY
        if self.state is ConsentState.WITHDRAWN:
            return LinkOutcome.WITHDRAWN
        if now >= expires_at:
            return LinkOutcome.EXPIRED
        return LinkOutcome.CONFIRMABLE if link_round == self.round else LinkOutcome.REPLACED

    def confirm(self, proof: str, now: datetime) -> None:
        """Take the confirmation of a pending consent; `outcome_of` says whether it may be."""
        said_at = max(now, self.said_at or now)
        saying = Saying(True, self.legal_basis, BY_LINK, proof)  # noqa: FBT003
        self._note(Word.CONFIRMED, saying, said_at, now, counted=True)
        self.state, self.said_at = ConsentState.GRANTED, said_at
        self.granted_at = self.confirmed_at = said_at
        self.record(ConsentGranted(self.id, self.key, self.legal_basis, self.source or BY_LINK))

    def _time_of(self, saying: Saying, now: datetime) -> datetime:
        """When it was said: never later than now, so that nothing said afterwards is outdated."""
        if saying.said_at is None:
            return max(now, self.said_at or now)  # it is the latest, whatever our clock has done
        if saying.said_at > now + TOLERANCE:
            message = f"It is later than now, {now:%Y-%m-%dT%H:%M:%SZ}: has it been said yet?"
            raise Invalid.at("/said_at", "said_in_future", message)
        if saying.said_at < EARLIEST:
            raise Invalid.at("/said_at", "said_too_early", "It is before 1970.")
        return min(saying.said_at, now)

    def _is_known(self, saying: Saying, now: datetime) -> bool:
        """Whether this is what was said last, once more."""
        positive = self.state in (ConsentState.GRANTED, ConsentState.PENDING)
        same = (saying.source, saying.proof, saying.legal_basis) == (
            self.source,
            self.proof,
            self.legal_basis,
        )
        if self.state is ConsentState.NONE or saying.granted != positive:
            return False
        if self.state is ConsentState.PENDING and self._may_ask(now):
            return False
        return same and saying.said_at in (None, self.said_at)

    def _is_outdated(self, saying: Saying, said_at: datetime) -> bool:
        if saying.said_at is None or self.said_at is None or said_at > self.said_at:
            return False
        return said_at < self.said_at or (saying.granted and self.state is ConsentState.WITHDRAWN)

    def _may_ask(self, now: datetime) -> bool:
        return self.asked_at is None or not self.asked_at <= now < self.asked_at + ASK_AGAIN_AFTER

    def _note(
        self, word: Word, saying: Saying, said_at: datetime, now: datetime, *, counted: bool
    ) -> None:
        entry = Said(word, saying.legal_basis, saying.source, saying.proof, said_at, now, counted)
        self.unsaved.append(entry)
        self.updated_at = now

    def _become(self, word: Word, saying: Saying, said_at: datetime) -> None:
        before = self.state
        self.legal_basis, self.source, self.proof = saying.legal_basis, saying.source, saying.proof
        self.said_at, self.state = said_at, _STATES[word]
        if self.state is before:
            self.record(SayingNoted())
        elif self.state is ConsentState.PENDING:
            self.round += 1
            self.withdrawn_at = None
            self.record(ConsentRequested(self.id, self.key))
        elif self.state is ConsentState.GRANTED:
            self.granted_at, self.confirmed_at, self.withdrawn_at = said_at, None, None
            self.record(ConsentGranted(self.id, self.key, saying.legal_basis, saying.source))
        else:
            self.withdrawn_at, self.granted_at, self.confirmed_at = said_at, None, None
            self.record(ConsentWithdrawn(self.id, self.key, saying.source))


def _word_of(saying: Saying, *, to_confirm: bool) -> Word:
    if not saying.granted:
        return Word.WITHDRAWN
    return Word.REQUESTED if to_confirm else Word.GRANTED


_STATES: Mapping[Word, ConsentState] = {
    Word.REQUESTED: ConsentState.PENDING,
    Word.GRANTED: ConsentState.GRANTED,
    Word.CONFIRMED: ConsentState.GRANTED,
    Word.WITHDRAWN: ConsentState.WITHDRAWN,
}
