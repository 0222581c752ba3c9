"""What is subscribed to, now and as planned, as JSON has it in the database."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sales.recurring_revenue.domain import SubscriptionLine
from sales.subscription_changes.domain import PlannedChange


def line_document(line: SubscriptionLine) -> dict[str, Any]:
    """A line as JSON has it."""
    return {
        "name": line.name,
        "product_id": None if line.product_id is None else str(line.product_id),
        "unit_price": f"{line.unit_price:f}",
        "quantity": f"{line.quantity:f}",
    }


def line_of(document: Mapping[str, Any]) -> SubscriptionLine:
    """The line that a document gives."""
    product_id = document["product_id"]
    return SubscriptionLine(
        name=document["name"],
        product_id=None if product_id is None else UUID(product_id),
        unit_price=Decimal(document["unit_price"]),
        quantity=Decimal(document["quantity"]),
    )


def planned_document(planned: PlannedChange | None) -> dict[str, Any] | None:
    """A planned change as JSON has it."""
    if planned is None:
        return None
    return {
        "effective_on": planned.effective_on.isoformat(),
        "lines": [line_document(line) for line in planned.lines],
    }


def planned_of(document: Mapping[str, Any] | None) -> PlannedChange | None:
    """The planned change that a document gives, if any."""
    if document is None:
        return None
    effective_on = date.fromisoformat(document["effective_on"])
    return PlannedChange(effective_on, tuple(line_of(one) for one in document["lines"]))
