"""The platform under test, as operators, administrators and apps meet it."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import EmailMessage
from functools import cached_property
from uuid import uuid4

import httpx

from chassis.embedded.processes import wait_until
from deploy.demo.colleagues import Colleague, Invited, invite
from deploy.demo.external_app import PATIENT, ExternalApp, Patience
from deploy.demo.oauth import ClientCredentials, Credentials
from deploy.demo.tenant import Tenant, administrator, new_tenant, operator_token, register_app
from rapport_local.platform import Platform
from rapport_local.services import SERVICES, ServiceDefinition

PROBE = ServiceDefinition(
    "probe",
    consumes=("identity", "contacts"),
    asks=("identity",),
    program="tests.journeys.probe",
)
ALL_SERVICES = (*SERVICES, PROBE)
IMPATIENT = Patience(attempts=1)
"""For tests that want to see what is answered the first time."""


def soon(condition: Callable[[], bool], seconds: float, what: str) -> None:
    """Wait until something holds; fails with `what` if it does not within so many seconds."""
    assert wait_until(condition, seconds), f"not within {seconds} s: {what}"


@dataclass
class Organisation:
    """A tenant of a test's own with its administrator, and ways to get apps and colleagues."""

    gateway: str
    tenant: Tenant
    admin: ExternalApp = field(repr=False)

    def credentials(self, *scopes: str) -> Credentials:
        """A new app that acts for itself."""
        return register_app(self.admin, f"App {uuid4().hex[:6]}", scopes or ("contacts.*",))

    def app(self, *scopes: str, patience: Patience = PATIENT) -> ExternalApp:
        """The same, at work."""
        tokens = ClientCredentials(self.gateway, self.credentials(*scopes))
        return ExternalApp(self.gateway, tokens, patience=patience)

    def role(self, name: str, **grants: str) -> str:
        """A new role with grants like `contacts_people_read="own"`; gives its id."""
        listed = [{"permission": p.replace("_", "."), "reach": r} for p, r in grants.items()]
        made = self.admin.post("/v1/identity/roles", {"name": name, "grants": listed})
        return str(made["id"])

    def invited(self, *role_ids: str) -> Invited:
        """Invite somebody, who has done nothing yet."""
        return invite(self.admin, "Bo Lin", role_ids)

    def colleague(self, *role_ids: str) -> Colleague:
        """Invite somebody, who accepts and signs in."""
        return self.invited(*role_ids).joined()


class World:
    """A running platform."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self.gateway = platform.gateway_url

    @cached_property
    def operator(self) -> str:
        """An operator's token, had once as it takes a process; it holds for an hour."""
        return operator_token(self.platform.state.root, minutes=60)

    def organisation(self) -> Organisation:
        """A new tenant."""
        tenant = new_tenant(self.gateway, self.operator, "Acme")
        return Organisation(self.gateway, tenant, administrator(self.gateway, tenant))

    def at(self, service: str, app: ExternalApp) -> ExternalApp:
        """The same caller, but at a service itself and not at the gateway."""
        return ExternalApp(self.platform.service_url(service), app.tokens, patience=IMPATIENT)

    def facts_about(self, person_id: str, app: ExternalApp) -> list[dict[str, str]]:
        """What the probe has noted about a person."""
        noted: list[dict[str, str]] = self.at("probe", app).get(f"/v1/probe/facts/{person_id}")[
            "items"
        ]
        return noted

    def mails_to(self, address: str) -> list[EmailMessage]:
        """What the platform's mail server has taken for an address, the oldest first."""
        paths = sorted(self.platform.state.folder("mail").glob("*.eml"))
        mails = [
            email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            for path in paths
        ]
        return [mail for mail in mails if mail["X-Envelope-To"] == address]

    def is_ready(self, service: str) -> bool:
        """Whether a service says that it is ready."""
        try:
            answer = httpx.get(f"{self.platform.service_url(service)}/readyz", timeout=5)
        except httpx.TransportError:
            return False
        return answer.status_code == 200

    def is_unready(self, service: str) -> bool:
        """Whether it does not."""
        return not self.is_ready(service)

    def restore(self) -> None:
        """Have everything run again."""
        self.platform.up()
