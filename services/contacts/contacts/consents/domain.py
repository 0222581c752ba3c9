"""What people allow: one consent for each person, purpose and channel (CO-11)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
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
    counted: bool = True


@dataclass(frozen=True, slots=True)
class Standing:
    """What counts after all that was said; `said_at` is the time of the last saying of it."""

    state: ConsentState = ConsentState.NONE
    legal_basis: LegalBasis = LegalBasis.CONSENT
    source: str = ""
    proof: str = ""
    said_at: datetime | None = None
    granted_at: datetime | None = None
    confirmed_at: datetime | None = None
    withdrawn_at: datetime | None = None

    def outdates(self, said: Said) -> bool:
        """Whether something later was said; at the same instant, no wins over yes."""
        if self.said_at is None or said.said_at > self.said_at:
            return False
        yes = said.word is not Word.WITHDRAWN
        return said.said_at < self.said_at or (yes and self.state is ConsentState.WITHDRAWN)

    def after(self, said: Said) -> Standing:
        """What counts once this is said, which nothing outdates."""
        if said.word is Word.CONFIRMED:
            at = said.said_at
            state = ConsentState.GRANTED
            return replace(self, state=state, said_at=at, granted_at=at, confirmed_at=at)
        state = _STATES[said.word]
        if state is ConsentState.PENDING and self.state is ConsentState.GRANTED:
            state = ConsentState.GRANTED  # asking again takes nothing back
        begun = self if state is self.state else _BEGUN[state](said.said_at)
        return replace(
            begun,
            state=state,
            legal_basis=said.legal_basis,
            source=said.source,
            proof=said.proof,
            said_at=said.said_at,
        )

    def united(self, other: Standing) -> Standing:
        """What counts when two people were one all the time.

        No wins over yes, and yes over what was never confirmed; of two alike the later counts.
        Nothing that was said before the last saying of either counts afterwards.
        """
        latest = max(filter(None, (self.said_at, other.said_at)), default=None)
        return replace(max(self, other, key=_weight), said_at=latest)


def standing_of(history: Iterable[Said]) -> Standing:
    """What counts after a history, in the order in which it was recorded.

    Whether an entry counted then says nothing: it may have been another person's saying that
    outdated it.
    """
    standing = Standing()
    for said in sorted(history, key=lambda said: said.recorded_at):
        if not standing.outdates(said):
            standing = standing.after(said)
    return standing


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
class ConsentMoved(Unpublished):
    """The consent is another person's or nobody's, because of a merge; the merge tells of it."""

    person_id: UUID | None


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

    `round` rises with every time that a confirmation becomes due: a link is good for its own round
    only. `unsaved` are the entries of the history that are still to be stored.
    """

    key: ConsentKey
    standing: Standing = field(default_factory=Standing)
    round: int = 0
    asked_at: datetime | None = None
    created_at: datetime
    updated_at: datetime
    unsaved: list[Said] = field(default_factory=list, repr=False, compare=False)

    @property
    def state(self) -> ConsentState:
        """Whether the person may be written to."""
        return self.standing.state

    def say(self, saying: Saying, now: datetime, *, to_confirm: bool = False) -> bool:
        """Take in what was said; True when the person has to be asked to confirm it.

        Saying what is so already changes nothing. What is older than the last saying is noted and
        does not count; at the same instant, no wins over yes. With `to_confirm` a yes counts only
        once it is confirmed. Raises `Invalid` for a time that cannot be.
        """
        said_at = self._time_of(saying, now)
        if self._is_known(saying, now):
            return False
        to_confirm = to_confirm and self.state is not ConsentState.GRANTED
        said = Said(
            _word_of(saying, to_confirm=to_confirm),
            saying.legal_basis,
            saying.source,
            saying.proof,
            said_at,
            now,
        )
        if saying.said_at is not None and self.standing.outdates(said):
            self.unsaved.append(replace(said, counted=False))
            self._touch(SayingNoted(), now)
            return False
        self.unsaved.append(said)
        self._stand(self.standing.after(said), now)
        return said.word is Word.REQUESTED and self._may_ask(now)

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
        said_at = max(now, self.standing.said_at or now)
        basis = self.standing.legal_basis
        said = Said(Word.CONFIRMED, basis, BY_LINK, proof, said_at, now)
        self.unsaved.append(said)
        self._stand(self.standing.after(said), now)

    def unite(self, other: Consent, now: datetime) -> None:
        """Be what two people have said who turned out to be one."""
        self._stand(self.standing.united(other.standing), now)

    def stand_by(self, history: Iterable[Said], now: datetime) -> None:
        """Be what this history amounts to: some of what was said is another person's now."""
        self._stand(standing_of(history), now)

    def hand_over(self, person_id: UUID, now: datetime) -> None:
        """Be the consent of the person whom its own one was merged into, or taken out of."""
        self.key = self.key._replace(person_id=person_id)
        self._touch(ConsentMoved(person_id), now)

    def set_aside(self, now: datetime) -> None:
        """Go: a merge has made it a double."""
        self._touch(ConsentMoved(None), now)

    def put_back(self, history: Iterable[Said], now: datetime) -> None:
        """Be there again, as what the history of the person amounts to."""
        self.standing = standing_of(history)
        self._touch(ConsentMoved(self.key.person_id), now)

    def _stand(self, standing: Standing, now: datetime) -> None:
        """Take over what counts, and tell if somebody may do more or less by it."""
        before, self.standing = self.standing, standing
        if standing.state is before.state:
            self._touch(SayingNoted(), now)
        elif standing.state is ConsentState.PENDING:
            self.round += 1
            self._touch(ConsentRequested(self.id, self.key), now)
        elif standing.state is ConsentState.GRANTED:
            basis, source = standing.legal_basis, standing.source or BY_LINK
            self._touch(ConsentGranted(self.id, self.key, basis, source), now)
        else:
            self._touch(ConsentWithdrawn(self.id, self.key, standing.source), now)

    def _touch(self, fact: Fact, now: datetime) -> None:
        self.updated_at = now
        self.record(fact)

    def _time_of(self, saying: Saying, now: datetime) -> datetime:
        """When it was said: never later than now, so that nothing said afterwards is outdated."""
        if saying.said_at is None:
            return max(now, self.standing.said_at or now)  # the latest, whatever our clock has done
        if saying.said_at > now + TOLERANCE:
            message = f"It is later than now, {now:%Y-%m-%dT%H:%M:%SZ}: has it been said yet?"
            raise Invalid.at("/said_at", "said_in_future", message)
        if saying.said_at < EARLIEST:
            raise Invalid.at("/said_at", "said_too_early", "It is before 1970.")
        return min(saying.said_at, now)

    def _is_known(self, saying: Saying, now: datetime) -> bool:
        """Whether this is what was said last, once more."""
        last = self.standing
        if last.state is ConsentState.NONE or saying.granted == (
            last.state is ConsentState.WITHDRAWN
        ):
            return False
        if last.state is ConsentState.PENDING and self._may_ask(now):
            return False
        said = (saying.source, saying.proof, saying.legal_basis)
        same = said == (last.source, last.proof, last.legal_basis)
        return same and saying.said_at in (None, last.said_at)

    def _may_ask(self, now: datetime) -> bool:
        return self.asked_at is None or not self.asked_at <= now < self.asked_at + ASK_AGAIN_AFTER


def _word_of(saying: Saying, *, to_confirm: bool) -> Word:
    if not saying.granted:
        return Word.WITHDRAWN
    return Word.REQUESTED if to_confirm else Word.GRANTED


def _weight(standing: Standing) -> tuple[int, datetime]:
    return _WEIGHTS[standing.state], standing.said_at or EARLIEST


_STATES: Mapping[Word, ConsentState] = {
    Word.REQUESTED: ConsentState.PENDING,
    Word.GRANTED: ConsentState.GRANTED,
    Word.WITHDRAWN: ConsentState.WITHDRAWN,
}
_BEGUN: Mapping[ConsentState, Callable[[datetime], Standing]] = {
    ConsentState.PENDING: lambda _at: Standing(),
    ConsentState.GRANTED: lambda at: Standing(granted_at=at),
    ConsentState.WITHDRAWN: lambda at: Standing(withdrawn_at=at),
}
_WEIGHTS: Mapping[ConsentState, int] = {
    ConsentState.NONE: 0,
    ConsentState.PENDING: 1,
    ConsentState.GRANTED: 2,
    ConsentState.WITHDRAWN: 3,
}
