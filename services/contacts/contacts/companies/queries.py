"""Reads companies, straight to the response."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.http.reply import dump
from chassis.storage.listing import (
    FilterField,
    Listing,
    ListSpec,
    archived_filter,
    column_condition,
    integer_filter,
    read_text,
    text_filter,
    time_filter,
    uuid_filter,
)
from chassis.storage.scope import Scope
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from contacts.companies.domain import CompanyDetails
from contacts.companies.matching import DUPLICATE_KINDS, CompanyCandidate, domain_key, keys_of
from contacts.companies.storage import companies, company_keys
from contacts.contact_points.domain import ExternalId
from contacts.contact_points.filters import handle_filter, key_filter
from contacts.contact_points.keys import email_key
from contacts.custom_fields.domain import RecordKind
from contacts.custom_fields.filters import PREFIX, narrowed
from contacts.search.pages import found_page

READ = "contacts.companies.read"

_columns = companies.c
_shown = sa.select(
    _columns.id,
    _columns.version,
    _columns.name,
    _columns.legal_name,
    _columns.domain,
    _columns.industry,
    _columns.employee_count,
    _columns.owner_id,
    _columns.source,
    _columns.parent_company_id,
    _columns.created_at,
    _columns.updated_at,
    _columns.archived_at,
    # As text: it goes into the answer as it is, without a detour over Python objects.
    sa.cast(_columns.details, sa.Text).label("details"),
)
_NAMES = [column.name for column in _shown.selected_columns][:-1]
_one = Statement.of(
    _shown.where(_columns.tenant_id == sa.bindparam("tenant_id"), _columns.id == sa.bindparam("id"))
)


def _by_key(kind: str, normal: Callable[[str], str]) -> FilterField:
    return key_filter(companies, company_keys.c.company_id, kind, normal)


COMPANIES = ListSpec(
    key=_columns.id,
    sorts={
        "created_at": _columns.created_at,
        "updated_at": _columns.updated_at,
        "name": _columns.name,
    },
    default_sort="-created_at",
    filters={
        "owner_id": uuid_filter(_columns.owner_id),
        "parent_company_id": uuid_filter(_columns.parent_company_id),
        "industry": text_filter(_columns.industry),
        "source": text_filter(_columns.source),
        "employee_count": integer_filter(_columns.employee_count),
        "domain": _by_key("domain", domain_key),
        "email": _by_key("email", email_key),
        "phone": _by_key("phone", str),
        "handle": handle_filter(companies, company_keys.c.company_id),
        "tag": _by_key("tag", str),
        "name": FilterField(
            read_text, column_condition(_columns.name), ("eq", "prefix"), {"type": "string"}
        ),
        "created_at": time_filter(_columns.created_at),
        "updated_at": time_filter(_columns.updated_at),
        "archived": archived_filter(_columns.archived_at),
    },
    expands=("parent",),
    searchable=True,
    open_prefixes=(PREFIX,),
)


def get_company(reading: Reading | UnitOfWork, company_id: UUID) -> dict[str, Any]:
    """The company as the API shows one. Raises `NotFound` when absent or out of reach."""
    about = {"tenant_id": reading.caller.tenant_id, "id": company_id}
    row = reading.fetch_one(_one, about)
    if row is None or not reading.scope.allows(row["owner_id"]):
        raise NotFound.of("company", company_id)
    row.update(orjson.loads(row.pop("details")))
    return row


def get_company_by_external_id(reading: Reading, key: ExternalId) -> dict[str, Any]:
    """The same, by what another system calls it. Raises `NotFound`."""
    about = {"tenant_id": reading.caller.tenant_id, "system": key.system, "id": key.id}
    row = reading.fetch_one(_BY_EXTERNAL_ID, about)
    if row is None or not reading.scope.allows(row["owner_id"]):
        raise NotFound.of("company", f"{key.id} of {key.system}")
    return get_company(reading, row["id"])


def list_companies(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of companies; with `q` those that are found, the best first."""
    base: sa.Select[Any] = _shown.where(_columns.tenant_id == reading.caller.tenant_id)
    if "archived" not in listing.given:
        base = base.where(_columns.archived_at.is_(None))
    base = reading.scope.narrow(base, _columns.owner_id)
    base = narrowed(reading, RecordKind.COMPANY, base, _columns.id, listing.open_filters)
    if listing.query is not None:
        return found_page(
            reading,
            listing,
            RecordKind.COMPANY,
            base,
            lambda rows: _presented(reading, listing, rows),
        )
    rows = reading.connection.execute(listing.apply(base)).all()
    page = listing.page(rows, lambda row: row)
    page["items"] = _presented(reading, listing, page["items"])
    if listing.count:
        page["total_count"] = reading.connection.execute(listing.counted(base)).scalar_one()
    return page


