"""Roles over REST."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from flask import Response
from pydantic import BaseModel, Field

from chassis.http.body import Body, Patch
from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from identity.domain import LONGEST_NAME
from identity.roles import operations, queries
from identity.roles.domain import MOST_GRANTS, Grant, GrantReach, Role
from identity.transaction import IdentityTx

READ = "identity.roles.read"
WRITE = "identity.roles.write"

roles = Routes("/v1/identity/roles", tag="roles")

Name = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]


class GrantIn(Body):
    """A permission like `sales.quotes.read`, or a pattern like `sales.*`, and how far it goes."""

    permission: Annotated[str, Field(min_length=1, max_length=125)]
    reach: GrantReach


Grants = Annotated[tuple[GrantIn, ...], Field(max_length=MOST_GRANTS)]


class RoleIn(Body):
    name: Name
    grants: Grants


class RolePatch(Patch):
    name: Name = ""
    grants: Grants = ()


class RoleOut(BaseModel):
    """What users with this role may do. Built-in roles have a key and cannot be changed."""

    id: UUID
    version: int
    key: str | None
    name: str
    built_in: bool
    grants: list[GrantIn]
    created_at: datetime
    updated_at: datetime


@roles.get("", permission=READ, listing=queries.ROLES, returns=RoleOut)
def list_roles(call: Call[IdentityTx], listing: Listing) -> Reply:
    """List roles, by name unless asked otherwise."""
    return Reply(call.read(queries.list_roles, listing))


@roles.post("", permission=WRITE, body=RoleIn, returns=RoleOut, status=201)
def define_role(call: Call[IdentityTx], body: RoleIn) -> Response:
    """Define a role.

    Nobody can grant more than they may do themselves.
    """

    def reply(tx: IdentityTx, role: Role) -> Reply:
        shown = queries.get_role(tx, role.id)
        return Reply.created(f"/v1/identity/roles/{role.id}", shown, role.version)

    return call.run(lambda tx: operations.define_role(tx, body.name, _grants(body.grants)), reply)


@roles.get("/<uuid:role_id>", permission=READ, returns=RoleOut)
def get_role(call: Call[IdentityTx], role_id: UUID) -> Reply:
    """Get a role."""
    role = call.read(queries.get_role, role_id)
    return Reply(role, version=role["version"])


@roles.patch("/<uuid:role_id>", permission=WRITE, body=RolePatch, returns=RoleOut)
def redefine_role(call: Call[IdentityTx], body: RolePatch, role_id: UUID) -> Response:
    """Change a role's name or all of its grants; works within two seconds, without new tokens."""
    given = body.model_fields_set
    name = body.name if "name" in given else None
    grants = _grants(body.grants) if "grants" in given else None
    return call.run(lambda tx: operations.redefine_role(tx, role_id, name, grants), _shown)


@roles.delete("/<uuid:role_id>", permission=WRITE)
def remove_role(call: Call[IdentityTx], role_id: UUID) -> Response:
    """Remove a role that no user has."""
    return call.run(
        lambda tx: operations.remove_role(tx, role_id), lambda _tx, _role: Reply.nothing()
    )


def _shown(tx: IdentityTx, role: Role) -> Reply:
    return Reply(queries.get_role(tx, role.id), version=role.version)


def _grants(given: tuple[GrantIn, ...]) -> tuple[Grant, ...]:
    return tuple(Grant(each.permission, each.reach) for each in given)
