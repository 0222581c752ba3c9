"""Limits on how much may be done within how long: who writes them, and who asks before acting."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from loyalty.limits.domain import (
    Act,
    Measure,
    Response,
    ReviewStatus,
    Scope,
    VelocityReview,
    VelocityRule,
    VelocityTerms,
    Verdict,
)
from loyalty.limits.storage import Counted, done_within, limits_on, note_act, review_for
from loyalty.members.queries import member_ref
from loyalty.programs.queries import program
from loyalty.transaction import LoyaltyTx

FREE = Verdict()


def create_rule(tx: LoyaltyTx, program_id: UUID, terms: VelocityTerms) -> VelocityRule:
    """Set a limit; what was done before does not count. Raises `NotFound`, `Invalid`."""
    program(tx, program_id)
    now = tx.clock.now()
    rule = VelocityRule(
        id=tx.ids.new(), program_id=program_id, terms=terms, created_at=now, updated_at=now
    )
    rule.create()
    tx.velocity_rules.add(rule)
    return rule


def change_rule(
    tx: LoyaltyTx, rule_id: UUID, changed: Callable[[VelocityTerms], VelocityTerms]
) -> VelocityRule:
    """Have a limit be another one. Raises `NotFound`, `Invalid`."""
    rule = tx.velocity_rules.get(rule_id)
    rule.change(changed(rule.terms), tx.clock.now())
    return rule


def remove_rule(tx: LoyaltyTx, rule_id: UUID) -> VelocityRule:
    """Take a limit away; reviews of it stay. Raises `NotFound`."""
    rule = tx.velocity_rules.get(rule_id)
    rule.remove()
    tx.velocity_rules.remove(rule)
    return rule


@dataclass(frozen=True, slots=True)
class _Passed:
    """A limit that an act passes, with how much it comes to."""

    rule: VelocityRule
    subject: str
    measured: int


def check(
    tx: LoyaltyTx,
    member_id: UUID,
    act: Act,
    points: int = 0,
    *,
    key: str = "",
    coupon: str = "",
    referrer: str = "",
) -> Verdict:
    """Whether a member may act now, and count the act unless it is blocked.

    `key` is the business key of the act: asked again with the same, it counts once, and gives what
    a review has decided. It counts as done now, whenever what it is about happened: by dates of before,
    or told in another order, nobody stays under a limit. `coupon` and `referrer` are what limits of those scopes count by. Whoever
    acts at the same time waits until the transaction ends. Ask before the ledger moves points, so
    that everybody locks in the same order. Raises `NotFound` without such a member.
    """
    program_id = member_ref(tx, member_id).program_id
    limits = limits_on(tx, program_id, act)
    if not limits:
        return FREE
    key = key or str(tx.ids.new())
    decided = review_for(tx, program_id, act, key)
    if decided is not None:
        return _decided(decided)
    subjects = {
        Scope.MEMBER: str(member_id),
        Scope.COUPON: coupon,
        Scope.REFERRER: referrer,
        Scope.ACTOR: tx.caller.actor,
    }
    scopes = sorted({rule.terms.scope for rule in limits if subjects[rule.terms.scope]})
    counted = {one: Counted(program_id, act, one, subjects[one]) for one in scopes}
    for one in counted.values():
        one.lock(tx)
    passed = [
        over
        for rule in limits
        if rule.terms.scope in counted
        and (over := _passed(tx, rule, counted[rule.terms.scope], key, points))
    ]
    gravest = max(passed, key=lambda one: one.rule.terms.response.weight, default=None)
    if gravest is None or gravest.rule.terms.response is not Response.BLOCK:
        for one in counted.values():
            note_act(tx, one, key, points)
    if gravest is None:
        return FREE
    return _reviewed(tx, member_id, gravest, {"act": act, "key": key, "points": points})


def _passed(
    tx: LoyaltyTx, rule: VelocityRule, counted: Counted, key: str, points: int
) -> _Passed | None:
    terms = rule.terms
    before = done_within(tx, counted, key, terms.window)[terms.measure]
    measured = before + (1 if terms.measure is Measure.TIMES else points)
    return _Passed(rule, counted.subject, measured) if measured > terms.most else None


def _reviewed(
    tx: LoyaltyTx, member_id: UUID, passed: _Passed, act: Mapping[str, object]
) -> Verdict:
    review = VelocityReview(
        id=tx.ids.new(),
        rule_id=passed.rule.id,
        program_id=passed.rule.program_id,
        member_id=member_id,
        subject=passed.subject,
        measured=passed.measured,
        most=passed.rule.terms.most,
        response=passed.rule.terms.response,
        created_at=tx.clock.now(),
        **act,  # type: ignore[arg-type]
    )
    review.open()
    tx.velocity_reviews.add(review)
    return Verdict(review.response, review.id)


def _decided(review: VelocityReview) -> Verdict:
    if review.status is ReviewStatus.CLEARED:
        return FREE
    refused = review.status is ReviewStatus.CONFIRMED
    return Verdict(review.response, review.id, refused=refused)
