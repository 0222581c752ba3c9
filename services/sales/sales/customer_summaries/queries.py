"""How a customer stands with sales, read at once for whoever looks at them as a whole (CO-5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from chassis.domain import Forbidden
from chassis.storage.scope import Scope
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading
from sales.opportunities.api import READ as READ_DEALS
from sales.orders.api import READ as READ_ORDERS
from sales.people.named import known_as
from sales.quotes.api import READ as READ_QUOTES
from sales.subscriptions.api import READ as READ_SUBSCRIPTIONS

PARTS = {
    "deals": READ_DEALS,
    "quotes": READ_QUOTES,
    "orders": READ_ORDERS,
    "subscriptions": READ_SUBSCRIPTIONS,
}
"""What a summary is made of, and the permission that each part needs."""


@dataclass(frozen=True, slots=True)
class CustomerSummary:
    """What there is of a customer; lists are as the database wrote them, amounts and days as text."""

    found: Mapping[str, Any]
    withheld: tuple[str, ...]


def summary_of(reading: Reading, person_id: UUID, company_id: UUID | None) -> CustomerSummary:
    """What there is of a person, or who is left after a merge, and of the company if one is named.

    Each part within the caller's reach under its own permission. Raises `Forbidden` without any.
    """
    caller = reading.caller
    withheld = tuple(sorted(part for part, needed in PARTS.items() if caller.reach(needed) is None))
    if len(withheld) == len(PARTS):
        message = f"This needs one of the permissions {', '.join(PARTS.values())}."
        raise Forbidden(message, code="permission_missing")
    about: dict[str, Any] = {
        "tenant_id": caller.tenant_id,
        "person_id": known_as(reading, person_id),
        "company_id": company_id,
        "now": reading.clock.now(),
    }
    for part, permission in PARTS.items():
        scope = Scope.under(caller, permission)
        about[f"all_{part}"] = scope.owners is None
        about[f"{part}_of"] = sorted(scope.owners or ())
    row = reading.fetch_one(_SUMMARY, about)
    if row is None:
        raise RuntimeError("a summary without a row")
    return CustomerSummary(row, withheld)


_THEIRS = (
    "t.tenant_id = %(tenant_id)s AND (t.person_id = %(person_id)s OR t.company_id = %(company_id)s)"
)
_SUMMARY = Statement(
    f"""
    WITH deals AS (
        SELECT * FROM opportunities t WHERE {_THEIRS} AND (
            %(all_deals)s OR t.owner_id = ANY(%(deals_of)s) OR EXISTS (
                SELECT FROM opportunity_members m
                WHERE m.tenant_id = %(tenant_id)s AND m.opportunity_id = t.id
                    AND m.left_at IS NULL AND m.user_id = ANY(%(deals_of)s)
            )
        )
    ), waiting AS (
        SELECT * FROM quotes t WHERE {_THEIRS}
            AND (%(all_quotes)s OR t.owner_id = ANY(%(quotes_of)s))
            AND t.status IN ('draft', 'in_approval', 'approved', 'sent')
    ), placed AS (
        SELECT id, number, status, total, currency, placed_at FROM orders t WHERE {_THEIRS}
            AND (%(all_orders)s OR t.owner_id = ANY(%(orders_of)s))
    ), running AS (
        SELECT * FROM subscriptions t WHERE {_THEIRS}
            AND (%(all_subscriptions)s OR t.owner_id = ANY(%(subscriptions_of)s))
            AND t.status <> 'ended'
    )
    SELECT (
        SELECT coalesce(json_agg(l), '[]') FROM (
            SELECT id, name, stage, amount::text, currency, probability, expected_close_on,
                owner_id, person_id
            FROM deals WHERE state = 'open'
            ORDER BY expected_close_on NULLS LAST, id LIMIT 10
        ) l
    ) AS deals, (
        SELECT count(*) FROM deals WHERE state = 'open'
    ) AS deal_count, (
        SELECT coalesce(json_agg(l), '[]') FROM (
            SELECT currency, sum(amount)::text AS total, count(*) AS count,
                coalesce(sum(amount) FILTER (
                    WHERE closed_at > %(now)s::timestamptz - interval '12 months'
                ), 0)::text AS last_year
            FROM deals WHERE state = 'won' AND amount IS NOT NULL
            GROUP BY currency ORDER BY currency LIMIT 20
        ) l
    ) AS won, (
        SELECT coalesce(json_agg(l), '[]') FROM (
            SELECT id, number, status, total::text, currency, valid_until
            FROM waiting ORDER BY created_at DESC, id DESC LIMIT 10
        ) l
    ) AS quotes, (
        SELECT count(*) FROM waiting
    ) AS quote_count, (
        SELECT coalesce(json_agg(l), '[]') FROM (
            SELECT id, number, status, total::text, currency, placed_at
            FROM placed ORDER BY placed_at DESC, id DESC LIMIT 5
        ) l
    ) AS orders, (
        SELECT count(*) FROM placed
    ) AS order_count, (
        SELECT coalesce(json_agg(l), '[]') FROM (
            SELECT id, name, status, mrr::text, currency, ends_on
            FROM running ORDER BY created_at DESC, id DESC LIMIT 10
        ) l
    ) AS subscriptions, (
        SELECT count(*) FROM running
    ) AS subscription_count
    """  # noqa: S608 - our own words
)
