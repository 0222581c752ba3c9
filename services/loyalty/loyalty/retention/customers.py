"""Keeps how customers stand, under the lock of their row, and tells when that is another than before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from chassis.domain import Fact, Money
from chassis.money import rounded
from chassis.storage.statements import Statement, json_text
from chassis.storage.unit_of_work import UnitOfWork
from loyalty.retention.domain import (
    CustomerState,
    MemberDrifted,
    MemberLapsed,
    MemberReturned,
    RetentionDefinition,
    Rules,
    Timing,
    ValueBand,
)
from loyalty.retention.life import Course, Life, Spell, state_of, timing_of
from loyalty.retention.rhythm import Cycle, Rhythm


@dataclass(frozen=True, slots=True)
class SpellRow:
    """A time as a customer with what is told of it when it has ended.

    `turnover` is None where the tenant does not say what much is.
    """

    spell: Spell
    turnover: Decimal | None
    order_reason: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is found of a customer: by how many purchases, and how the latest of their spells is.

    All that is known is from `known_until` or before.
    """

    first_bought_at: datetime
    purchases: int
    cycle: Cycle
    course: Course
    latest: SpellRow
    known_until: datetime


def locked_customer(tx: UnitOfWork, person_id: UUID) -> dict[str, Any]:
    """A person's row as a customer, which nobody else changes until this transaction ends."""
    about = {"tenant_id": tx.tenant_id, "person_id": person_id}
    tx.write(_BEGIN, {**about, "id": tx.ids.new(), "now": tx.clock.now()})
    row = tx.fetch_one(_LOCK, about)
    if row is None:
        raise RuntimeError("a customer that was begun is not there")
    return row


def keep(
    tx: UnitOfWork,
    row: Mapping[str, Any],
    found: Judgement,
    definition: RetentionDefinition,
) -> None:
    """Keep how a customer stands, and tell of a state that is another.

    Who is judged for the first time is not told of: that may have been long ago.
    """
    rules, course = definition.rules, found.course
    life = Life((found.latest.spell,), course)
    state, since = state_of(life, rules.drift_after(found.cycle.days), tx.clock.now())
    version, person_id = row["version"], row["person_id"]
    if row["state"] and row["state"] != state:
        version += 1
        before = CustomerState(row["state"])
        fact = _told(person_id, before, (state, since), found, rules)
        tx.publish(fact, person_id, version)
    values = {
        "version": version,
        "rules_version": definition.rules_version,
        "state": state,
        "state_since": since,
        "first_bought_at": found.first_bought_at,
        "last_bought_at": course.last_bought_at,
        "counted_from": course.counted_from,
        "drifts_at": course.counted_from + rules.drift_after(found.cycle.days),
        "lapses_at": found.latest.spell.ends_at,
        "purchases": found.purchases,
        "category": found.cycle.category,
        "cycle_days": found.cycle.days,
        "cycle_source": found.cycle.source,
        "began_at": course.began_at,
        "over_at": course.over_at,
        "known_until": found.known_until,
        **_value(found.latest, rules),
    }
    tx.write(_KEEP, {"tenant_id": tx.tenant_id, "customer_id": row["id"], **values})


def keep_spell(
    tx: UnitOfWork, customer_id: UUID, first_bought_at: datetime, one: SpellRow, rules: Rules
) -> None:
    """Keep a time as a customer, as it is now."""
    spell = one.spell
    values = {
        "tenant_id": tx.tenant_id,
        "customer_id": customer_id,
        "began_at": spell.began_at,
        "ends_at": spell.ends_at,
        "is_first": spell.began_at == first_bought_at,
        "last_bought_at": spell.last_bought_at,
        "timing": timing_of(first_bought_at, spell.last_bought_at, rules),
        "order_reason": one.order_reason,
        **_value(one, rules),
    }
    tx.write(_SPELL, values)


