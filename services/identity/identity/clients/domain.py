"""What a client is: an app outside the platform that gets tokens."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import datetime
from enum import StrEnum
from urllib.parse import urlsplit
from uuid import UUID

from chassis.domain import Aggregate, Conflict, Fact, Invalid
from identity.domain import checked_name
from identity.roles.domain import is_permission
from identity.users.domain import AccessRevoked

MOST_SECRETS = 2
MOST_REDIRECT_URIS = 20
MOST_SCOPES = 200
OPENID_SCOPES = frozenset({"openid", "profile", "email", "offline_access"})
"""What OpenID Connect defines; about who a user is, so they give no permission."""


class ClientKind(StrEnum):
    """Whether an app can keep a secret."""

    CONFIDENTIAL = "confidential"
    PUBLIC = "public"


class ClientStatus(StrEnum):
    """Whether an app gets tokens."""

    ACTIVE = "active"
    DEACTIVATED = "deactivated"


class GrantType(StrEnum):
    """The ways to a token that an app may go."""

    AUTHORIZATION_CODE = "authorization_code"
    CLIENT_CREDENTIALS = "client_credentials"
    REFRESH_TOKEN = "refresh_token"  # noqa: S105 - the name of a grant type
    DEVICE_CODE = "device_code"


@dataclass(frozen=True, slots=True)
class ClientDetails:
    """What an app is called, where its users return to, and what it may ask for.

    How redirect addresses are compared is in `oauth/redirects.py`. Scopes are permissions,
    patterns of them, and those of OpenID Connect.
    """

    name: str
    grant_types: frozenset[GrantType]
    redirect_uris: tuple[str, ...] = ()
    scopes: frozenset[str] = frozenset()

    def check(self, kind: ClientKind) -> ClientDetails:
        """The same, tidied. Raises `Invalid` with a pointer to what is wrong."""
        _check_grant_types(self.grant_types, kind)
        _check_redirect_uris(self)
        _check_scopes(self.scopes)
        uris = tuple(dict.fromkeys(self.redirect_uris))
        return replace(self, name=checked_name(self.name), redirect_uris=uris)

    def differences(self, other: ClientDetails) -> tuple[str, ...]:
        """The names of the fields that differ, sorted."""
        names = (f.name for f in fields(self))
        return tuple(sorted(n for n in names if getattr(self, n) != getattr(other, n)))


@dataclass(frozen=True, slots=True)
class ClientSecret:
    """A secret of which only the digest is kept; `hint` is its last characters."""

    id: UUID
    digest: bytes
    hint: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ClientRegistered(Fact):
    """An app is known."""

    client_id: UUID
    details: ClientDetails


@dataclass(frozen=True, slots=True)
class ClientChanged(Fact):
    """Something about an app is different now."""

    client_id: UUID
    changed_fields: tuple[str, ...]
    details: ClientDetails


@dataclass(frozen=True, slots=True)
class ClientDeactivated(Fact):
    """An app gets no tokens any more."""

    client_id: UUID


@dataclass(kw_only=True)
class Client(Aggregate):
    """One app. Its id is its OAuth client id."""

    kind: ClientKind
    details: ClientDetails
    status: ClientStatus
    secrets: tuple[ClientSecret, ...]
    created_at: datetime
    updated_at: datetime
    access_revoked_at: datetime | None = None

    @classmethod
    def register(
        cls, client_id: UUID, kind: ClientKind, details: ClientDetails, now: datetime
    ) -> Client:
        """A new app, without a secret as yet. Raises `Invalid`."""
        client = cls(
            id=client_id,
            kind=kind,
            details=details.check(kind),
            status=ClientStatus.ACTIVE,
            secrets=(),
            created_at=now,
            updated_at=now,
        )
        client.record(ClientRegistered(client_id, client.details))
        return client

    @property
    def is_active(self) -> bool:
        """Whether it gets tokens."""
        return self.status is ClientStatus.ACTIVE

    def change(self, details: ClientDetails, now: datetime) -> None:
        """Take over `details`. Raises `Invalid`, or `Conflict` when deactivated."""
        self._require_active()
        details = details.check(self.kind)
        changed = self.details.differences(details)
        if changed:
            self.details = details
            self._changed(now, *changed)

    def add_secret(self, secret: ClientSecret, now: datetime) -> None:
        """Accept one more secret, so that the app can move over to it.

        Raises `Conflict` for a public app, a deactivated one, or when there are two already.
        """
        self._require_active()
        if self.kind is ClientKind.PUBLIC:
            raise Conflict("A public app has no secret.", code="client_public")
        if len(self.secrets) >= MOST_SECRETS:
            raise Conflict(
                f"There are {MOST_SECRETS} secrets already; withdraw one.", code="secrets_full"
            )
        self.secrets = (*self.secrets, secret)
        self._changed(now, "secrets")

    def withdraw_secret(self, secret_id: UUID, now: datetime) -> None:
        """Accept a secret no more, nor any token so far: whoever had it may hold one."""
        self.secrets = tuple(secret for secret in self.secrets if secret.id != secret_id)
        self._changed(now, "secrets")
        self.revoke_access(now)

    def deactivate(self, now: datetime) -> None:
        """Give it no more tokens, and refuse those that it has; a second time is no error."""
        if self.is_active:
            self.status, self.updated_at, self.secrets = ClientStatus.DEACTIVATED, now, ()
            self.record(ClientDeactivated(self.id))
            self.revoke_access(now)

    def revoke_access(self, now: datetime) -> None:
        """Have access tokens from before now refused everywhere."""
        self.access_revoked_at = now
        self.record(AccessRevoked(self.id, now))

    def _changed(self, now: datetime, *names: str) -> None:
        self.updated_at = now
        self.record(ClientChanged(self.id, tuple(sorted(names)), self.details))

    def _require_active(self) -> None:
        if not self.is_active:
            raise Conflict("The app is deactivated.", code="client_deactivated")


def _check_grant_types(given: frozenset[GrantType], kind: ClientKind) -> None:
    where = "/grant_types"
    if not given - {GrantType.REFRESH_TOKEN}:
        raise Invalid.at(where, "grant_types_missing", "An app needs a way to get its first token.")
    if GrantType.REFRESH_TOKEN in given and not given & {
        GrantType.AUTHORIZATION_CODE,
        GrantType.DEVICE_CODE,
    }:
        raise Invalid.at(where, "grant_types_unfit", "Refresh tokens come with a user's consent.")
    if kind is ClientKind.PUBLIC and GrantType.CLIENT_CREDENTIALS in given:
        raise Invalid.at(where, "grant_types_unfit", "A public app has no credentials.")


def _check_redirect_uris(details: ClientDetails) -> None:
    where, given = "/redirect_uris", details.redirect_uris
    if len(given) > MOST_REDIRECT_URIS:
        raise Invalid.at(where, "too_many", f"An app has at most {MOST_REDIRECT_URIS} of them.")
    if (GrantType.AUTHORIZATION_CODE in details.grant_types) is not bool(given):
        raise Invalid.at(
            where, "redirect_uris_unfit", "They are needed with authorization_code, and only then."
        )
    for index, uri in enumerate(given):
        if not _is_safe_redirect(uri):
            raise Invalid.at(
                f"{where}/{index}",
                "redirect_uri_unsafe",
                "Has to be an https address, or http of the own machine, without fragment,"
                " user or wildcard.",
            )


def _is_safe_redirect(uri: str) -> bool:
    """Of the rules of RFC 6749, 3.1.2, and RFC 8252, 7.3."""
    if len(uri) > 2_000 or not uri.isascii() or not uri.isprintable() or set(uri) & set(' "*<>\\#'):
        return False
    try:
        parts = urlsplit(uri)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    if not host or "@" in parts.netloc:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(host))


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _check_scopes(scopes: Iterable[str]) -> None:
    listed = sorted(scopes)
    if len(listed) > MOST_SCOPES:
        raise Invalid.at("/scopes", "too_many", f"An app has at most {MOST_SCOPES} scopes.")
    for scope in listed:
        if scope not in OPENID_SCOPES and not is_permission(scope):
            raise Invalid.at("/scopes", "scope_malformed", f"{scope[:100]!r} is no scope.")
