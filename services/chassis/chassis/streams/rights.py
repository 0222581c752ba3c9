"""Looks again and again at what the readers of open streams may do: a lost right ends within 2 s."""

from __future__ import annotations

import asyncio
import logging
from uuid import UUID

import sqlalchemy as sa

from chassis.access.authenticator import Authenticator
from chassis.access.directory import AccessDirectory
from chassis.access.tokens import InvalidToken
from chassis.context import Caller
from chassis.domain import Unavailable
from chassis.storage.database import Database
from chassis.storage.tables import access_revisions
from chassis.streams.face import StreamFace
from chassis.streams.stream import Ending, Stream

log = logging.getLogger("chassis.streams")

_EVERY_SECONDS = 0.8


class RightsWatch:
    """Compares the tenants' revisions, all in one statement, and checks whose has moved.

    The system login needs to read `access_revisions`.
    """

    def __init__(
        self,
        face: StreamFace,
        database: Database,
        authenticator: Authenticator,
        directory: AccessDirectory,
    ) -> None:
        self._face = face
        self._database = database
        self._authenticator = authenticator
        self._directory = directory
        self._known: dict[UUID, int] = {}
        self._judged: set[Stream] = set()

    async def run(self) -> None:
        """Look until cancelled; while the database is away, rights stay as they were."""
        while True:
            await asyncio.sleep(_EVERY_SECONDS)
            try:
                await self.look()
            except Unavailable as error:
                log.warning("nobody can say who may read: %s", error.message)
            except Exception:
                log.exception("rights were not looked at")

    async def look(self) -> None:
        """Check the streams of every tenant whose access has changed since the last look, and new ones.

        A stream may have been admitted by what held before a change, and begin after the look at it.
        """
        tenants: dict[UUID, list[Stream]] = {}
        for stream in self._face.streams:
            if stream.caller.tenant_id is not None:
                tenants.setdefault(stream.caller.tenant_id, []).append(stream)
        revisions = await asyncio.to_thread(self._revisions, list(tenants)) if tenants else {}
        known, judged = dict[UUID, int](), set[Stream]()
        for tenant_id, streams in tenants.items():
            revision = revisions.get(tenant_id, 0)
            is_known = self._known.get(tenant_id) == revision
            doubtful = [one for one in streams if not (is_known and one in self._judged)]
            if not doubtful or await self._judge(tenant_id, revision, doubtful):
                known[tenant_id] = revision
                judged.update(streams)
        self._known, self._judged = known, judged

    async def _judge(self, tenant_id: UUID, revision: int, streams: list[Stream]) -> bool:
        """Whether the streams were checked by what holds at this revision, or later."""
        judged_by, found = await asyncio.to_thread(self._callers, tenant_id, revision, streams)
        for stream, caller in found:
            if caller is None:
                stream.end(Ending.ACCESS_LOST)
            else:
                stream.check(caller)
        return judged_by >= revision

    def _revisions(self, tenants: list[UUID]) -> dict[UUID, int]:
        columns = access_revisions.c
        statement = sa.select(columns.tenant_id, columns.revision).where(
            columns.tenant_id.in_(tenants)
        )
        with self._database.system_transaction() as connection:
            return {row.tenant_id: row.revision for row in connection.execute(statement)}

    def _callers(
        self, tenant_id: UUID, revision: int, streams: list[Stream]
    ) -> tuple[int, list[tuple[Stream, Caller | None]]]:
        """Who the readers are now, and by which revision of the tenant's access."""
        snapshot = self._directory.at_least(tenant_id, revision)
        return snapshot.revision, [(stream, self._caller(stream.token)) for stream in streams]

    def _caller(self, token: str) -> Caller | None:
        try:
            return self._authenticator.caller(token)
        except InvalidToken:
            return None
