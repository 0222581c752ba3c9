"""Permissions over REST: which there are to grant, and what the caller may do."""

from __future__ import annotations

from pydantic import BaseModel

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import SIGNED_IN, Routes
from chassis.storage.listing import Listing
from identity.permissions import queries
from identity.roles.domain import GrantReach
from identity.transaction import IdentityTx

permissions = Routes("/v1/identity/permissions", tag="roles")
own_permissions = Routes("/v1/identity/me/permissions", tag="me")


class PermissionOut(BaseModel):
    """What a role may grant, and the reaches that make a difference.

    `own`, `team` and `all` where it is about records that somebody owns; else `all` alone: what belongs
    to the whole organisation is in reach for all, or refused.
    """

    permission: str
    service: str
    description: str
    reaches: list[GrantReach]


class OwnPermissionOut(BaseModel):
    """What the caller may do, and how far."""

    permission: str
    service: str
    description: str
    reach: GrantReach


@permissions.get("", permission=SIGNED_IN, listing=queries.PERMISSIONS, returns=PermissionOut)
def list_permissions(call: Call[IdentityTx], listing: Listing) -> Reply:
    """List the permissions of all services that roles may grant and apps ask for, by name.

    A pattern such as `sales.*`, `sales.quotes.*` or `*` means all that begin so. `q` looks into names
    and descriptions.
    """
    return Reply(call.read(queries.list_permissions, listing))


@own_permissions.get(
    "", permission=SIGNED_IN, listing=queries.OWN_PERMISSIONS, returns=OwnPermissionOut
)
def list_own_permissions(call: Call[IdentityTx], listing: Listing) -> Reply:
    """List what one may do with the token at hand, and how far: what the roles give, bound by its scopes."""
    return Reply(call.read(queries.list_own_permissions, listing))
