"""Repositories of what a tenant has one of, such as settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar

from chassis.domain import Aggregate, NotFound
from chassis.storage.repository import Repository
from chassis.storage.statements import Statement

A = TypeVar("A", bound=Aggregate)


class OnePerTenantRepository(Repository[A]):
    """A tenant's one aggregate, under the tenant's own id.

    A subclass names the statement that makes the row, which changes nothing where there is one; its
    parameters are `tenant_id` and what `at_first` has.
    """

    make: ClassVar[Statement]
    at_first: ClassVar[Mapping[str, Any]] = {}

    def of_tenant(self) -> A:
        """The aggregate, locked; made when there is none yet."""
        tenant_id = self._tx.tenant_id
        try:
            return self.get(tenant_id)
        except NotFound:
            self._tx.write(self.make, {"tenant_id": tenant_id, **self.at_first})
            return self.get(tenant_id)
