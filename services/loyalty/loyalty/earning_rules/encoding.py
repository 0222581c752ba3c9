"""The terms of a rule as they are kept, and back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from chassis.domain import Money
from loyalty.earning_terms.domain import (
    KINDS_OF_GIVING,
    Basis,
    Cap,
    CapMeasure,
    CapPeriod,
    EarningTerms,
    Fixed,
    Giving,
    Multiplier,
    PerAmount,
    Rounding,
    Window,
)
from loyalty.happenings.domain import HappeningKind


def kept(terms: EarningTerms) -> dict[str, Any]:
    """Terms in words, numbers and lists."""
    plain = ("name", "condition", "pending_days", "priority", "group")
    window = terms.window
    return {
        **{name: getattr(terms, name) for name in plain},
        **{name: list(getattr(terms, name)) for name in ("categories", "skus", "tiers")},
        "trigger": terms.trigger.value,
        "gives": _giving_out(terms.gives),
        "window": {
            "valid_from": _time_out(window.valid_from),
            "valid_until": _time_out(window.valid_until),
            "weekdays": list(window.weekdays),
            "from_hour": window.from_hour,
            "until_hour": window.until_hour,
        },
        "caps": [
            {"measure": cap.measure.value, "per": cap.per.value, "limit": cap.limit}
            for cap in terms.caps
        ],
    }


def terms_of(content: Mapping[str, Any]) -> EarningTerms:
    """The terms that were kept."""
    plain = ("name", "condition", "pending_days", "priority", "group")
    window = content["window"]
    return EarningTerms(
        **{name: content[name] for name in plain},
        categories=tuple(content["categories"]),
        skus=tuple(content["skus"]),
        tiers=tuple(content["tiers"]),
        trigger=HappeningKind(content["trigger"]),
        gives=_giving_in(content["gives"]),
        window=Window(
            valid_from=_time_in(window["valid_from"]),
            valid_until=_time_in(window["valid_until"]),
            weekdays=tuple(window["weekdays"]),
            from_hour=window["from_hour"],
            until_hour=window["until_hour"],
        ),
        caps=tuple(
            Cap(CapMeasure(cap["measure"]), CapPeriod(cap["per"]), cap["limit"])
            for cap in content["caps"]
        ),
    )


def _giving_out(gives: Giving) -> dict[str, Any]:
    kind = {"kind": KINDS_OF_GIVING[type(gives)]}
    if isinstance(gives, Multiplier):
        return {**kind, "factor": f"{gives.factor:f}"}
    if isinstance(gives, Fixed):
        return {**kind, "points": gives.points}
    return {
        **kind,
        "points": gives.points,
        "amount": f"{gives.amount.amount:f}",
        "currency": gives.amount.currency,
        "basis": gives.basis.value,
        "rounding": gives.rounding.value,
    }


def _giving_in(content: Mapping[str, Any]) -> Giving:
    if content["kind"] == "multiplier":
        return Multiplier(Decimal(content["factor"]))
    if content["kind"] == "fixed":
        return Fixed(content["points"])
    return PerAmount(
        points=content["points"],
        amount=Money(Decimal(content["amount"]), content["currency"]),
        basis=Basis(content["basis"]),
        rounding=Rounding(content["rounding"]),
    )


def _time_out(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _time_in(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
