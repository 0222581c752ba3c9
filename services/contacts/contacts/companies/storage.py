"""How companies are kept: one row each, the keys that they can be found by, and their tree."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import UnitOfWork
from contacts.companies.domain import MAX_LEVELS, Company, CompanyDetails
from contacts.companies.found_by import CompanyState, entry_of
from contacts.companies.matching import keys_of
from contacts.contact_points.documents import (
    emails_of,
    external_ids_of,
    handles_of,
    phones_of,
    postal_addresses_of,
)
from contacts.contact_points.domain import ExternalId
from contacts.custom_fields.domain import RecordKind
from contacts.custom_fields.known_fields import KnownFields
from contacts.custom_fields.storage import CustomValues
from contacts.search.dictionary import Dictionary
from contacts.search.storage import SearchIndex

metadata = sa.MetaData()
_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)

companies = sa.Table(
    "companies",
    metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("name", sa.Text(collation="C"), nullable=False),
    sa.Column("legal_name", sa.Text, nullable=False),
    sa.Column("domain", sa.Text, nullable=False),
    sa.Column("industry", sa.Text, nullable=False),
    sa.Column("employee_count", sa.Integer),
    sa.Column("owner_id", _uuid),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("parent_company_id", _uuid),
    sa.Column("details", sa.JSON, nullable=False),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("updated_at", _time, nullable=False),
    sa.Column("archived_at", _time),
)

company_keys = sa.Table(
    "company_keys",
    metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("company_id", _uuid, primary_key=True),
)

EXTERNAL_IDS_UNIQUE = "company_external_ids_unique"
"""The constraint that is broken when an external id is given to a second company."""

_IN_COLUMNS = (
    "name",
    "legal_name",
    "domain",
    "industry",
    "employee_count",
    "owner_id",
    "source",
    "parent_company_id",
)
_IN_DOCUMENT = (
    "emails",
    "phones",
    "handles",
    "postal_addresses",
    "tags",
    "external_ids",
    "custom_fields",
)


class CompaniesRepository(Repository[Company]):
    """Companies for a change."""

    table = companies
    kind = "company"
    owner: ClassVar[str | None] = "owner_id"

    def __init__(self, tx: UnitOfWork, fields: KnownFields, dictionary: Dictionary) -> None:
        super().__init__(tx)
        self._custom_values = CustomValues(tx, RecordKind.COMPANY, fields)
        self.search_index = SearchIndex(tx, RecordKind.COMPANY, dictionary, entry_of)

    def ids_of(self, keys: Iterable[ExternalId]) -> dict[ExternalId, UUID]:
        """Whose these external ids are, archived or out of reach or not; those that are free lack."""
        wanted = list(keys)
        about = {
            "tenant_id": self._tx.tenant_id,
            "systems": [key.system for key in wanted],
            "ids": [key.id for key in wanted],
        }
        rows = self._tx.fetch_all(_BY_EXTERNAL_ID, about)
        return {ExternalId(row["system"], row["id"]): row["company_id"] for row in rows}

    def lock_tree(self) -> None:
        """Take turns with whoever else moves companies: two moves may make a circle together.

        To be had before a company is got for a move, so that nobody waits for the other's row.
        """
        self._tx.fetch_one(_LOCK, {"name": f"companies of {self._tx.tenant_id}"})

    def lock_system(self, system: str) -> None:
        """Take turns with whoever else enters many companies by the external ids of a system.

        Two that go over the same ones in another order would wait for each other.
        """
        self._tx.fetch_one(_LOCK, {"name": f"companies of {self._tx.tenant_id} by {system}"})

    def path_up(self, company_id: UUID) -> list[UUID]:
        """The company and all above it, up to the uppermost."""
        about = {"tenant_id": self._tx.tenant_id, "id": company_id, "bound": MAX_LEVELS}
        return [row["id"] for row in self._tx.fetch_all(_PATH_UP, about)]

    def levels_below(self, company_id: UUID) -> int:
        """How many levels hang below the company."""
        about = {"tenant_id": self._tx.tenant_id, "id": company_id, "bound": MAX_LEVELS}
        row = self._tx.fetch_one(_LEVELS_BELOW, about)
        return 0 if row is None else int(row["levels"])

    def _aggregate(self, row: sa.RowMapping) -> Company:
        details = details_of(row)
        self._custom_values.loaded(row["id"], details.custom_fields)
        self.search_index.loaded(row["id"], CompanyState(details, row["archived_at"] is not None))
        return Company(
            id=row["id"],
            version=row["version"],
            details=details,
            created_at=row["created_at"],
            updated_at=row["updated_at"],
            archived_at=row["archived_at"],
        )

    def _row(self, aggregate: Company) -> dict[str, Any]:
        details = aggregate.details
        return {
            **{name: getattr(details, name) for name in _IN_COLUMNS},
            "details": {name: getattr(details, name) for name in _IN_DOCUMENT},
            "created_at": aggregate.created_at,
            "updated_at": aggregate.updated_at,
            "archived_at": aggregate.archived_at,
        }

    def _stored(self, aggregate: Company, *, new: bool) -> None:
        about = {"tenant_id": self._tx.tenant_id, "company_id": aggregate.id}
        if not new:
            self._tx.write(_FORGET_KEYS, about)
            self._tx.write(_FORGET_EXTERNAL_IDS, about)
            self.search_index.change(aggregate.id, CompanyState.of(aggregate))
        else:
            self.search_index.add({aggregate.id: CompanyState.of(aggregate)})
        keys = keys_of(aggregate.details)
        if keys:
            kinds, values = zip(*keys, strict=True)
            self._tx.write(_KEEP_KEYS, {**about, "kinds": list(kinds), "keys": list(values)})
        external = aggregate.details.external_ids
        if external:
            systems, ids = [e.system for e in external], [e.id for e in external]
            self._tx.write(_KEEP_EXTERNAL_IDS, {**about, "systems": systems, "ids": ids})
        self._custom_values.store(aggregate.id, aggregate.details.custom_fields)


def details_of(row: sa.RowMapping) -> CompanyDetails:
    """The details that a row of `companies` holds."""
    document = row["details"]
    return CompanyDetails(
        **{name: row[name] for name in _IN_COLUMNS},
        emails=emails_of(document),
        phones=phones_of(document),
        handles=handles_of(document),
        postal_addresses=postal_addresses_of(document),
        tags=tuple(document["tags"]),
        external_ids=external_ids_of(document),
        custom_fields=document["custom_fields"],
    )


_LOCK = Statement("SELECT pg_advisory_xact_lock(hashtextextended(%(name)s, 0))")
_PATH_UP = Statement(
    """
    WITH RECURSIVE path AS (
        SELECT id, parent_company_id, 1 AS level FROM companies
        WHERE tenant_id = %(tenant_id)s AND id = %(id)s
        UNION ALL
        SELECT c.id, c.parent_company_id, path.level + 1
        FROM path JOIN companies c
          ON c.tenant_id = %(tenant_id)s AND c.id = path.parent_company_id
        WHERE path.level <= %(bound)s
    )
    SELECT id FROM path ORDER BY level
    """
)
_LEVELS_BELOW = Statement(
    """
    WITH RECURSIVE below AS (
        SELECT id, 0 AS level FROM companies WHERE tenant_id = %(tenant_id)s AND id = %(id)s
        UNION ALL
        SELECT c.id, below.level + 1
        FROM below JOIN companies c
          ON c.tenant_id = %(tenant_id)s AND c.parent_company_id = below.id
        WHERE below.level <= %(bound)s
    )
    SELECT coalesce(max(level), 0) AS levels FROM below
    """
)
_BY_EXTERNAL_ID = Statement(
    # Lateral with a limit: one look into the index for each, whatever the planner believes.
    "SELECT given.system, given.id, e.company_id"
    " FROM unnest(%(systems)s::text[], %(ids)s::text[]) AS given (system, id)"
    " CROSS JOIN LATERAL ("
    "SELECT company_id FROM company_external_ids"
    " WHERE tenant_id = %(tenant_id)s AND system = given.system AND id = given.id LIMIT 1) e"
)
_KEEP_KEYS = Statement(
    "INSERT INTO company_keys (tenant_id, company_id, kind, key)"
    " SELECT %(tenant_id)s, %(company_id)s, kind, key"
    " FROM unnest(%(kinds)s::text[], %(keys)s::text[]) AS given (kind, key)"
)
_KEEP_EXTERNAL_IDS = Statement(
    "INSERT INTO company_external_ids (tenant_id, company_id, system, id)"
    " SELECT %(tenant_id)s, %(company_id)s, system, id"
    " FROM unnest(%(systems)s::text[], %(ids)s::text[]) AS given (system, id)"
)
_FORGET_KEYS = Statement(
    "DELETE FROM company_keys WHERE tenant_id = %(tenant_id)s AND company_id = %(company_id)s"
)
_FORGET_EXTERNAL_IDS = Statement(
    "DELETE FROM company_external_ids"
    " WHERE tenant_id = %(tenant_id)s AND company_id = %(company_id)s"
)
