"""Which tenants' public pages are to be seen: not those of one that is suspended."""

from __future__ import annotations

from uuid import UUID

from chassis.access.directory import AccessDirectory
from chassis.http.problem import HttpProblem

NOT_AVAILABLE = "page_not_available"


class OpenTenants:
    """Knows from identity's facts who is suspended; a change is seen within two seconds."""

    def __init__(self, directory: AccessDirectory) -> None:
        self._directory = directory

    def are_open(self, tenant_id: UUID) -> bool:
        """Whether the tenant is not suspended."""
        return not self._directory.snapshot(tenant_id).suspended

    def require(self, tenant_id: UUID) -> None:
        """Raises a 404 for a suspended tenant, whose pages may be there again later."""
        if not self.are_open(tenant_id):
            message = "This page is not available at present. / 此頁面目前無法使用。"
            raise HttpProblem(404, NOT_AVAILABLE, message)
