"""Gives members points for what befalls them, by the rules that were in force then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from loyalty.earning.domain import Outcome
from loyalty.earning.holding import cause_of
from loyalty.earning.judging import Judgement, Used, judge
from loyalty.earning.settling import settle_order, settle_referral
from loyalty.earning.standing import standing_of
from loyalty.earning.storage import keep, lock, used_of
from loyalty.earning.tiers import tiers_in_time
from loyalty.earning_rules.storage import rules_in_force
from loyalty.earning_terms.domain import TRIGGERS, RuleInForce
from loyalty.happenings.domain import Happening, HappeningKind
from loyalty.happenings.vocabulary import Standing
from loyalty.ledger.operations import earn
from loyalty.limits.domain import Act, Verdict
from loyalty.limits.operations import FREE, check
from loyalty.members.queries import MemberRef, active_members
from loyalty.programs.queries import program
from loyalty.transaction import LoyaltyTx


def hear(tx: LoyaltyTx, happening: Happening) -> None:
    """Give what rules give for it to each of the person's memberships, and take back what is due.

    Refunds may be told before what they are about: whichever comes last, it ends the same.
    """
    rules: Sequence[RuleInForce] = ()
    if happening.kind in TRIGGERS:
        rules = rules_in_force(tx, happening.kind, happening.judged_at)
        if not rules:
            return
    elif happening.order_id is None:
        return
    if happening.order_id is not None:
        lock(tx, f"order {happening.order_id}")
    if happening.kind is HappeningKind.REFERRAL_COMPLETED:
        lock(tx, f"referral {happening.key}")
    members = active_members(tx, happening.person_id) if rules else ()
    # What loyalty itself tells is about one program, whatever else the person is a member of.
    about = happening.properties.get("program_id")
    for member in sorted(members, key=lambda one: one.id):
        theirs = [rule for rule in rules if rule.program_id == member.program_id]
        if theirs and about in (None, str(member.program_id)):
            _earn(tx, happening, member, theirs)
    if happening.order_id is not None:
        settle_order(tx, happening.order_id)
    if happening.kind is HappeningKind.REFERRAL_COMPLETED:
        settle_referral(tx, UUID(happening.key))


@dataclass(frozen=True, slots=True)
class _Case:
    """A happening, the member whom it befell, and whether a limit is passed by it."""

    happening: Happening
    standing: Standing
    pending_days: int
    verdict: Verdict


def _earn(
    tx: LoyaltyTx, happening: Happening, member: MemberRef, rules: Sequence[RuleInForce]
) -> None:
    lock(tx, f"member {member.id}")  # what caps leave is counted by one at a time
    at = happening.judged_at
    tiers = tiers_in_time(tx, member.program_id, [member.id])
    on_top = tiers.multiplier(member.id, at, happening.kind)
    if on_top is not None:
        rules = [*rules, on_top]
    standing = standing_of(tx, member, tiers.tier_at(member.id, at))

    def uses(rule_id: UUID, first: date, last: date) -> Used:
        return used_of(tx, member.id, rule_id, first, last)

    judged = judge(happening, standing, rules, uses)
    points = sum(one.points for one in judged)
    verdict = FREE
    if points:
        act = f"{happening.kind}:{happening.key}"
        verdict = check(tx, member.id, Act.EARNING, points, key=act)
    pending = program(tx, member.program_id).terms.policies.pending
    case = _Case(happening, standing, pending.days, verdict)
    for one in judged:
        _post(tx, case, one)


def _post(tx: LoyaltyTx, case: _Case, one: Judgement) -> None:
    """Give what was judged, unless it is blocked or has to wait, and note it with the reasons."""
    outcome, counts_from = _outcome(one, case.verdict), _counts_from(case, one)
    if outcome is Outcome.EARNED:
        told = case.happening
        cause = cause_of(one.rule.rule_id, told.kind, told.key, told.order_number)
        earn(tx, case.standing.member_id, one.points, cause, pending_until=counts_from)
    about = {"id": tx.ids.new(), "outcome": outcome, "created_at": tx.clock.now()}
    limited = outcome in (Outcome.BLOCKED, Outcome.HELD)
    about["reason"] = "limit" if limited else ""
    about["review_id"] = case.verdict.review_id if limited else None
    keep(tx, one, {**_about(case), **about, "counts_from": counts_from})


def _outcome(one: Judgement, verdict: Verdict) -> Outcome:
    if not one.points:
        return Outcome.NOTHING
    if verdict.blocks:
        return Outcome.BLOCKED
    return Outcome.HELD if verdict.holds else Outcome.EARNED


def _counts_from(case: _Case, one: Judgement) -> datetime | None:
    """When points count: days after what happened, by the rule or else by the program."""
    own = one.rule.terms.pending_days
    days = case.pending_days if own is None else own
    return case.happening.happened_at + timedelta(days=days) if days and one.points else None


def _about(case: _Case) -> dict[str, Any]:
    happening, standing = case.happening, case.standing
    own = ("kind", "key", "order_id", "happened_at", "judged_at")
    return {
        **{name: getattr(happening, name) for name in own},
        "program_id": standing.program_id,
        "member_id": standing.member_id,
        "happening_id": happening.id,
        "reference": happening.order_number,
        "counted_on": happening.judged_at.astimezone(standing.zone).date(),
        "currency": None if happening.value is None else happening.value.currency,
    }
