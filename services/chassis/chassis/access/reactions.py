"""Follows identity's facts: each one that tells who may do what, as entries to remember.

The generated modules of identity's contract are handed in by the service, so that the chassis
depends on no contract; what is relied on are the names of its messages and their fields.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import ModuleType
from typing import Any

from google.protobuf.message import Message

from chassis.access.directory import (
    MEMBERS,
    ROLE,
    SESSION,
    SUBJECT,
    TEAM,
    TENANT,
    AccessEntry,
    remember,
)
from chassis.context import Reach
from chassis.events.reactions import Envelope, Reactions
from chassis.storage.unit_of_work import UnitOfWork


def access_reactions(*modules: ModuleType) -> Reactions:
    """Reactions that keep the access directory, for a subscription to identity.

    `modules` are the generated ones with the facts about access and about tenants. Raises
    ValueError when they lack one of the facts that matter.
    """
    reactions = Reactions()
    follow_access(reactions, *modules)
    return reactions


def follow_access(reactions: Reactions, *modules: ModuleType) -> None:
    """Add the same to the reactions of a service that has others to identity's facts."""
    for name in _ENTRIES:
        found = [getattr(module, name) for module in modules if hasattr(module, name)]
        if len(found) != 1:
            raise ValueError(f"identity's contract is to have one message {name}")
        reactions.on(found[0], _note, "projection")


def _note(tx: UnitOfWork, message: Message, envelope: Envelope) -> None:
    for entry in entries_of_fact(message, envelope.aggregate_version):
        remember(tx.connection, tx.tenant_id, entry, tx.clock.now())


def entries_of_fact(message: Message, version: int) -> list[AccessEntry]:
    """What one of identity's facts tells; nothing when it is not about access.

    `version` is the one that the fact's aggregate had right after it.
    """
    convert = _ENTRIES.get(message.DESCRIPTOR.name)
    return [] if convert is None else convert(message, version)


def entries_of_snapshot(answer: Any) -> list[AccessEntry]:
    """What identity's answer to `GetAccessSnapshot` tells of its tenant."""
    entries = [_role(role.role_id, role.grants, role.version) for role in answer.roles]
    for team in answer.teams:
        entries += _placed(team, team.version) + _members(team, team.version)
    for revocation in answer.revocations:
        entries += _revoked(revocation, 0)
    for ended in answer.ended_sessions:
        entries += _ended(ended, 1)
    about = {"suspended": answer.tenant_suspended}
    return [*entries, AccessEntry(TENANT, TENANT, answer.tenant_version, about)]


def _role(role_id: str, grants: Iterable[Any], version: int) -> AccessEntry:
    known = {reach.value: reach.name.lower() for reach in Reach}
    told = {grant.permission: known[grant.reach] for grant in grants if grant.reach in known}
    return AccessEntry(ROLE, role_id, version, {"grants": told})


def _defined(fact: Any, version: int) -> list[AccessEntry]:
    return [_role(fact.role_id, fact.grants, version)]


def _role_removed(fact: Any, version: int) -> list[AccessEntry]:
    return [AccessEntry(ROLE, fact.role_id, version, removed=True)]


def _placed(fact: Any, version: int) -> list[AccessEntry]:
    parent = fact.parent_team_id if fact.HasField("parent_team_id") else None
    return [AccessEntry(TEAM, fact.team_id, version, {"parent": parent})]


def _members(fact: Any, version: int) -> list[AccessEntry]:
    return [AccessEntry(MEMBERS, fact.team_id, version, {"users": list(fact.member_ids)})]


def _team_removed(fact: Any, version: int) -> list[AccessEntry]:
    return [AccessEntry(kind, fact.team_id, version, removed=True) for kind in (TEAM, MEMBERS)]


def _ended(fact: Any, version: int) -> list[AccessEntry]:
    del version  # a session ends once
    return [AccessEntry(SESSION, fact.session_id, 1)]


def _revoked(fact: Any, version: int) -> list[AccessEntry]:
    del version  # users and clients share the kind; of two revocations the later one holds
    microseconds = fact.not_before.ToMicroseconds()
    about = {"not_before": microseconds / 1_000_000}
    return [AccessEntry(SUBJECT, fact.subject_id, microseconds, about)]


def _suspended(fact: Any, version: int) -> list[AccessEntry]:
    del fact
    return [AccessEntry(TENANT, TENANT, version, {"suspended": True})]


def _resumed(fact: Any, version: int) -> list[AccessEntry]:
    del fact
    return [AccessEntry(TENANT, TENANT, version, {"suspended": False})]


_ENTRIES: Mapping[str, Callable[[Any, int], list[AccessEntry]]] = {
    "RoleDefined": _defined,
    "RoleRemoved": _role_removed,
    "TeamPlaced": _placed,
    "TeamRemoved": _team_removed,
    "TeamMembersChanged": _members,
    "SessionEnded": _ended,
    "AccessRevoked": _revoked,
    "TenantSuspended": _suspended,
    "TenantResumed": _resumed,
}
