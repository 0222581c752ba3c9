"""What this service knows of roles, the team tree and revocations, kept from identity's facts."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from chassis.context import Reach
from chassis.domain import Unavailable
from chassis.storage.database import Database, Session
from chassis.storage.tables import access_revisions as revisions

ROLE = "role"
TEAM = "team"
MEMBERS = "members"
SESSION = "session"
SUBJECT = "subject"
TENANT = "tenant"

FRESH_SECONDS = 0.8
"""How long a snapshot is used without asking; the reactions and this stay below 2 seconds."""
_REMEMBER = sa.text("""
    INSERT INTO access_entries (tenant_id, kind, key, version, removed, data, changed_at)
    SELECT :tenant_id, kind, key, version, removed, data, :now
    FROM json_to_recordset(CAST(:rows AS json))
        AS told (kind text, key text, version bigint, removed boolean, data jsonb)
    ON CONFLICT (tenant_id, kind, key) DO UPDATE SET version = excluded.version,
        removed = excluded.removed, data = excluded.data, changed_at = excluded.changed_at
    WHERE access_entries.version < excluded.version
    RETURNING version
""")
_LONGEST_WAIT = 5.0
"""Seconds that a call waits for another one that asks identity already."""


@dataclass(frozen=True, slots=True)
class AccessEntry:
    """One thing known: a role's grants, a team's parent, its members, an ended session.

    `data`: role `{"grants": {permission: "own" | "team" | "all"}}`; team `{"parent": id or null}`;
    members `{"users": [ids]}`; session `{}`; subject `{"not_before": seconds}`; tenant
    `{"suspended": true or false}`.
    """

    kind: str
    key: str
    version: int
    data: Mapping[str, Any] = field(default_factory=dict)
    removed: bool = False


class AccessSource(Protocol):
    """Whoever can tell a tenant's whole state: identity, asked when something is unknown here."""

    def fetch(self, tenant_id: UUID) -> Iterable[AccessEntry]:
        """All entries there are. Raises `Unavailable`."""
        ...


@dataclass(slots=True)
class AccessSnapshot:
    """A tenant's roles, teams and revocations at one moment."""

    revision: int
    roles: dict[UUID, dict[str, Reach]] = field(default_factory=dict)
    children: dict[UUID, list[UUID]] = field(default_factory=dict)
    members: dict[UUID, frozenset[UUID]] = field(default_factory=dict)
    ended_sessions: set[UUID] = field(default_factory=set)
    revoked: dict[str, float] = field(default_factory=dict)
    suspended: bool = False
    taken_at: float = 0.0

    def below(self, team_ids: Iterable[UUID]) -> frozenset[UUID]:
        """The users of these teams and of all teams below them."""
        users: set[UUID] = set()
        pending, seen = list(team_ids), set[UUID]()
        while pending:
            team = pending.pop()
            if team in seen:
                continue
            seen.add(team)
            users |= self.members.get(team, frozenset())
            pending.extend(self.children.get(team, ()))
        return frozenset(users)

    def grants_of(self, role_ids: Iterable[UUID]) -> dict[str, Reach]:
        """The roles' grants together; of two for one permission the farther."""
        merged: dict[str, Reach] = {}
        for role_id in role_ids:
            for permission, reach in self.roles.get(role_id, {}).items():
                merged[permission] = max(reach, merged.get(permission, reach))
        return merged


def remember(connection: sa.Connection, tenant_id: UUID, entry: AccessEntry, now: datetime) -> bool:
    """Store an entry unless a later version of it is known; tells whether anything changed."""
    return remember_all(connection, tenant_id, [entry], now)


def remember_all(
    connection: sa.Connection, tenant_id: UUID, told: Iterable[AccessEntry], now: datetime
) -> bool:
    """The same for all of them at once; one that comes more than once counts by its latest version."""
    latest = {(one.kind, one.key): one for one in sorted(told, key=lambda one: one.version)}
    rows = [
        {
            "kind": one.kind,
            "key": one.key,
            "version": one.version,
            "removed": one.removed,
            "data": dict(one.data),
        }
        # In one order, so that two who store the same do not wait for each other in turn.
        for _, one in sorted(latest.items())
    ]
    about = {"tenant_id": tenant_id, "rows": orjson.dumps(rows).decode(), "now": now}
    changed = connection.execute(_REMEMBER, about).first()
    if changed is not None:
        connection.execute(
            insert(revisions)
            .values(tenant_id=tenant_id, revision=1)
            .on_conflict_do_update(
                index_elements=["tenant_id"], set_={"revision": revisions.c.revision + 1}
            )
        )
    return changed is not None


def load(session: Session, tenant_id: UUID, known: int | None) -> AccessSnapshot | None:
    """The snapshot, or None when `known` is still the revision."""
    about = {"tenant_id": tenant_id}
    found = session.fetch(_REVISION, about)
    revision = found[0]["revision"] if found else 0
    if revision == known:
        return None
    snapshot = AccessSnapshot(revision)
    for row in session.fetch(_ENTRIES, about):
        _add(snapshot, row["kind"], row["key"], row["data"])
    return snapshot