def _presented(
    reading: Reading, listing: Listing, rows: Sequence[sa.Row[Any]]
) -> list[orjson.Fragment]:
    if "parent" not in listing.expand:
        return [_present(row, {}) for row in rows]
    wanted = {row.parent_company_id for row in rows} - {None}
    parents = company_summaries(reading, wanted, reading.scope)
    return [_present(row, {"parent": parents.get(row.parent_company_id)}) for row in rows]


def _present(row: sa.Row[Any], more: dict[str, Any]) -> orjson.Fragment:
    """A row of the select above as the API shows it: the stored document goes in as it is."""
    columns, document = row[:-1], row[-1]
    head = dump({**dict(zip(_NAMES, columns, strict=True)), **more})
    return orjson.Fragment(head[:-1] + b"," + document[1:].encode())


@dataclass(frozen=True, slots=True)
class CompanySummary:
    """As much of a company as is shown beside something else."""

    id: UUID
    name: str
    archived: bool


def company_summary(
    reading: Reading | UnitOfWork, company_id: UUID, scope: Scope
) -> CompanySummary | None:
    """A company in a word, or None when there is none within `scope`."""
    return company_summaries(reading, [company_id], scope).get(company_id)


def company_summaries(
    reading: Reading | UnitOfWork, company_ids: Iterable[UUID], scope: Scope
) -> dict[UUID, CompanySummary]:
    """Companies in a word, those within `scope`."""
    wanted = list(company_ids)
    if not wanted:
        return {}
    about = {"tenant_id": reading.caller.tenant_id, "ids": wanted}
    return {
        row["id"]: CompanySummary(row["id"], row["name"], row["archived"])
        for row in reading.fetch_all(_SUMMARIES, about)
        if scope.allows(row["owner_id"])
    }


def find_candidates(
    reading: Reading | UnitOfWork, details: CompanyDetails
) -> Sequence[CompanyCandidate]:
    """Active companies within reach that share a domain, a phone or an external id.

    At most ten of them.
    """
    keys = [pair for pair in keys_of(details) if pair[0] in DUPLICATE_KINDS]
    if not keys and not details.external_ids:
        return ()
    about = {
        "tenant_id": reading.caller.tenant_id,
        "kinds": [kind for kind, _ in keys],
        "keys": [key for _, key in keys],
        "systems": [e.system for e in details.external_ids],
        "ids": [e.id for e in details.external_ids],
    }
    return [
        CompanyCandidate(row["id"], row["name"], tuple(row["matched_on"]))
        for row in reading.fetch_all(_CANDIDATES, about)
        if reading.scope.allows(row["owner_id"])
    ][:10]


_SUMMARIES = Statement(
    "SELECT id, name, owner_id, archived_at IS NOT NULL AS archived FROM companies"
    " WHERE tenant_id = %(tenant_id)s AND id = ANY(%(ids)s)"
)
_BY_EXTERNAL_ID = Statement(
    "SELECT r.id, r.owner_id FROM company_external_ids e"
    " JOIN companies r ON r.tenant_id = e.tenant_id AND r.id = e.company_id"
    " WHERE e.tenant_id = %(tenant_id)s AND e.system = %(system)s AND e.id = %(id)s"
)
_CANDIDATES = Statement(
    # Materialised and lateral with a limit, so that the order of the joins is stated; see people.
    """
    WITH matches AS MATERIALIZED (
        SELECT k.company_id, given.kind AS reason
        FROM unnest(%(kinds)s::text[], %(keys)s::text[]) AS given (kind, key)
        CROSS JOIN LATERAL (
            SELECT company_id FROM company_keys
            WHERE tenant_id = %(tenant_id)s AND kind = given.kind AND key = given.key
            LIMIT 50
        ) k
        UNION ALL
        SELECT e.company_id, 'external_id'
        FROM unnest(%(systems)s::text[], %(ids)s::text[]) AS given (system, id)
        CROSS JOIN LATERAL (
            SELECT company_id FROM company_external_ids
            WHERE tenant_id = %(tenant_id)s AND system = given.system AND id = given.id
            LIMIT 1
        ) e
    )
    SELECT c.id, c.name, c.owner_id, array_agg(DISTINCT m.reason) AS matched_on
    FROM matches m
    CROSS JOIN LATERAL (
        SELECT id, name, owner_id FROM companies
        WHERE tenant_id = %(tenant_id)s AND id = m.company_id AND archived_at IS NULL
        LIMIT 1
    ) c
    GROUP BY c.id, c.name, c.owner_id
    ORDER BY c.id
    """
)
