"""Apps (OAuth clients) over REST."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from flask import Response
from pydantic import BaseModel, Field

from chassis.http.body import Body, Patch
from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from identity.clients import operations, queries
from identity.clients.domain import (
    MOST_REDIRECT_URIS,
    MOST_SCOPES,
    Client,
    ClientDetails,
    ClientKind,
    ClientStatus,
    GrantType,
)
from identity.clients.operations import Credential
from identity.domain import LONGEST_NAME
from identity.transaction import IdentityTx

READ = "identity.clients.read"
WRITE = "identity.clients.write"

clients = Routes("/v1/identity/clients", tag="clients")

Name = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]
GrantTypes = Annotated[tuple[GrantType, ...], Field(min_length=1, max_length=len(GrantType))]
RedirectUris = Annotated[
    tuple[Annotated[str, Field(max_length=2000)], ...], Field(max_length=MOST_REDIRECT_URIS)
]
Scopes = Annotated[tuple[Annotated[str, Field(max_length=125)], ...], Field(max_length=MOST_SCOPES)]


class ClientIn(Body):
    """An app.

    Scopes are permissions like `contacts.people.read`, patterns like `contacts.*`, and those of
    OpenID Connect. Redirect addresses are compared exactly, but for the port of a public app's
    `http://127.0.0.1/…` that is registered without one: then any port will do.
    """

    name: Name
    kind: ClientKind = ClientKind.CONFIDENTIAL
    grant_types: GrantTypes
    redirect_uris: RedirectUris = ()
    scopes: Scopes = ()


class ClientPatch(Patch):
    name: Name = ""
    grant_types: GrantTypes = (GrantType.CLIENT_CREDENTIALS,)
    redirect_uris: RedirectUris = ()
    scopes: Scopes = ()


class SecretOut(BaseModel):
    """What may be shown of a secret: its last characters."""

    id: UUID
    hint: str
    created_at: datetime


class ClientOut(BaseModel):
    """An app; its id is its OAuth client id."""

    id: UUID
    version: int
    name: str
    kind: ClientKind
    status: ClientStatus
    grant_types: list[GrantType]
    redirect_uris: list[str]
    scopes: list[str]
    secrets: list[SecretOut]
    created_at: datetime
    updated_at: datetime


class RegisteredClientOut(ClientOut):
    """A new app with its secret, which is shown only now; a public app has none."""

    client_secret: str | None


class NewSecretOut(SecretOut):
    """A secret, which is shown only now."""

    client_secret: str


@clients.get("", permission=READ, listing=queries.CLIENTS, returns=ClientOut)
def list_clients(call: Call[IdentityTx], listing: Listing) -> Reply:
    """List apps, by name unless asked otherwise."""
    return Reply(call.read(queries.list_clients, listing))


@clients.post("", permission=WRITE, body=ClientIn, returns=RegisteredClientOut, status=201)
def register_client(call: Call[IdentityTx], body: ClientIn) -> Response:
    """Register an app.

    Its secret is shown in this answer and never again. Nobody can register an app that may do more
    than they may do themselves.
    """
    details = ClientDetails(
        name=body.name,
        grant_types=frozenset(body.grant_types),
        redirect_uris=body.redirect_uris,
        scopes=frozenset(body.scopes),
    )

    def reply(tx: IdentityTx, made: Credential) -> Reply:
        client = made.client
        shown = {**queries.get_client(tx, client.id), "client_secret": made.text}
        answer = Reply.created(f"/v1/identity/clients/{client.id}", shown, client.version)
        answer.secrets = ("client_secret",)
        return answer

    return call.run(lambda tx: operations.register_client(tx, body.kind, details), reply)


@clients.get("/<uuid:client_id>", permission=READ, returns=ClientOut)
def get_client(call: Call[IdentityTx], client_id: UUID) -> Reply:
    """Get an app."""
    client = call.read(queries.get_client, client_id)
    return Reply(client, version=client["version"])


@clients.patch("/<uuid:client_id>", permission=WRITE, body=ClientPatch, returns=ClientOut)
def change_client(call: Call[IdentityTx], body: ClientPatch, client_id: UUID) -> Response:
    """Change what is mentioned of an app; lists are replaced as a whole."""
    changes: dict[str, Any] = {name: getattr(body, name) for name in body.model_fields_set}
    for name in ("grant_types", "scopes"):
        if name in changes:
            changes[name] = frozenset(changes[name])
    return call.run(
        lambda tx: operations.change_client(
            tx, client_id, lambda details: replace(details, **changes)
        ),
        _shown,
    )


@clients.post("/<uuid:client_id>/secrets", permission=WRITE, returns=NewSecretOut, status=201)
def add_client_secret(call: Call[IdentityTx], client_id: UUID) -> Response:
    """Give an app a second secret, so that it can move over before the first is withdrawn."""

    def reply(_tx: IdentityTx, made: Credential) -> Reply:
        secret = made.secret
        if secret is None:
            raise AssertionError("a secret was added")
        shown = {"id": secret.id, "hint": secret.hint, "created_at": secret.created_at}
        location = f"/v1/identity/clients/{client_id}/secrets/{secret.id}"
        answer = Reply.created(location, {**shown, "client_secret": made.text})
        answer.secrets = ("client_secret",)
        return answer

    return call.run(lambda tx: operations.add_secret(tx, client_id), reply)


@clients.delete("/<uuid:client_id>/secrets/<uuid:secret_id>", permission=WRITE, conditional=False)
def withdraw_client_secret(call: Call[IdentityTx], client_id: UUID, secret_id: UUID) -> Response:
    """Withdraw a secret; tokens that the app has are refused everywhere within two seconds."""
    return call.run(
        lambda tx: operations.withdraw_secret(tx, client_id, secret_id),
        lambda _tx, _client: Reply.nothing(),
    )


@clients.post("/<uuid:client_id>/deactivate", permission=WRITE, returns=ClientOut)
def deactivate_client(call: Call[IdentityTx], client_id: UUID) -> Response:
    """Deactivate an app for good; its tokens are refused everywhere within two seconds."""
    return call.run(lambda tx: operations.deactivate_client(tx, client_id), _shown)


def _shown(tx: IdentityTx, client: Client) -> Reply:
    return Reply(queries.get_client(tx, client.id), version=client.version)
