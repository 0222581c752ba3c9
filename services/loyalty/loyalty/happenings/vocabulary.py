"""What conditions can ask about a happening, and about the member whom it befell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_DOWN, Decimal
from functools import lru_cache
from uuid import UUID
from zoneinfo import ZoneInfo

from chassis.conditions.condition import Condition, compile_condition
from chassis.conditions.evaluation import MAX_ITEMS, MAX_TEXT, Value
from chassis.conditions.syntax import Kind
from chassis.money import EXACT, minor_unit
from loyalty.happenings.domain import Happening

VARIABLES: Mapping[str, Kind] = {
    "kind": Kind.TEXT,
    "channel": Kind.TEXT,
    "branch": Kind.TEXT,
    "total": Kind.INTEGER,
    "currency": Kind.TEXT,
    "categories": Kind.TEXTS,
    "skus": Kind.TEXTS,
    "quantity": Kind.INTEGER,
    "properties": Kind.PROPERTIES,
    "member.tier": Kind.TEXT,
    "member.days": Kind.INTEGER,
    "member.segments": Kind.TEXTS,
    "local.year": Kind.INTEGER,
    "local.month": Kind.INTEGER,
    "local.day": Kind.INTEGER,
    "local.weekday": Kind.INTEGER,
    "local.hour": Kind.INTEGER,
}
MEANINGS: Mapping[str, str] = {
    "kind": "what happened, such as `order_delivered`",
    "channel": "where, such as `store` or `web`; empty when that is not known",
    "branch": "in which branch; empty when in none",
    "total": "what it was worth, with tax, in minor units of the currency; 0 without money",
    "currency": "the ISO 4217 code of its money; empty without",
    "categories": "the categories of what was bought, each once",
    "skus": "the article numbers of what was bought, each once",
    "quantity": "how many pieces were bought, without fractions",
    "properties": "what else the kind has, such as `properties.interaction_kind`",
    "member.tier": "the key of the member's tier; empty without one",
    "member.days": "how many whole days somebody had been a member",
    "member.segments": "the segments that the person is in; none until there are any",
    "local.year": "the year on the member's clock",
    "local.month": "the month, 1 to 12",
    "local.day": "the day of the month",
    "local.weekday": "the day of the week: Monday is 1, Sunday 7",
    "local.hour": "the hour, 0 to 23",
}
"""What each variable means. All times are those of the purchase for what befalls an order."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A member as rules look at one: `zone` is the member's own, `tier` the key of its tier."""

    member_id: UUID
    program_id: UUID
    enrolled_at: datetime
    zone: ZoneInfo
    tier: str = ""
    segments: Sequence[str] = ()


@lru_cache(maxsize=2_000)
def condition_of(source: str) -> Condition:
    """The condition over the variables above. Raises `Invalid` with the place."""
    return compile_condition(source, VARIABLES)


def values_of(happening: Happening, standing: Standing) -> Mapping[str, Value]:
    """The values of all variables; texts and lists are cut off where conditions would not read on."""
    local = happening.judged_at.astimezone(standing.zone)
    value = happening.value
    quantity = sum((line.quantity for line in happening.lines), Decimal(0))
    return {
        "kind": happening.kind.value,
        "channel": happening.channel[:MAX_TEXT],
        "branch": happening.branch[:MAX_TEXT],
        "total": 0 if value is None else minor_units(value.amount, value.currency),
        "currency": "" if value is None else value.currency,
        "categories": _each_once([line.category for line in happening.lines]),
        "skus": _each_once([line.sku for line in happening.lines]),
        "quantity": int(quantity.quantize(Decimal(1), rounding=ROUND_DOWN)),
        "properties": happening.properties,
        "member.tier": standing.tier,
        "member.days": max(0, (happening.judged_at - standing.enrolled_at).days),
        "member.segments": list(standing.segments)[:MAX_ITEMS],
        "local.year": local.year,
        "local.month": local.month,
        "local.day": local.day,
        "local.weekday": local.isoweekday(),
        "local.hour": local.hour,
    }


def minor_units(amount: Decimal, currency: str) -> int:
    """An amount in whole minor units of its currency: 12.50 in euros is 1250."""
    return int(amount.scaleb(minor_unit(currency), EXACT))


def _each_once(texts: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(text[:MAX_TEXT] for text in texts if text))[:MAX_ITEMS]
