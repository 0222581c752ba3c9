"""Signing keys over REST, for operators."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

from chassis.http.body import Body
from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from identity.keys.domain import KeyState
from identity.keys.operations import KeyCare
from identity.keys.ring import KeyRing
from identity.transaction import IdentityTx

READ = "identity.signing_keys.read"
WRITE = "identity.signing_keys.write"


class SigningKeyOut(BaseModel):
    """A key that tokens are signed with: before, while, and for an hour after it signs."""

    kid: str
    state: KeyState
    created_at: datetime
    signs_from: datetime
    retired_at: datetime | None


class SigningKeysOut(BaseModel):
    """The keys, newest first."""

    items: list[SigningKeyOut]


class RotationIn(Body):
    """`at_once` is for a key that may have leaked: the next one signs in less than a minute."""

    at_once: bool = False


def key_routes(ring: KeyRing, care: KeyCare) -> Routes:
    """The routes for signing keys; the platform's operators only, whatever else a tenant allows."""
    routes = Routes("/v1/identity/signing-keys", tag="signing-keys")

    @routes.get("", permission=READ, returns=SigningKeysOut, tenantless=True)
    def list_signing_keys(call: Call[IdentityTx]) -> Reply:
        """List the signing keys; takes an operator's token."""
        del call
        return Reply({"items": ring.listed()})

    @routes.post(
        "/rotate", permission=WRITE, body=RotationIn, returns=SigningKeysOut, tenantless=True
    )
    def rotate_signing_keys(call: Call[IdentityTx], body: RotationIn) -> Reply:
        """Publish the next signing key; takes an operator's token.

        It signs when every service knows it, after 10 minutes. Until then, asking again changes
        nothing.
        """
        care.rotate(call.caller, at_once=body.at_once)
        ring.forget()
        return Reply({"items": ring.listed()})

    @routes.delete("/<kid>", permission=WRITE, tenantless=True, conditional=False)
    def withdraw_signing_key(call: Call[IdentityTx], kid: str) -> Reply:
        """Withdraw a signing key that may have leaked; takes an operator's token.

        Rotate first: the key that signs cannot be withdrawn. Services refuse what it has signed
        within 5 minutes, which is when they look for keys again.
        """
        care.withdraw(call.caller, kid)
        ring.forget()
        return Reply.nothing()

    return routes
