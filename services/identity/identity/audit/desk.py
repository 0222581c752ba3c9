"""The audit logs as those see them who run the platform: every tenant's and their own, past the API.

An operator's token names no tenant, so it opens none of their logs over REST; who has the database's
logins can. What leaves the platform this way is told as every export is, under the operator's name.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import UUID

import orjson
from pydantic import SecretStr
from werkzeug.datastructures import MultiDict

from chassis.clock import SystemClock, TimeOrderedIds
from chassis.context import PLATFORM, Caller
from chassis.domain import NotFound
from chassis.http.page_token import PageTokens
from chassis.http.query_string import read_listing
from chassis.http.reply import dump
from chassis.storage.listing import Listing
from chassis.storage.scope import EVERYTHING
from chassis.storage.unit_of_work import Operations
from identity.audit import queries
from identity.audit.exports import pages_of, written
from identity.audit.models import ExportFormat
from identity.audit.operations import note_export
from identity.audit.verification import Verification, verify
from identity.callers import operator_at_work
from identity.desks import DeskAccess, at_the_desk, opened
from identity.facts import ENCODER
from identity.tenants.queries import all_tenants, find_tenant
from identity.transaction import IdentityTx

NO_TENANT = "-"
"""Names what belongs to no tenant; no slug looks like it."""
_NOBODY = Caller(tenant_id=None, subject="operator")
_MOST_ON_A_PAGE = 1_000


@contextmanager
def open_desk(
    database_url: SecretStr, database_system_url: SecretStr, operator: str | None = None
) -> Iterator[AuditDesk]:
    """A desk over identity's database; the operator is whoever is logged in here unless said.

    Raises `Invalid` for a name that the log would confuse.
    """
    name = at_the_desk(operator)
    with opened(DeskAccess(database_url, database_system_url)) as database:
        clock, ids = SystemClock(), TimeOrderedIds()
        yield AuditDesk(Operations(database, IdentityTx, facts=ENCODER, clock=clock, ids=ids), name)


class AuditDesk:
    """Searches, exports and verifies the audit log of any tenant, and the operators' own."""

    def __init__(self, operations: Operations[IdentityTx], operator: str) -> None:
        self._operations = operations
        self._operator = operator

    def tenant(self, named: str) -> UUID:
        """A tenant by its slug or id, or `-` for what belongs to none. Raises `NotFound`."""
        if named == NO_TENANT:
            return PLATFORM
        found = self._operations.look_up(_NOBODY, find_tenant, named)
        if found is None:
            raise NotFound.of("tenant", named)
        return found

    def tenants(self) -> list[UUID]:
        """All that have a log: also those that are not registered, or have lost their head."""
        look_up = self._operations.look_up
        registered = [UUID(tenant["tenant_id"]) for tenant in look_up(_NOBODY, all_tenants)]
        return sorted({*registered, *look_up(_NOBODY, queries.tenants_with_entries)})

    def entries(
        self, tenant_id: UUID, filters: Mapping[str, str], most: int
    ) -> Iterator[dict[str, Any]]:
        """The latest entries that the filters of the REST list let through, as JSON has them.

        Raises `HttpProblem` for a filter or a value that there is not.
        """
        listing = _listing(filters, "-occurred_at")
        size = min(most, _MOST_ON_A_PAGE)
        for page in pages_of(listing, partial(self._read, tenant_id), size):
            yield from orjson.loads(dump(page[:most]))
            most -= len(page)
            if most <= 0:
                return

    def export(
        self, tenant_id: UUID, written_in: ExportFormat, filters: Mapping[str, str]
    ) -> Iterator[bytes]:
        """The entries as a file, the oldest first; told in that log before the first is read.

        Raises as `entries`.
        """
        listing = _listing(filters, "number")
        caller = operator_at_work(tenant_id, self._operator)
        self._operations.run(caller, note_export, written_in.value, listing.given)
        yield from written(written_in, pages_of(listing, partial(self._read, tenant_id)))

    def verify(self, tenant_id: UUID, noted: Mapping[int, bytes] | None = None) -> Verification:
        """Whether any entry was changed; `noted` holds hashes that were written down elsewhere."""
        caller = operator_at_work(tenant_id, self._operator)
        return verify(partial(self._operations.read, caller, EVERYTHING), noted=noted)

    def _read(self, tenant_id: UUID, page: Listing) -> dict[str, Any]:
        caller = operator_at_work(tenant_id, self._operator)
        return self._operations.read(caller, EVERYTHING, queries.list_entries, page)


def _listing(filters: Mapping[str, str], sort: str) -> Listing:
    spec = replace(queries.ENTRIES, whole=True, default_sort=sort)
    return read_listing(MultiDict(filters), spec, PageTokens(secrets.token_hex()), "desk")