def keep_rhythms(tx: UnitOfWork, customer_id: UUID, rhythms: Mapping[str, Rhythm]) -> None:
    """Keep how a customer buys of some categories, as it is now."""
    for category, one in sorted(rhythms.items()):
        values = {
            "tenant_id": tx.tenant_id,
            "customer_id": customer_id,
            "category": category,
            "purchases": one.purchases,
            "last_bought_at": one.last_bought_at,
            "last_on": one.last_on,
            "gaps": json_text({str(days): often for days, often in one.gaps.items()}),
        }
        tx.write(_RHYTHM, values)


def rhythms_kept(tx: UnitOfWork, customer_id: UUID) -> dict[str, Rhythm]:
    """How a customer buys, as it was kept."""
    about = {"tenant_id": tx.tenant_id, "customer_id": customer_id}
    return {row["category"]: _rhythm(row) for row in tx.fetch_all(_RHYTHMS, about)}


def forget_history(tx: UnitOfWork, customer_id: UUID) -> None:
    """Take out what is about to be written anew from all purchases."""
    about = {"tenant_id": tx.tenant_id, "customer_id": customer_id}
    for statement in (_NO_SPELLS, _NO_RHYTHMS):
        tx.write(statement, about)


def no_customer(tx: UnitOfWork, customer_id: UUID) -> None:
    """Take out a customer of whose purchases none counts any more."""
    forget_history(tx, customer_id)
    about = {"tenant_id": tx.tenant_id, "customer_id": customer_id}
    for statement in (_NO_REASONS, _NO_PURCHASES, _NO_CUSTOMER):
        tx.write(statement, about)


def own_purchases(
    tx: UnitOfWork, row: Mapping[str, Any], order_ids: Iterable[UUID] | None = None
) -> None:
    """Have orders count for a customer: all of the person's, or some."""
    about = {"tenant_id": tx.tenant_id, "customer_id": row["id"], "person_id": row["person_id"]}
    if order_ids is None:
        tx.write(_OWN_PURCHASES, about)
    else:
        tx.write(_OWN_SOME, {**about, "ids": list(order_ids)})


def _told(
    person_id: UUID,
    before: CustomerState,
    now: tuple[CustomerState, datetime],
    found: Judgement,
    rules: Rules,
) -> Fact:
    state, since = now
    if state is CustomerState.ACTIVE:
        return MemberReturned(person_id, found.course.counted_from, before)
    last_bought_at = found.latest.spell.last_bought_at
    value = _value(found.latest, rules)
    known: dict[str, Any] = {
        "person_id": person_id,
        "since": since,
        "last_bought_at": last_bought_at,
        "category": found.cycle.category,
        "cycle_days": found.cycle.days,
        "value_band": value["value_band"],
    }
    if state is CustomerState.DRIFTING:
        return MemberDrifted(**known)
    turnover = None
    if value["currency"] is not None:
        turnover = Money(rounded(value["turnover"], value["currency"]), value["currency"])
    timing = Timing(timing_of(found.first_bought_at, last_bought_at, rules))
    reason = found.latest.order_reason
    return MemberLapsed(**known, timing=timing, order_reason=reason, turnover=turnover)


def _value(one: SpellRow, rules: Rules) -> dict[str, Any]:
    high = rules.high_value
    if high is None or one.turnover is None:
        return {"turnover": None, "currency": None, "value_band": None}
    band = ValueBand.HIGH if one.turnover >= high.amount else ValueBand.LOW
    return {"turnover": one.turnover, "currency": high.currency, "value_band": band}


def _rhythm(row: Mapping[str, Any]) -> Rhythm:
    last_on: date = row["last_on"]
    gaps = {int(days): often for days, often in row["gaps"].items()}
    return Rhythm(row["purchases"], row["last_bought_at"], last_on, gaps)


