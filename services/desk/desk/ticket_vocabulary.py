"""What conditions can ask about a ticket: the one place that says which values it has for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from chassis.conditions.condition import Condition, compile_condition
from chassis.conditions.evaluation import MAX_ITEMS, MAX_TEXT, Value
from chassis.conditions.syntax import Kind
from desk.tickets.domain import Ticket

VARIABLES: Mapping[str, Kind] = {
    "type": Kind.TEXT,
    "priority": Kind.TEXT,
    "status": Kind.TEXT,
    "channel": Kind.TEXT,
    "language": Kind.TEXT,
    "queue": Kind.TEXT,
    "subject": Kind.TEXT,
    "tags": Kind.TEXTS,
    "product_sku": Kind.TEXT,
    "asset_id": Kind.TEXT,
    "company_id": Kind.TEXT,
    "person_id": Kind.TEXT,
    "assignee_id": Kind.TEXT,
    "reopened": Kind.INTEGER,
    "open_hours": Kind.INTEGER,
    "waiting_hours": Kind.INTEGER,
    "tier": Kind.TEXT,
    "value": Kind.INTEGER,
    "owner_id": Kind.TEXT,
    "entitled": Kind.BOOLEAN,
    "custom": Kind.PROPERTIES,
}
MEANINGS: Mapping[str, str] = {
    "type": "what kind of concern it is, such as `incident`",
    "priority": "`low`, `normal`, `high` or `urgent`",
    "status": "how it stands, such as `waiting_for_customer`",
    "channel": "by what it came in, such as `email`",
    "language": "the customer's language, such as `zh-Hant`; empty while unknown",
    "queue": "the key of the queue that it is in; empty for none",
    "subject": "what it is about, in the words of whoever opened it",
    "tags": "what it is marked with",
    "product_sku": "the article number of the product that it is about; empty for none",
    "asset_id": "the thing of the customer's that it is about; empty for none",
    "company_id": "the company whose concern it is; empty for a consumer",
    "person_id": "whose concern it is; empty while nobody knows",
    "assignee_id": "the user who looks after it; empty while nobody does",
    "reopened": "how often it was reopened",
    "open_hours": "for how many whole hours it has been open",
    "waiting_hours": "for how many whole hours the customer has waited for an answer; 0 when not",
    "tier": "the key of the customer's tier, as loyalty said last; empty when not known",
    "value": "what the customer was worth to the tenant so far, in minor units; 0 when not known",
    "owner_id": "the user who owns the customer, as contacts said last; empty when not known",
    "entitled": "whether a warranty or a service contract of the customer's covers it",
    "custom": "the custom fields, such as `custom.floor`; numbers and dates are texts",
}
"""What each variable means."""


@dataclass(frozen=True, slots=True)
class Customer:
    """What other services say of the customer; nothing while they have not been asked, or are down.

    `value` is in minor units of the currency of the tenant's program.
    """

    tier: str = ""
    value: int = 0
    owner_id: UUID | None = None


UNKNOWN = Customer()


@lru_cache(maxsize=2_000)
def condition_of(source: str) -> Condition:
    """The condition over the variables above. Raises `Invalid` with the place."""
    return compile_condition(source, VARIABLES)


def values_of(
    ticket: Ticket,
    now: datetime,
    *,
    queue: str = "",
    customer: Customer = UNKNOWN,
    entitled: bool = False,
) -> Mapping[str, Value]:
    """The values of all variables; texts and lists are cut off where conditions would not read on.

    `queue` is the key of the ticket's queue; `entitled` comes from `entitlements.asked`.
    """
    waiting_since = ticket.waiting_since
    return {
        **{name: getattr(ticket, name).value for name in ("type", "priority", "status", "channel")},
        **{
            name: getattr(ticket, name)[:MAX_TEXT]
            for name in ("language", "subject", "product_sku")
        },
        **{name: _id_text(getattr(ticket, name)) for name in _IDS},
        "queue": queue,
        "tags": [tag[:MAX_TEXT] for tag in ticket.tags][:MAX_ITEMS],
        "reopened": ticket.reopened,
        "open_hours": _whole_hours(ticket.opened_at, now),
        "waiting_hours": 0 if waiting_since is None else _whole_hours(waiting_since, now),
        "tier": customer.tier[:MAX_TEXT],
        "value": customer.value,
        "owner_id": _id_text(customer.owner_id),
        "entitled": entitled,
        "custom": {
            key: value[:MAX_TEXT] if isinstance(value, str) else value
            for key, value in ticket.custom_fields.items()
            if value is not None
        },
    }


_IDS = ("asset_id", "company_id", "person_id", "assignee_id")


def _id_text(value: UUID | None) -> str:
    return "" if value is None else str(value)


def _whole_hours(since: datetime, now: datetime) -> int:
    return max(0, int((now - since).total_seconds() // 3600))