_REVISION = "SELECT revision FROM access_revisions WHERE tenant_id = %(tenant_id)s"
_ENTRIES = (
    "SELECT kind, key, data FROM access_entries WHERE tenant_id = %(tenant_id)s AND NOT removed"
)


def _add(snapshot: AccessSnapshot, kind: str, key: str, data: Mapping[str, Any]) -> None:
    match kind:
        case "role":
            snapshot.roles[UUID(key)] = {
                permission: Reach[word.upper()] for permission, word in data["grants"].items()
            }
        case "team":
            if data.get("parent"):
                snapshot.children.setdefault(UUID(data["parent"]), []).append(UUID(key))
        case "members":
            snapshot.members[UUID(key)] = frozenset(UUID(user) for user in data["users"])
        case "session":
            snapshot.ended_sessions.add(UUID(key))
        case "subject":
            snapshot.revoked[key] = float(data["not_before"])
        case "tenant":
            snapshot.suspended = bool(data["suspended"])


class AccessDirectory:
    """Snapshots by tenant, each at most `FRESH_SECONDS` old."""

    def __init__(
        self,
        database: Database,
        source: AccessSource,
        now: Callable[[], datetime],
        monotonic: Callable[[], float],
    ) -> None:
        self._database = database
        self._source = source
        self._now = now
        self._monotonic = monotonic
        self._snapshots: dict[UUID, AccessSnapshot] = {}
        self._asked: dict[UUID, float] = {}
        self._asking: dict[UUID, threading.Event] = {}
        self._lock = threading.Lock()

    def snapshot(self, tenant_id: UUID) -> AccessSnapshot:
        """The state of the tenant; an outdated one rather than none while the database is away."""
        known = self._snapshots.get(tenant_id)
        if known is not None and self._monotonic() - known.taken_at < FRESH_SECONDS:
            return known
        try:
            return self._refreshed(tenant_id, known)
        except Unavailable:
            if known is None:
                raise
            return known

    def _refreshed(self, tenant_id: UUID, known: AccessSnapshot | None) -> AccessSnapshot:
        moment = self._monotonic()
        if known is not None:
            known.taken_at = moment  # one looks, and those who come meanwhile go on with this
        with self._database.tenant_reading(tenant_id) as session:
            snapshot = load(session, tenant_id, None if known is None else known.revision)
        current = snapshot or known
        if current is None:
            raise AssertionError("a snapshot is loaded when none is known")
        current.taken_at = moment
        latest = self._snapshots.get(tenant_id)
        if latest is not None and latest is not known and latest.revision > current.revision:
            return latest  # another one looked later, and was done before
        self._snapshots[tenant_id] = current
        return current

    def at_least(self, tenant_id: UUID, revision: int) -> AccessSnapshot:
        """The state of the tenant at a revision that is known to be there, or later."""
        known = self._snapshots.get(tenant_id)
        if known is not None and known.revision < revision:
            self.forget(tenant_id)
        return self.snapshot(tenant_id)

    def with_roles(self, tenant_id: UUID, role_ids: Iterable[UUID]) -> AccessSnapshot:
        """The snapshot; when it lacks one of these roles, identity is asked for all there is.

        A tenant's first sign-in may come before the facts about its roles do. While one call asks,
        others that lack a role wait for it, up to `_LONGEST_WAIT` seconds.
        """
        snapshot = self.snapshot(tenant_id)
        if all(role_id in snapshot.roles for role_id in role_ids):
            return snapshot
        asking, is_ours = self._asking_now(tenant_id)
        if not is_ours:
            if asking is not None and asking.wait(_LONGEST_WAIT):
                return self.snapshot(tenant_id)
            return snapshot
        try:
            return self._asked_for(tenant_id, snapshot)
        finally:
            with self._lock:
                self._asking.pop(tenant_id).set()

    def _asked_for(self, tenant_id: UUID, snapshot: AccessSnapshot) -> AccessSnapshot:
        """What identity says there is; what was known while it says nothing."""
        try:
            told = list(self._source.fetch(tenant_id))
        except Unavailable:
            return snapshot
        with self._database.tenant_transaction(tenant_id) as connection:
            remember_all(connection, tenant_id, told, self._now())
        return self._refreshed(tenant_id, None)

    def forget(self, tenant_id: UUID) -> None:
        """Take a fresh look at the tenant next time."""
        self._snapshots.pop(tenant_id, None)
        self._asked.pop(tenant_id, None)

    def _asking_now(self, tenant_id: UUID) -> tuple[threading.Event | None, bool]:
        """What is set once identity was asked, if anybody asks now, and whether the caller is to."""
        with self._lock:
            asking, moment = self._asking.get(tenant_id), self._monotonic()
            if asking is not None or moment - self._asked.get(tenant_id, float("-inf")) < 2:
                return asking, False
            self._asked[tenant_id] = moment
            self._asking[tenant_id] = threading.Event()
            return self._asking[tenant_id], True
