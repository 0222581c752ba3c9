"""Figures of forecasts as documents, as snapshots keep them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sales.forecasts.domain import Adjustable, Deals, Figures

_CATEGORIES = ("closed", "commit", "best_case", "pipeline", "omitted")


def figures_document(figures: Figures) -> dict[str, Any]:
    """The figures as JSON has them."""
    kept: dict[str, Any] = {name: _deals(getattr(figures, name)) for name in _CATEGORIES}
    return {**kept, "likely": str(figures.likely)}


def figures_of(document: Mapping[str, Any]) -> Figures:
    """The figures that a document gives."""
    deals = {name: _deals_of(document[name]) for name in _CATEGORIES}
    return Figures(**deals, likely=Decimal(document["likely"]))


def adjusted_document(adjusted: Mapping[Adjustable, Decimal]) -> dict[str, str]:
    """What managers expect, as JSON has it."""
    return {one.value: str(amount) for one, amount in adjusted.items()}


def adjusted_of(document: Mapping[str, str]) -> dict[Adjustable, Decimal]:
    """What managers expect, by a document."""
    return {Adjustable(one): Decimal(amount) for one, amount in document.items()}


def _deals(deals: Deals) -> dict[str, Any]:
    return {"count": deals.count, "unvalued": deals.unvalued, "amount": str(deals.amount)}


def _deals_of(document: Mapping[str, Any]) -> Deals:
    return Deals(document["count"], document["unvalued"], Decimal(document["amount"]))
