"""What administrators do to apps; each function is one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from chassis.context import Reach
from chassis.domain import Invalid, NotFound
from identity.authority import require_full_reach, require_scopes
from identity.clients.credentials import new_secret
from identity.clients.domain import (
    OPENID_SCOPES,
    Client,
    ClientDetails,
    ClientKind,
    ClientSecret,
    GrantType,
)
from identity.permissions.catalogue import is_known

if TYPE_CHECKING:
    from identity.transaction import IdentityTx


@dataclass(frozen=True, slots=True)
class Credential:
    """An app with a new secret, which is known only now; a public app has none."""

    client: Client
    secret: ClientSecret | None = None
    text: str | None = None


def register_client(tx: IdentityTx, kind: ClientKind, details: ClientDetails) -> Credential:
    """Register an app, with its first secret if it can keep one.

    Raises `Invalid`, `Forbidden` for scopes beyond the caller's permissions.
    """
    client = Client.register(tx.ids.new(), kind, details, tx.clock.now())
    _require_known(client.details.scopes)
    _require_authority(tx, client.details)
    tx.clients.add(client)
    return _given_secret(tx, client) if kind is ClientKind.CONFIDENTIAL else Credential(client)


def change_client(
    tx: IdentityTx, client_id: UUID, change: Callable[[ClientDetails], ClientDetails]
) -> Client:
    """Change an app. Raises `NotFound`, `Invalid`, `Conflict` when deactivated, `Forbidden`."""
    client = _in_charge_of(tx, client_id)
    before = client.details.scopes
    client.change(change(client.details), tx.clock.now())
    _require_known(client.details.scopes - before)
    _require_authority(tx, client.details)
    return client


def add_secret(tx: IdentityTx, client_id: UUID) -> Credential:
    """Give an app one more secret. Raises `NotFound`, `Forbidden`, `Conflict` for a third one."""
    return _given_secret(tx, _in_charge_of(tx, client_id))


def withdraw_secret(tx: IdentityTx, client_id: UUID, secret_id: UUID) -> Client:
    """Accept a secret no more. Raises `NotFound`, `Forbidden`."""
    client = _in_charge_of(tx, client_id)
    if secret_id not in {secret.id for secret in client.secrets}:
        raise NotFound.of("secret", secret_id)
    client.withdraw_secret(secret_id, tx.clock.now())
    return client


def deactivate_client(tx: IdentityTx, client_id: UUID) -> Client:
    """Give an app no more tokens. Raises `NotFound`, `Forbidden`."""
    client = _in_charge_of(tx, client_id)
    client.deactivate(tx.clock.now())
    return client


def _given_secret(tx: IdentityTx, client: Client) -> Credential:
    text, secret = new_secret(tx.ids.new(), tx.clock.now())
    client.add_secret(secret, tx.clock.now())
    return Credential(client, secret, text)


def _in_charge_of(tx: IdentityTx, client_id: UUID) -> Client:
    """The app, which may do no more than the caller."""
    client = tx.clients.get(client_id)
    _require_authority(tx, client.details)
    return client


def _require_known(scopes: Iterable[str]) -> None:
    """Raises `Invalid` for what no service asks for: a slip of the pen would allow nothing."""
    for scope in sorted(scopes):
        if scope not in OPENID_SCOPES and not is_known(scope):
            raise Invalid.at(
                "/scopes",
                "scope_unknown",
                f"There is no permission {scope}; /v1/identity/permissions lists all there are.",
            )


def _require_authority(tx: IdentityTx, details: ClientDetails) -> None:
    """What an app does for itself reaches all; for users, it reaches as far as they do."""
    require_full_reach(tx.scope)
    alone = GrantType.CLIENT_CREDENTIALS in details.grant_types
    permissions = sorted(details.scopes - OPENID_SCOPES)
    require_scopes(tx.caller, permissions, Reach.ALL if alone else Reach.OWN)
