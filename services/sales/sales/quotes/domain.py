"""What is offered to a customer, and its way: approved, sent, accepted, rejected or expired (SA-10)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID

from chassis.domain import Aggregate, Conflict, Fact, Forbidden, Invalid, Money
from sales.periods.domain import LATEST
from sales.quote_approvals.domain import ApprovalRule, Approvers
from sales.quote_offers.domain import Offer, QuoteTerms


class QuoteStatus(StrEnum):
    """How far a quote is."""

    DRAFT = "draft"
    IN_APPROVAL = "in_approval"
    APPROVED = "approved"
    SENT = "sent"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Approval:
    """A step that a rule has asked for, and by whom it was taken."""

    rule_id: UUID
    name: Mapping[str, str]
    approvers: Approvers
    approved_by: UUID | None = None
    approved_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class QuoteFact(Fact):
    """What the facts about quotes have in common."""

    quote: Quote


class QuoteDrafted(QuoteFact):
    """A quote is begun."""


class QuoteChanged(QuoteFact):
    """A quote offers something else; approvals are void."""


class QuoteSubmitted(QuoteFact):
    """A quote waits for approval, or needs none."""


class QuoteApproved(QuoteFact):
    """Everybody who has to has approved a quote."""


class QuoteRefused(QuoteFact):
    """An approver has refused a quote."""


class QuoteSent(QuoteFact):
    """A quote went to the customer."""


class QuoteAccepted(QuoteFact):
    """The customer wants it."""


class QuoteRejected(QuoteFact):
    """The customer does not want it."""


class QuoteExpired(QuoteFact):
    """Nobody has answered in time."""


class QuoteStepApproved(QuoteFact):
    """One of several approvers has approved."""


class QuoteStepDropped(QuoteFact):
    """A step is waited for no more: its rule was removed."""


@dataclass(frozen=True, slots=True)
class QuoteLinkMailAsked(QuoteFact):
    """The customer is to get the link of what was sent by mail."""

    request_id: UUID
    person_id: UUID
    link: str
    seller: Mapping[str, str]


@dataclass(kw_only=True)
class Quote(Aggregate):
    """An offer; each that was sent is a version of its own, `revision`.

    `accepted_by` is the name that was given on the page of the link. `base_total` is what it is worth
    in the tenant's base currency, by the rate of the day on which it was priced.
    """

    number: str
    terms: QuoteTerms
    offer: Offer
    status: QuoteStatus
    created_at: datetime
    updated_at: datetime
    revision: int = 1
    approvals: tuple[Approval, ...] = ()
    submitted_by: UUID | None = None
    sent_at: datetime | None = None
    answered_at: datetime | None = None
    answer: str = ""
    accepted_by: str = ""
    order_id: UUID | None = None
    base_total: Money | None = None

    @property
    def total(self) -> Money:
        """What it comes to, with tax."""
        return self.offer.total(self.terms.currency)

    @property
    def expires_at(self) -> datetime:
        """The end of its last day."""
        return datetime.combine(self.terms.valid_until + timedelta(days=1), time(), UTC)

    def draft(self, now: datetime) -> None:
        """Say that it is there. Raises `Invalid` for one of nobody or of the past."""
        self._require_sound(now)
        self.record(QuoteDrafted(self))

    def change(
        self, terms: QuoteTerms, offer: Offer, base_total: Money | None, now: datetime
    ) -> None:
        """Offer something else: whatever was approved is void, and what was sent is withdrawn.

        Raises `Conflict` for an accepted one, `Invalid`.
        """
        if self.status is QuoteStatus.ACCEPTED:
            message = "The quote was accepted; what was agreed stays."
            raise Conflict(message, code="quote_accepted")
        left_the_house = self.sent_at is not None
        self.terms, self.offer, self.base_total = terms, offer, base_total
        self._require_sound(now)
        if left_the_house:
            self.revision += 1
        self.status, self.approvals, self.submitted_by = QuoteStatus.DRAFT, (), None
        self.sent_at = self.answered_at = None
        self.answer = ""
        self._changed(now, QuoteChanged(self))

    def submit(
        self,
        rules: Sequence[ApprovalRule],
        by: UUID | None,
        manager_id: UUID | None,
        now: datetime,
    ) -> None:
        """Ask for the approvals that its discounts need; without any it is approved at once.

        `manager_id` is who leads whoever submits it. One that was approved may be submitted again,
        for rules that have come up since. Raises `Conflict` when nobody could take a step.
        """
        self.require_submittable()
        self.approvals = _steps(rules, by, manager_id)
        self.submitted_by = by
        self.status = QuoteStatus.IN_APPROVAL if rules else QuoteStatus.APPROVED
        self._changed(now, QuoteSubmitted(self))
        if not rules:
            self.record(QuoteApproved(self))

    def approve(self, by: UUID | None, role_ids: tuple[UUID, ...], now: datetime) -> None:
        """Take the first open step; steps are taken one after the other, each by somebody else.

        Raises `Conflict` unless it waits, `Forbidden` for whoever may not take the step.
        """
        place = self._open_step(by, role_ids)
        taken = self.approvals[place]
        done = Approval(taken.rule_id, taken.name, taken.approvers, by, now)
        self.approvals = (*self.approvals[:place], done, *self.approvals[place + 1 :])
        if place + 1 < len(self.approvals):
            self._changed(now, QuoteStepApproved(self))
            return
        self.status = QuoteStatus.APPROVED
        self._changed(now, QuoteApproved(self))

    def drop_step(self, rule_id: UUID, now: datetime) -> None:
        """Wait no more for what a rule asked for that is gone; steps that were taken stay, as history."""
        left = tuple(
            one for one in self.approvals if one.rule_id != rule_id or one.approved_by is not None
        )
        if self.status is not QuoteStatus.IN_APPROVAL or left == self.approvals:
            return
        self.approvals = left
        self._changed(now, QuoteStepDropped(self))
        if all(one.approved_by is not None for one in left):
            self.status = QuoteStatus.APPROVED
            self.record(QuoteApproved(self))

    def refuse(
        self, by: UUID | None, role_ids: tuple[UUID, ...], reason: str, now: datetime
    ) -> None:
        """Send it back to its author. Raises as `approve` does."""
        self._open_step(by, role_ids)
        self.status, self.approvals, self.answer = QuoteStatus.DRAFT, (), reason
        self._changed(now, QuoteRefused(self))

    def send(self, rules: Sequence[ApprovalRule], now: datetime) -> None:
        """Let it go to the customer.

        `rules` are those that its discounts need by now: one that came up since it was approved
        has to be met, too. Raises `Conflict` unless it is approved, or when it is out of time.
        """
        self.require_approved()
        approved = {one.rule_id for one in self.approvals}
        if any(one.id not in approved for one in rules):
            message = "A rule has come up that it was not approved by: submit it again."
            raise Conflict(message, code="approval_needed")
        self._require_time(now)
        self.status, self.sent_at, self.answer = QuoteStatus.SENT, now, ""
        self._changed(now, QuoteSent(self))

    def ask_for_mail(
        self, request_id: UUID, link: str, seller: Mapping[str, str], now: datetime
    ) -> None:
        """Have the customer get the link by mail.

        `seller` is what the seller is called, by language. Raises `Conflict` unless it is with the
        customer and in time, and for a company, whose mail goes to a person.
        """
        self.require_answerable(now)
        person_id = self.terms.person_id
        if person_id is None:
            message = "The quote names no person, and mail goes to a person: set person_id first."
            raise Conflict(message, code="customer_unreachable")
        self.record(QuoteLinkMailAsked(self, request_id, person_id, link, seller))

    def accept(self, order_id: UUID, by: str, now: datetime) -> None:
        """Have it ordered. Raises `Conflict` unless it is with the customer and in time."""
        self.require_answerable(now)
        self.status, self.answered_at, self.order_id = QuoteStatus.ACCEPTED, now, order_id
        self.accepted_by = by
        self._changed(now, QuoteAccepted(self))

    def reject(self, reason: str, now: datetime) -> None:
        """Have the customer say no. Raises `Conflict` unless it is with the customer and in time."""
        self.require_answerable(now)
        self.status, self.answered_at, self.answer = QuoteStatus.REJECTED, now, reason
        self._changed(now, QuoteRejected(self))

    def expire(self, now: datetime) -> None:
        """Have its time be over; nothing happens to one that was answered or has time left."""
        if self.status is QuoteStatus.SENT and now >= self.expires_at:
            self.status = QuoteStatus.EXPIRED
            self._changed(now, QuoteExpired(self))

    @property
    def awaited(self) -> Approvers | None:
        """Whose approval it waits for now; None when for nobody's."""
        if self.status is not QuoteStatus.IN_APPROVAL:
            return None
        waiting = (one.approvers for one in self.approvals if one.approved_by is None)
        return next(waiting, None)

    def awaits(self, user_id: UUID | None, role_ids: tuple[UUID, ...]) -> bool:
        """Whether a user is one of those who approve it."""
        return any(one.approvers.include(user_id, role_ids) for one in self.approvals)

    def require_submittable(self) -> None:
        """Raises `Conflict` unless it is a draft, or approved."""
        self._require(QuoteStatus.DRAFT, QuoteStatus.APPROVED)

    def require_approved(self) -> None:
        """Raises `Conflict` unless it is approved."""
        self._require(QuoteStatus.APPROVED)

    def require_answerable(self, now: datetime) -> None:
        """Raises `Conflict` unless it is with the customer and in time."""
        self._require(QuoteStatus.SENT)
        self._require_time(now)

    def _open_step(self, by: UUID | None, role_ids: tuple[UUID, ...]) -> int:
        self._require(QuoteStatus.IN_APPROVAL)
        place = next(n for n, one in enumerate(self.approvals) if one.approved_by is None)
        if not self.approvals[place].approvers.include(by, role_ids):
            message = "This step is for somebody else."
            raise Forbidden(message, code="not_the_approver")
        if by in (self.submitted_by, *(one.approved_by for one in self.approvals)):
            message = "Whoever has submitted or approved a quote approves no (other) step of it."
            raise Forbidden(message, code="approver_involved")
        return place

    def _require_sound(self, now: datetime) -> None:
        if self.terms.person_id is None and self.terms.company_id is None:
            message = "A quote is for a person or a company: person_id or company_id is needed."
            raise Invalid.at("/person_id", "customer_missing", message)
        if self.terms.valid_until < now.date():
            raise Invalid.at("/valid_until", "in_past", "Its last day is over already.")
        if self.terms.valid_until > LATEST:
            message = f"No quote is valid for longer than {LATEST}."
            raise Invalid.at("/valid_until", "day_impossible", message)

    def _require(self, *statuses: QuoteStatus) -> None:
        if self.status not in statuses:
            wanted = " or ".join(statuses)
            message = f"The quote has to be {wanted} for that, and it is {self.status}."
            raise Conflict(message, code="quote_status")

    def _require_time(self, now: datetime) -> None:
        if now >= self.expires_at:
            message = f"It was valid until {self.terms.valid_until}; change that first."
            raise Conflict(message, code="quote_expired")

    def _changed(self, now: datetime, fact: Fact) -> None:
        self.updated_at = now
        self.record(fact)


def _steps(
    rules: Sequence[ApprovalRule], by: UUID | None, manager_id: UUID | None
) -> tuple[Approval, ...]:
    """The steps that rules ask for, each with somebody left who can take it."""
    involved: set[UUID] = set() if by is None else {by}
    steps: list[Approval] = []
    for rule in rules:
        approvers = rule.approvers.led_by(manager_id)
        left = approvers.without(involved)
        if left is not None and len(left) == 1:
            involved.update(left)
        steps.append(Approval(rule.id, rule.name, approvers))
    return tuple(steps)
