"""Clients as the protocol sees them, and where they are looked up."""

from __future__ import annotations

import hashlib
import hmac
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from authlib.oauth2.rfc6749 import ClientMixin
from authlib.oauth2.rfc8628 import DEVICE_CODE_GRANT_TYPE

from chassis.storage.database import Database
from identity.clients.domain import ClientDetails, ClientKind, ClientStatus, GrantType
from identity.clients.platform_apps import PLATFORM_APPS
from identity.clients.storage import client_secrets, clients
from identity.oauth import redirects, scopes
from identity.tenants.domain import TenantStatus
from identity.tenants.storage import tenants

_FRESH_SECONDS = 1.0
"""How long a client is used without looking: a deactivated one gets no token after that."""
_KEPT = 10_000

_GRANTS = {GrantType.DEVICE_CODE.value: DEVICE_CODE_GRANT_TYPE}


class ClientOrigin(StrEnum):
    """Where a client comes from, which decides whom it may act for."""

    TENANT = "tenant"
    """A tenant registered it: it acts for itself there, and for users of this tenant only."""
    PLATFORM = "platform"
    """It comes with the platform: it acts for users of any tenant, and never for itself."""
    SERVICE = "service"
    """It is one of the platform's services: it acts for itself in any tenant, never for users."""


@dataclass(frozen=True, slots=True)
class OAuthClient(ClientMixin):
    """A client as the protocol sees it; only one that a tenant registered has a `tenant_id`."""

    client_id: str
    name: str
    origin: ClientOrigin
    tenant_id: UUID | None
    is_public: bool
    grant_types: frozenset[str]
    redirect_uris: tuple[str, ...] = ()
    scopes: frozenset[str] = frozenset()
    secrets: tuple[bytes, ...] = field(default=(), repr=False)
    looked_up_at: float = float("inf")
    """When all of this was true, by the clock of the process; what never changes is always true."""

    @property
    def is_service(self) -> bool:
        """Whether it is one of the platform's services."""
        return self.origin is ClientOrigin.SERVICE

    @property
    def can_be_imitated(self) -> bool:
        """Whether every program on a user's machine can pass for it.

        Then consent is asked for each time (RFC 8252, 8.6). An app that a tenant has registered is
        vouched for by its administrators.
        """
        return self.origin is ClientOrigin.PLATFORM

    def acts_for_users_of(self, tenant_id: UUID) -> bool:
        """Whether users of a tenant may let it in."""
        if self.origin is ClientOrigin.PLATFORM:
            return True
        return self.origin is ClientOrigin.TENANT and self.tenant_id == tenant_id

    @property
    def client_metadata(self) -> dict[str, Any]:
        """Where users may return to after logging out: where they return to after logging in."""
        return {"post_logout_redirect_uris": list(self.redirect_uris)}

    def get_client_id(self) -> str:
        """The client id."""
        return self.client_id

    def get_default_redirect_uri(self) -> str | None:
        """The redirect address when none is named: the one that there is."""
        return self.redirect_uris[0] if len(self.redirect_uris) == 1 else None

    def get_allowed_scope(self, scope: str | None) -> str | None:
        """The scope that it gets when it asks for this one; None when it is too much."""
        return scopes.allowed(scope, self.scopes)

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Whether it is registered."""
        return any(
            redirects.is_same(registered, redirect_uri, of_native_app=self.is_public)
            for registered in self.redirect_uris
        )

    def check_client_secret(self, client_secret: str) -> bool:
        """Whether it is one of the secrets; takes the same time either way."""
        digest = hashlib.sha256(client_secret.encode()).digest()
        return sum(hmac.compare_digest(digest, known) for known in self.secrets) > 0

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """Public clients have nothing to authenticate with; all others have to."""
        del endpoint
        return (method == "none") is self.is_public

    def check_response_type(self, response_type: str) -> bool:
        """Whether it may begin the authorization code flow."""
        return response_type == "code" and self.check_grant_type("authorization_code")

    def check_grant_type(self, grant_type: str) -> bool:
        """Whether it may get tokens this way."""
        return grant_type in self.grant_types


class ClientDirectory:
    """Looks clients up and keeps them for a moment."""

    def __init__(
        self,
        database: Database,
        services: Mapping[str, str],
        monotonic: Callable[[], float],
    ) -> None:
        self._database = database
        self._built_in = {
            **{client_id: _platform_app(client_id, a) for client_id, a in PLATFORM_APPS.items()},
            **{name: _service(name, digest) for name, digest in services.items()},
        }
        self._monotonic = monotonic
        self._kept: OrderedDict[str, tuple[float, OAuthClient | None]] = OrderedDict()
        self._tenants: OrderedDict[UUID, tuple[float, bool]] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, client_id: str) -> OAuthClient | None:
        """The client, or None when there is none that gets tokens."""
        built_in = self._built_in.get(client_id)
        if built_in is not None:
            return built_in
        known = self._kept.get(client_id)
        if known is not None and self._monotonic() - known[0] < _FRESH_SECONDS:
            return known[1]
        number = _uuid(client_id)
        client = None if number is None else self._looked_up(number)
        self._keep(self._kept, client_id, client)
        return client

    def serves(self, tenant_id: UUID) -> bool:
        """Whether there is such a tenant, and nobody has suspended it."""
        known = self._tenants.get(tenant_id)
        if known is not None and self._monotonic() - known[0] < _FRESH_SECONDS:
            return known[1]
        with self._database.tenant_transaction(tenant_id, read_only=True) as connection:
            status = connection.execute(
                sa.select(tenants.c.status).where(tenants.c.tenant_id == tenant_id)
            ).scalar()
        served = status == TenantStatus.ACTIVE
        self._keep(self._tenants, tenant_id, served)
        return served

    def forget(self) -> None:
        """Look everything up anew."""
        with self._lock:
            self._kept.clear()
            self._tenants.clear()

    def _keep(self, kept: OrderedDict[Any, Any], key: object, value: object) -> None:
        with self._lock:
            kept[key] = (self._monotonic(), value)
            if len(kept) > _KEPT:
                kept.popitem(last=False)

    def _looked_up(self, client_id: UUID) -> OAuthClient | None:
        moment = self._monotonic()
        with self._database.system_transaction() as connection:
            tenant_id = connection.execute(
                sa.select(clients.c.tenant_id).where(
                    clients.c.id == client_id, clients.c.status == ClientStatus.ACTIVE.value
                )
            ).scalar()
        if tenant_id is None or not self.serves(tenant_id):
            return None
        with self._database.tenant_transaction(tenant_id, read_only=True) as connection:
            row = connection.execute(
                sa.select(clients).where(
                    clients.c.tenant_id == tenant_id,
                    clients.c.id == client_id,
                    clients.c.status == ClientStatus.ACTIVE.value,
                )
            ).first()
            digests = connection.scalars(
                sa.select(client_secrets.c.hash).where(
                    client_secrets.c.tenant_id == tenant_id,
                    client_secrets.c.client_id == client_id,
                )
            ).all()
        return None if row is None else _client(row, tuple(bytes(d) for d in digests), moment)


def _client(row: sa.Row[Any], digests: tuple[bytes, ...], moment: float) -> OAuthClient:
    return OAuthClient(
        client_id=str(row.id),
        name=row.name,
        origin=ClientOrigin.TENANT,
        tenant_id=row.tenant_id,
        is_public=row.kind == ClientKind.PUBLIC,
        grant_types=_grants(row.grant_types),
        redirect_uris=tuple(row.redirect_uris),
        scopes=frozenset(row.scopes),
        secrets=digests,
        looked_up_at=moment,
    )


def _platform_app(client_id: str, details: ClientDetails) -> OAuthClient:
    return OAuthClient(
        client_id=client_id,
        name=details.name,
        origin=ClientOrigin.PLATFORM,
        tenant_id=None,
        is_public=True,
        grant_types=_grants(details.grant_types),
        redirect_uris=details.redirect_uris,
        scopes=details.scopes,
    )


def _grants(grant_types: Iterable[str]) -> frozenset[str]:
    return frozenset(_GRANTS.get(str(each), str(each)) for each in grant_types)


def _service(name: str, digest: str) -> OAuthClient:
    return OAuthClient(
        client_id=name,
        name=name,
        origin=ClientOrigin.SERVICE,
        tenant_id=None,
        is_public=False,
        grant_types=frozenset({GrantType.CLIENT_CREDENTIALS.value}),
        scopes=frozenset({"*"}),
        secrets=(bytes.fromhex(digest),),
    )


def _uuid(text: str) -> UUID | None:
    """The client's number; only the one way to write it counts, so that nothing is kept twice."""
    try:
        number = UUID(text)
    except ValueError:
        return None
    return number if str(number) == text else None
