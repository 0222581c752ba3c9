"""Judges customers: from all they did, or by what they did last where that comes after all else.

What is told in the order in which it happened adds to what is kept of the customer, and costs the same
however much came before. The whole history is read for what comes out of order, for a purchase after
which another cycle is expected (all that was judged by it may be otherwise then), for money that is
paid back of a purchase before the latest spell or of all of one, under other rules, and once time has
passed: so whatever a fact said that was heard at the same time counts before anybody is called lost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from chassis.storage.unit_of_work import UnitOfWork
from loyalty.acts.domain import act_of
from loyalty.happenings.domain import Happening
from loyalty.retention.customers import (
    Judgement,
    SpellRow,
    forget_history,
    keep,
    keep_rhythms,
    keep_spell,
    locked_customer,
    no_customer,
    own_purchases,
    rhythms_kept,
)
from loyalty.retention.domain import RetentionDefinition, Rules
from loyalty.retention.life import Course, Spell, life_of, turnover_of
from loyalty.retention.purchases import (
    Acts,
    NotedOrder,
    acts_of,
    order_reason_of,
    purchases_of,
    reason_kept,
    turnover_kept,
)
from loyalty.retention.rhythm import (
    Cycle,
    CycleSource,
    Estimate,
    Purchase,
    Rhythm,
    cycle_of,
    main_category,
    rhythms_of,
)
from loyalty.retention.storage import estimates_of


def judge(
    tx: UnitOfWork,
    definition: RetentionDefinition,
    estimates: Mapping[str, Estimate],
    person_id: UUID,
) -> None:
    """Judge a person anew from all they did, once nobody else does."""
    _judge_whole(tx, locked_customer(tx, person_id), definition, estimates)


def follow(
    tx: UnitOfWork,
    definition: RetentionDefinition,
    happening: Happening,
    order: NotedOrder | None,
) -> None:
    """Judge a person by what befell them: on top of what is kept where that is enough, else anew.

    `order` is the purchase that it was about, before and after it.
    """
    row = locked_customer(tx, happening.person_id)
    if not _goes_on(row, definition, happening, order) or not _go_on(
        tx, row, definition, happening, order
    ):
        _judge_whole(tx, row, definition, estimates_of(tx))


def _judge_whole(
    tx: UnitOfWork,
    row: Mapping[str, Any],
    definition: RetentionDefinition,
    estimates: Mapping[str, Estimate],
) -> None:
    purchases = purchases_of(tx, row["person_id"])
    if not purchases:
        no_customer(tx, row["id"])
        return
    rules = definition.rules
    acts = acts_of(tx, row["person_id"], rules)
    rhythms = rhythms_of(purchases, definition.zone)
    category = main_category(rhythms)
    cycle = cycle_of(category, rhythms.get(category), rules, estimates)
    life = life_of(purchases, acts.signs, rules.lapse_after(cycle.days))
    spells = [_spell_row(spell, purchases, acts, rules) for spell in life.spells]
    first = purchases[0].at
    own_purchases(tx, row)
    forget_history(tx, row["id"])
    for one in spells:
        keep_spell(tx, row["id"], first, one, rules)
    keep_rhythms(tx, row["id"], rhythms)
    until = max([purchases[-1].at, *(at for at, _ in [*acts.signs, *acts.troubles])])
    found = Judgement(first, len(purchases), cycle, life.course, spells[-1], until)
    keep(tx, row, found, definition)


def _spell_row(spell: Spell, purchases: Sequence[Purchase], acts: Acts, rules: Rules) -> SpellRow:
    troubles = [why for at, why in acts.troubles if spell.began_at <= at < spell.ends_at]
    turnover = None
    if rules.high_value is not None:
        turnover = turnover_of(purchases, rules.high_value.currency, spell.last_bought_at)
    return SpellRow(spell, turnover, troubles[-1] if troubles else "")


def _goes_on(
    row: Mapping[str, Any],
    definition: RetentionDefinition,
    happening: Happening,
    order: NotedOrder | None,
) -> bool:
    """Whether what is kept of a customer is by the rules of now, and this comes after all of it."""
    until = row["known_until"]
    if not row["state"] or until is None or row["rules_version"] != definition.rules_version:
        return False
    if happening.happened_at < until or (order is not None and not order.is_sure):
        return False
    if order is None or order.before == order.after:
        return True
    if order.after is None:
        return False
    if order.before is None:
        return order.after.at == happening.happened_at
    # More or less was paid for a purchase that counts already.
    of_latest = order.after.at >= row["began_at"]
    alike = replace(order.before, amount=order.after.amount) == order.after
    return alike and (of_latest or definition.rules.high_value is None)


def _go_on(
    tx: UnitOfWork,
    row: Mapping[str, Any],
    definition: RetentionDefinition,
    happening: Happening,
    order: NotedOrder | None,
) -> bool:
    """Add what happened to what is kept; False, with nothing written, where it changes all that was."""
    rules, at = definition.rules, happening.happened_at
    course = Course(row["began_at"], row["last_bought_at"], row["counted_from"], row["over_at"])
    cycle = Cycle(row["category"], row["cycle_days"], CycleSource(row["cycle_source"]))
    rhythms: dict[str, Rhythm] = {}
    is_new = order is not None and order.before is None and order.after is not None
    if order is not None and order.after is not None and is_new:
        found = _with_purchase(tx, row["id"], order.after, definition)
        if found is None or found[1].days != cycle.days:
            return False
        rhythms, cycle = found
        course = course.bought(at, rules.lapse_after(cycle.days))
    lapse = rules.lapse_after(cycle.days)
    sign = rules.sign_table.of(act_of(happening.kind, happening.properties, happening.channel))
    if sign is not None:
        course = course.seen(at, sign.weight, lapse)
    latest = _latest(tx, row, definition.rules, (course.spell(lapse), happening, order))
    if order is not None:
        own_purchases(tx, row, [order.id])
    keep_rhythms(tx, row["id"], rhythms)
    keep_spell(tx, row["id"], row["first_bought_at"], latest, rules)
    count = row["purchases"] + is_new
    judgement = Judgement(row["first_bought_at"], count, cycle, course, latest, at)
    keep(tx, row, judgement, definition)
    return True


def _with_purchase(
    tx: UnitOfWork, customer_id: UUID, bought: Purchase, definition: RetentionDefinition
) -> tuple[dict[str, Rhythm], Cycle] | None:
    """The rhythms that are others with a purchase, and the cycle then; None for one out of order."""
    rhythms = rhythms_kept(tx, customer_id)
    changed: dict[str, Rhythm] = {}
    for category in bought.counted_in:
        before = rhythms.get(category)
        after = (
            rhythms_of([bought], definition.zone)[category]
            if before is None
            else before.and_then(bought.at, definition.zone)
        )
        if after is None:
            return None
        changed[category] = after
    rhythms |= changed
    category = main_category(rhythms)
    cycle = cycle_of(category, rhythms.get(category), definition.rules, estimates_of(tx))
    return changed, cycle


def _latest(
    tx: UnitOfWork,
    row: Mapping[str, Any],
    rules: Rules,
    known: tuple[Spell, Happening, NotedOrder | None],
) -> SpellRow:
    """The latest spell with what is told of it: looked up only as far as it may be another."""
    spell, happening, order = known
    turnover: Decimal | None = row["turnover"]
    if order is not None and order.before != order.after and rules.high_value is not None:
        about = (row["person_id"], rules.high_value.currency, spell.last_bought_at)
        turnover = turnover_kept(tx, *about)
    reason = ""
    if spell.began_at == row["began_at"]:
        reason = reason_kept(tx, row["id"], spell.began_at)
    told = order_reason_of(happening.kind, happening.properties)
    if told and _falls_into(spell, happening.happened_at):
        reason = told
    return SpellRow(spell, turnover, reason)


def _falls_into(spell: Spell, at: datetime) -> bool:
    return spell.began_at <= at < spell.ends_at
