"""How service contracts are kept: a row each, and one for what each ticket uses of one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from desk.assets.domain import Owner
from desk.entitlements.documents import coverage_in, coverage_out
from desk.entitlements.domain import (
    Allowance,
    AllowanceKind,
    Entitlement,
    EntitlementStatus,
    EntitlementTerms,
    Period,
    Use,
)

_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)
_word = sa.Text(collation="C")
ENTITLEMENT_ONCE = "entitlements_of_subscription_once"

entitlements = sa.Table(
    "entitlements",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("person_id", _uuid),
    sa.Column("company_id", _uuid),
    sa.Column("starts_on", sa.Date, nullable=False),
    sa.Column("ends_on", sa.Date, nullable=False),
    sa.Column("term_starts_on", sa.Date, nullable=False),
    sa.Column("coverage", sa.JSON, nullable=False),
    sa.Column("allowance_kind", _word, nullable=False),
    sa.Column("allowance", sa.Integer, nullable=False),
    sa.Column("period", _word, nullable=False),
    sa.Column("notice_days", sa.Integer, nullable=False),
    sa.Column("service_sku", _word, nullable=False),
    sa.Column("subscription_id", _uuid),
    sa.Column("status", _word, nullable=False),
    sa.Column("told_of_end", sa.Date),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("updated_at", _time, nullable=False),
)
_OWN = (
    "term_starts_on",
    "service_sku",
    "subscription_id",
    "told_of_end",
    "created_at",
    "updated_at",
)


class EntitlementsRepository(Repository[Entitlement]):
    """Service contracts for a change. Whoever counts what is used holds the lock of the contract."""

    table = entitlements
    kind = "entitlement"

    def of_subscription(self, subscription_id: UUID, service_sku: str) -> Entitlement | None:
        """The contract that came of a subscription to a service product, locked."""
        self._tx.flush()
        about = {
            "tenant_id": self._tx.tenant_id,
            "subscription_id": subscription_id,
            "service_sku": service_sku,
        }
        row = self._tx.fetch_one(_OF_SUBSCRIPTION, about)
        return None if row is None else self.get(UUID(str(row["id"])))

    def use_of(self, entitlement_id: UUID, ticket_id: UUID) -> Use | None:
        """What a ticket uses of a contract."""
        row = self._tx.fetch_one(_USE, self._about(entitlement_id, ticket_id))
        return None if row is None else Use(ticket_id, **row)

    def used_by_others(self, entitlement_id: UUID, use: Use) -> int:
        """What other tickets use in the same period."""
        about = self._about(entitlement_id, use.ticket_id)
        row = self._tx.fetch_one(_OTHERS, {**about, "period_starts_on": use.period_starts_on})
        return int((row or {"used": 0})["used"])

    def keep_use(self, entitlement_id: UUID, use: Use) -> None:
        """Keep what a ticket uses, in place of what it used before."""
        about = {
            **self._about(entitlement_id, use.ticket_id),
            "amount": use.amount,
            "period_starts_on": use.period_starts_on,
            "used_on": use.used_on,
            "used_at": self._tx.clock.now(),
            "used_by": self._tx.caller.actor,
        }
        self._tx.write(_KEEP_USE, about)

    def drop_use(self, entitlement_id: UUID, ticket_id: UUID) -> None:
        """Have a ticket use nothing."""
        self._tx.write(_DROP_USE, self._about(entitlement_id, ticket_id))

    def days_of_use(self, entitlement_id: UUID) -> list[date]:
        """The days on which a contract was used."""
        about = {"tenant_id": self._tx.tenant_id, "entitlement_id": entitlement_id}
        return [row["used_on"] for row in self._tx.fetch_all(_DAYS, about)]

    def count_in(self, entitlement_id: UUID, day: date, period_starts_on: date) -> None:
        """Have what was used on a day count in a period."""
        about = {
            "tenant_id": self._tx.tenant_id,
            "entitlement_id": entitlement_id,
            "used_on": day,
            "period_starts_on": period_starts_on,
        }
        self._tx.write(_COUNT_IN, about)

    def _about(self, entitlement_id: UUID, ticket_id: UUID) -> dict[str, Any]:
        return {
            "tenant_id": self._tx.tenant_id,
            "entitlement_id": entitlement_id,
            "ticket_id": ticket_id,
        }

    def _aggregate(self, row: sa.RowMapping) -> Entitlement:
        return entitlement_of(row)

    def _row(self, aggregate: Entitlement) -> dict[str, Any]:
        terms = aggregate.terms
        return {
            **{name: getattr(aggregate, name) for name in _OWN},
            **{name: getattr(terms, name) for name in ("name", "starts_on", "ends_on")},
            "notice_days": terms.notice_days,
            "coverage": coverage_out(terms.coverage),
            "allowance_kind": terms.allowance.kind,
            "allowance": terms.allowance.amount,
            "period": terms.allowance.period,
            "person_id": aggregate.owner.person_id,
            "company_id": aggregate.owner.company_id,
            "status": aggregate.status,
        }


def entitlement_of(row: Mapping[str, Any] | sa.RowMapping) -> Entitlement:
    """The contract that a row of the table stands for."""
    return Entitlement(
        id=row["id"],
        version=row["version"],
        owner=Owner(row["person_id"], row["company_id"]),
        terms=EntitlementTerms(
            name=row["name"],
            starts_on=row["starts_on"],
            ends_on=row["ends_on"],
            coverage=coverage_in(row["coverage"]),
            allowance=Allowance(
                AllowanceKind(row["allowance_kind"]), row["allowance"], Period(row["period"])
            ),
            notice_days=row["notice_days"],
        ),
        status=EntitlementStatus(row["status"]),
        **{name: row[name] for name in _OWN},
    )


_OF_SUBSCRIPTION = Statement(
    "SELECT id FROM entitlements WHERE tenant_id = %(tenant_id)s"
    " AND subscription_id = %(subscription_id)s AND service_sku = %(service_sku)s"
)
_OF_TICKET = (
    "WHERE tenant_id = %(tenant_id)s AND entitlement_id = %(entitlement_id)s"
    " AND ticket_id = %(ticket_id)s"
)
_USE = Statement(
    f"SELECT amount, used_on, period_starts_on FROM entitlement_uses {_OF_TICKET}"  # noqa: S608 - our own words
)
_OTHERS = Statement(
    "SELECT coalesce(sum(amount), 0) AS used FROM entitlement_uses"
    " WHERE tenant_id = %(tenant_id)s AND entitlement_id = %(entitlement_id)s"
    " AND ticket_id <> %(ticket_id)s AND period_starts_on = %(period_starts_on)s"
)
_KEEP_USE = Statement(
    "INSERT INTO entitlement_uses (tenant_id, entitlement_id, ticket_id, amount, period_starts_on,"
    " used_on, used_at, used_by) VALUES (%(tenant_id)s, %(entitlement_id)s, %(ticket_id)s,"
    " %(amount)s, %(period_starts_on)s, %(used_on)s, %(used_at)s, %(used_by)s)"
    " ON CONFLICT (tenant_id, entitlement_id, ticket_id) DO UPDATE SET amount = EXCLUDED.amount,"
    " used_at = EXCLUDED.used_at, used_by = EXCLUDED.used_by"
)
_DAYS = Statement(
    "SELECT DISTINCT used_on FROM entitlement_uses WHERE tenant_id = %(tenant_id)s"
    " AND entitlement_id = %(entitlement_id)s ORDER BY used_on"
)
_COUNT_IN = Statement(
    "UPDATE entitlement_uses SET period_starts_on = %(period_starts_on)s"
    " WHERE tenant_id = %(tenant_id)s AND entitlement_id = %(entitlement_id)s"
    " AND used_on = %(used_on)s AND period_starts_on <> %(period_starts_on)s"
)
_DROP_USE = Statement(f"DELETE FROM entitlement_uses {_OF_TICKET}")  # noqa: S608 - our own words