_BEGIN = Statement(
    "INSERT INTO retention_customers (tenant_id, id, version, person_id, rules_version, state,"
    " last_bought_at, purchases, category, cycle_days, cycle_source)"
    " VALUES (%(tenant_id)s, %(id)s, 0, %(person_id)s, 0, '', %(now)s, 0, '', 1, '')"
    " ON CONFLICT DO NOTHING"
)
_LOCK = Statement(
    "SELECT * FROM retention_customers"
    " WHERE tenant_id = %(tenant_id)s AND person_id = %(person_id)s FOR UPDATE"
)
_ROW = (
    "rules_version state state_since first_bought_at last_bought_at counted_from drifts_at lapses_at"
    " purchases category cycle_days cycle_source turnover currency value_band began_at over_at"
    " known_until"
).split()
_KEEP = Statement(
    "UPDATE retention_customers SET version = %(version)s, "  # noqa: S608 - names of our own
    + ", ".join(f"{name} = %({name})s" for name in _ROW)
    + " WHERE tenant_id = %(tenant_id)s AND id = %(customer_id)s"
)
_SPELL = Statement(
    "INSERT INTO retention_spells (tenant_id, customer_id, began_at, ends_at, is_first,"
    " last_bought_at, turnover, currency, value_band, timing, order_reason)"
    " VALUES (%(tenant_id)s, %(customer_id)s, %(began_at)s, %(ends_at)s, %(is_first)s,"
    " %(last_bought_at)s, %(turnover)s, %(currency)s, %(value_band)s, %(timing)s, %(order_reason)s)"
    " ON CONFLICT (tenant_id, customer_id, began_at) DO UPDATE SET ends_at = excluded.ends_at,"
    " last_bought_at = excluded.last_bought_at, turnover = excluded.turnover,"
    " currency = excluded.currency, value_band = excluded.value_band, timing = excluded.timing,"
    " order_reason = excluded.order_reason"
)
_RHYTHM = Statement(
    "INSERT INTO retention_rhythms (tenant_id, customer_id, category, purchases, last_bought_at,"
    " last_on, gaps) VALUES (%(tenant_id)s, %(customer_id)s, %(category)s, %(purchases)s,"
    " %(last_bought_at)s, %(last_on)s, %(gaps)s) ON CONFLICT (tenant_id, customer_id, category)"
    " DO UPDATE SET purchases = excluded.purchases, last_bought_at = excluded.last_bought_at,"
    " last_on = excluded.last_on, gaps = excluded.gaps"
)
_MINE = "WHERE tenant_id = %(tenant_id)s AND customer_id = %(customer_id)s"
_RHYTHMS = Statement(
    "SELECT category, purchases, last_bought_at, last_on, gaps"  # noqa: S608 - our own words
    f" FROM retention_rhythms {_MINE}"
)
_NO_SPELLS = Statement(f"DELETE FROM retention_spells {_MINE}")  # noqa: S608 - our own words
_NO_RHYTHMS = Statement(f"DELETE FROM retention_rhythms {_MINE}")  # noqa: S608 - our own words
_NO_REASONS = Statement(f"DELETE FROM retention_loss_reasons {_MINE}")  # noqa: S608 - our own words
_NO_PURCHASES = Statement(
    f"UPDATE retention_purchases SET customer_id = NULL {_MINE}"  # noqa: S608 - our own words
)
_NO_CUSTOMER = Statement(
    "DELETE FROM retention_customers WHERE tenant_id = %(tenant_id)s AND id = %(customer_id)s"
)
_OWN_PURCHASES = Statement(
    "UPDATE retention_purchases SET customer_id = %(customer_id)s WHERE tenant_id = %(tenant_id)s"
    " AND person_id = %(person_id)s AND customer_id IS DISTINCT FROM %(customer_id)s"
)
_OWN_SOME = Statement(
    "UPDATE retention_purchases SET customer_id = %(customer_id)s WHERE tenant_id = %(tenant_id)s"
    " AND id = ANY(%(ids)s) AND customer_id IS DISTINCT FROM %(customer_id)s"
)
