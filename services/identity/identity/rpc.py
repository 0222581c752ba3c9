"""The gRPC face of identity: thin, over the same queries as REST."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import grpc

from chassis.context import Reach
from chassis.domain import Invalid
from chassis.rpc.call import Servicer
from chassis.rpc.declaration import SERVICES_ONLY, RpcService
from identity.access import read_access
from identity.roles.domain import is_permission
from identity.transaction import IdentityTx
from identity.users import queries
from identity.users.api import READ as READ_USERS
from identity.users.holders import permission_holders
from rapport.identity.v1 import identity_service_pb2 as messages
from rapport.identity.v1 import identity_service_pb2_grpc as stubs

MOST_USERS = 200
MOST_ADMINISTRATORS = 50
MOST_HOLDERS = 200


class IdentityServicer(Servicer[IdentityTx], stubs.IdentityServiceServicer):
    """Answers what other services ask."""

    def GetAccessSnapshot(
        self,
        request: messages.GetAccessSnapshotRequest,
        context: grpc.ServicerContext,
    ) -> messages.GetAccessSnapshotResponse:
        """Who may do what in the tenant."""
        del request
        return self.call(context).read(read_access)

    def GetUser(
        self, request: messages.GetUserRequest, context: grpc.ServicerContext
    ) -> messages.GetUserResponse:
        """One user."""
        user_id = _uuid(request.user_id, "user_id")
        return messages.GetUserResponse(
            user=_user(self.call(context).read(queries.get_user, user_id))
        )

    def ListUsers(
        self, request: messages.ListUsersRequest, context: grpc.ServicerContext
    ) -> messages.ListUsersResponse:
        """Several users."""
        if not 1 <= len(request.user_ids) <= MOST_USERS:
            raise Invalid.at("user_ids", "out_of_bounds", f"Ask for 1 to {MOST_USERS} users.")
        wanted = [_uuid(text, f"user_ids[{i}]") for i, text in enumerate(request.user_ids)]
        found = self.call(context).read(queries.get_users, wanted)
        return messages.ListUsersResponse(users=map(_user, found))

    def ListAdministrators(
        self, request: messages.ListAdministratorsRequest, context: grpc.ServicerContext
    ) -> messages.ListAdministratorsResponse:
        """Whom to tell what concerns the tenant."""
        del request
        found = self.call(context).read(queries.administrators, MOST_ADMINISTRATORS)
        return messages.ListAdministratorsResponse(user_ids=map(str, found))

    def ListPermissionHolders(
        self, request: messages.ListPermissionHoldersRequest, context: grpc.ServicerContext
    ) -> messages.ListPermissionHoldersResponse:
        """Whom to tell what waits for somebody who may decide."""
        if "*" in request.permission or not is_permission(request.permission):
            message = "A permission is service.records.verb, without a pattern."
            raise Invalid.at("permission", "permission_malformed", message)
        role_id = _uuid(request.role_id, "role_id") if request.HasField("role_id") else None
        least = _reach(request.least_reach)
        found = self.call(context).read(
            permission_holders, request.permission, least, role_id, MOST_HOLDERS
        )
        return messages.ListPermissionHoldersResponse(user_ids=map(str, found))


IDENTITY_SERVICE = RpcService(
    descriptor=messages.DESCRIPTOR.services_by_name["IdentityService"],
    register=stubs.add_IdentityServiceServicer_to_server,
    servicer=IdentityServicer(),
    permissions={
        "GetAccessSnapshot": SERVICES_ONLY,
        "GetUser": READ_USERS,
        "ListUsers": READ_USERS,
        "ListAdministrators": SERVICES_ONLY,
        "ListPermissionHolders": SERVICES_ONLY,
    },
)


def _uuid(text: str, field: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Invalid.at(field, "uuid_malformed", f"{field} has to be a UUID.") from None


def _reach(given: int) -> Reach:
    """The reach that is asked for; without one, any will do."""
    try:
        return Reach(given or Reach.OWN)
    except ValueError:
        raise Invalid.at("least_reach", "reach_unknown", "There is no such reach.") from None


def _user(row: Mapping[str, Any]) -> messages.User:
    return messages.User(
        user_id=str(row["id"]),
        name=row["name"],
        email=row["email"],
        locale=row["locale"],
        time_zone=row["time_zone"],
        status=messages.UserStatus.Value(f"USER_STATUS_{row['status'].upper()}"),
        version=row["version"],
        role_ids=[str(role_id) for role_id in row["role_ids"]],
    )
