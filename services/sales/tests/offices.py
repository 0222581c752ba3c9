"""An office of users who ask for approval and decide on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from chassis.clock import MovableClock
from chassis.testing.client import ApiAnswer, ApiClient
from services.sales.tests.builders import Sales, good

TYPES = "/v1/sales/approval-types"
REQUESTS = "/v1/sales/approval-requests"
ABSENCES = "/v1/sales/absences"
OWN = {
    "sales.approval_requests.*": "own",
    "sales.approval_types.read": "own",
    "sales.absences.*": "own",
}


def step(key: str, approver: str = "user", **more: Any) -> dict[str, Any]:
    """A step of a type."""
    return {
        "key": key,
        "name": {"en": key.title(), "zh-Hant": "簽核"},
        "approver": approver,
        **more,
    }


def field(key: str, kind: str = "text", **more: Any) -> dict[str, Any]:
    """A field of a type."""
    return {"key": key, "label": {"en": key.title(), "zh-Hant": "欄位"}, "kind": kind, **more}


@dataclass
class Office:
    """Somebody who asks, and others who decide, each with reach over their own only."""

    sales: Sales
    tenant: UUID
    app: ApiClient
    ids: dict[str, UUID]
    users: dict[str, ApiClient]

    def sign_in_anew(self, clock: MovableClock) -> None:
        """Have users come with tokens that hold on the day to which the clock was moved."""
        role = self.sales.access.role(self.tenant, OWN)
        self.sales.service.directory.forget(self.tenant)
        later = int((clock.now() + timedelta(hours=1)).timestamp())
        for name, user_id in self.ids.items():
            own = {"sub": str(user_id), "uid": str(user_id), "client_id": "test-console"}
            more: dict[str, Any] = {
                "sid": str(uuid4()),
                "scope": "*",
                "roles": [str(role)],
                "exp": later,
            }
            token = self.sales.tokens.sign(tid=str(self.tenant), **own, **more)
            self.users[name] = ApiClient(self.sales.app, token, self.tenant)

    def define(self, *steps: dict[str, Any], **more: Any) -> dict[str, Any]:
        """A type with these steps."""
        body = {"key": f"type_{uuid4().hex[:8]}", "name": {"en": "Expense"}, "steps": steps, **more}
        return good(self.app.post(TYPES, body))

    def step(self, user: str, **more: Any) -> dict[str, Any]:
        """A step that is one user's."""
        return step(user, user_id=str(self.ids[user]), **more)

    def ask(self, kind: dict[str, Any], who: str = "ann", **more: Any) -> ApiAnswer:
        """Try to ask for something."""
        body = {"approval_type_id": kind["id"], "subject": "A chair", **more}
        return self.users[who].post(REQUESTS, body)

    def act(self, who: str, request: dict[str, Any], action: str, **body: Any) -> ApiAnswer:
        """Try to do something to a request."""
        path = f"{REQUESTS}/{request['id']}/{action}"
        return self.users[who].post(path, None if action == "withdraw" else body)

    def awaiting(self, who: str) -> list[str]:
        """The ids of what somebody can decide on."""
        found = good(self.users[who].get(f"{REQUESTS}/awaiting-me"))["items"]
        return [one["id"] for one in found]


def office_of(sales: Sales) -> Office:
    """An office in a tenant of its own."""
    tenant, names = sales.new_tenant(), ("ann", "bob", "cai", "dan")
    ids = {name: uuid4() for name in names}
    users = {name: sales.user_client(tenant, OWN, user_id=ids[name]) for name in names}
    return Office(sales, tenant, sales.app_client(tenant), ids, users)
