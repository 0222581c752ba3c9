"""Recorded facts of identity to protobuf."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from google.protobuf.timestamp_pb2 import Timestamp

from chassis.access.directory import AccessEntry
from chassis.access.reactions import entries_of_fact
from chassis.domain import Fact
from chassis.events.outbox import FactEncoder
from identity.audit.domain import AuditLogExported
from identity.clients.domain import ClientChanged, ClientDeactivated, ClientRegistered
from identity.factors.facts import FACTOR_FACTS
from identity.keys.facts import PLATFORM_FACTS
from identity.lockouts.domain import LockoutLifted
from identity.roles.domain import Grant, RoleDefined, RoleRemoved
from identity.sessions.domain import SessionEnded, SessionStarted
from identity.sign_in.domain import PasswordChanged, PasswordResetRequested, SignInRefused
from identity.teams.domain import TeamMembersChanged, TeamPlaced, TeamRemoved
from identity.tenants.domain import TenantChanged, TenantCreated, TenantResumed, TenantSuspended
from identity.users.domain import (
    AccessRevoked,
    UserActivated,
    UserChanged,
    UserDeactivated,
    UserInvited,
    UserSuspended,
)
from rapport.identity.events.v1 import (
    access_events_pb2,
    client_events_pb2,
    security_events_pb2,
    tenant_events_pb2,
    user_events_pb2,
)
from rapport.identity.v1 import access_pb2


def _text(value: UUID | None) -> str | None:
    return None if value is None else str(value)


def grants_message(grants: Iterable[Grant]) -> list[access_pb2.Grant]:
    """Grants as the contracts have them."""
    return [
        access_pb2.Grant(
            permission=grant.permission,
            reach=access_pb2.Reach.Value(f"REACH_{grant.reach.upper()}"),
        )
        for grant in grants
    ]


def _tenant_created(fact: TenantCreated) -> tenant_events_pb2.TenantCreated:
    details = fact.details
    return tenant_events_pb2.TenantCreated(
        tenant_id=str(fact.tenant_id),
        name=details.name,
        locale=details.locale,
        time_zone=details.time_zone,
    )


def _tenant_changed(fact: TenantChanged) -> tenant_events_pb2.TenantChanged:
    details = fact.details
    return tenant_events_pb2.TenantChanged(
        tenant_id=str(fact.tenant_id),
        changed_fields=fact.changed_fields,
        name=details.name,
        locale=details.locale,
        time_zone=details.time_zone,
    )


def _user_changed(fact: UserChanged) -> user_events_pb2.UserChanged:
    return user_events_pb2.UserChanged(
        user_id=str(fact.user_id), changed_fields=fact.changed_fields
    )


def _access_revoked(fact: AccessRevoked) -> access_events_pb2.AccessRevoked:
    not_before = Timestamp()
    not_before.FromDatetime(fact.not_before)
    return access_events_pb2.AccessRevoked(subject_id=str(fact.subject_id), not_before=not_before)


def _session_ended(fact: SessionEnded) -> access_events_pb2.SessionEnded:
    return access_events_pb2.SessionEnded(
        session_id=str(fact.session_id), user_id=str(fact.user_id), reason=fact.reason.value
    )


def _session_started(fact: SessionStarted) -> security_events_pb2.SessionStarted:
    kind = f"SESSION_KIND_{fact.kind.upper()}"
    return security_events_pb2.SessionStarted(
        session_id=str(fact.session_id),
        user_id=str(fact.user_id),
        kind=security_events_pb2.SessionKind.Value(kind),
        client_id=fact.client_id,
        parent_session_id=_text(fact.parent_id),
    )


def _password_changed(fact: PasswordChanged) -> security_events_pb2.PasswordChanged:
    reason = f"PASSWORD_REASON_{fact.reason.upper()}"
    return security_events_pb2.PasswordChanged(
        user_id=str(fact.user_id), reason=security_events_pb2.PasswordReason.Value(reason)
    )


def _lockout_lifted(fact: LockoutLifted) -> security_events_pb2.LockoutLifted:
    kind = f"LOCKOUT_KIND_{fact.kind.upper()}"
    return security_events_pb2.LockoutLifted(
        kind=security_events_pb2.LockoutKind.Value(kind), user_id=_text(fact.user_id)
    )


def _audit_log_exported(fact: AuditLogExported) -> security_events_pb2.AuditLogExported:
    return security_events_pb2.AuditLogExported(
        export_id=str(fact.export_id), format=fact.format, filters=fact.filters
    )


def _role_defined(fact: RoleDefined) -> access_events_pb2.RoleDefined:
    return access_events_pb2.RoleDefined(
        role_id=str(fact.role_id), name=fact.name, grants=grants_message(fact.grants)
    )


def _team_placed(fact: TeamPlaced) -> access_events_pb2.TeamPlaced:
    return access_events_pb2.TeamPlaced(
        team_id=str(fact.team_id),
        parent_team_id=_text(fact.parent_id),
        name=fact.name,
        manager_id=_text(fact.manager_id),
    )


def _team_members_changed(fact: TeamMembersChanged) -> access_events_pb2.TeamMembersChanged:
    return access_events_pb2.TeamMembersChanged(
        team_id=str(fact.team_id), member_ids=map(str, fact.member_ids)
    )


def _client_registered(fact: ClientRegistered) -> client_events_pb2.ClientRegistered:
    return client_events_pb2.ClientRegistered(
        client_id=str(fact.client_id), name=fact.details.name, scopes=sorted(fact.details.scopes)
    )


def _client_changed(fact: ClientChanged) -> client_events_pb2.ClientChanged:
    return client_events_pb2.ClientChanged(
        client_id=str(fact.client_id),
        changed_fields=fact.changed_fields,
        name=fact.details.name,
        scopes=sorted(fact.details.scopes),
    )


_TENANTS: Mapping[type[Any], Any] = {
    TenantCreated: _tenant_created,
    TenantChanged: _tenant_changed,
    TenantSuspended: lambda f: tenant_events_pb2.TenantSuspended(tenant_id=str(f.tenant_id)),
    TenantResumed: lambda f: tenant_events_pb2.TenantResumed(tenant_id=str(f.tenant_id)),
}
_USERS: Mapping[type[Any], Any] = {
    UserInvited: lambda f: user_events_pb2.UserInvited(user_id=str(f.user_id)),
    UserActivated: lambda f: user_events_pb2.UserActivated(user_id=str(f.user_id)),
    UserChanged: _user_changed,
    UserSuspended: lambda f: user_events_pb2.UserSuspended(user_id=str(f.user_id)),
    UserDeactivated: lambda f: user_events_pb2.UserDeactivated(user_id=str(f.user_id)),
}
_ACCESS: Mapping[type[Any], Any] = {
    AccessRevoked: _access_revoked,
    SessionEnded: _session_ended,
    RoleDefined: _role_defined,
    RoleRemoved: lambda f: access_events_pb2.RoleRemoved(role_id=str(f.role_id)),
    TeamPlaced: _team_placed,
    TeamRemoved: lambda f: access_events_pb2.TeamRemoved(team_id=str(f.team_id)),
    TeamMembersChanged: _team_members_changed,
}
_CLIENTS: Mapping[type[Any], Any] = {
    ClientRegistered: _client_registered,
    ClientChanged: _client_changed,
    ClientDeactivated: lambda f: client_events_pb2.ClientDeactivated(client_id=str(f.client_id)),
}

_SECURITY: Mapping[type[Any], Any] = {
    SessionStarted: _session_started,
    SignInRefused: lambda f: security_events_pb2.SignInRefused(user_id=_text(f.user_id)),
    PasswordChanged: _password_changed,
    PasswordResetRequested: lambda f: security_events_pb2.PasswordResetRequested(
        user_id=str(f.user_id)
    ),
    LockoutLifted: _lockout_lifted,
    AuditLogExported: _audit_log_exported,
}

ENCODER = FactEncoder(
    {
        **_TENANTS,
        **_USERS,
        **_ACCESS,
        **_CLIENTS,
        **_SECURITY,
        **FACTOR_FACTS,
        **PLATFORM_FACTS,
    }
)


def access_entries(fact: Fact, version: int) -> list[AccessEntry]:
    """What a fact says about access, as every service remembers it."""
    convert = _ACCESS.get(type(fact)) or _TENANTS.get(type(fact))
    return [] if convert is None else entries_of_fact(convert(fact), version)
