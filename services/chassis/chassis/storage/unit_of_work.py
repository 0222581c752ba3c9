"""The unit of work: one transaction, the aggregates it changed, and the facts it recorded."""

from __future__ import annotations

import random
import time
from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Concatenate, Generic, ParamSpec, Protocol, Self, TypeVar
from uuid import UUID

import sqlalchemy as sa

from chassis.context import Caller
from chassis.domain import (
    Aggregate,
    Clock,
    Conflict,
    DomainError,
    Fact,
    IdFactory,
    PreconditionFailed,
)
from chassis.events.outbox import FactEncoder, OutboxWriter
from chassis.storage.database import (
    Database,
    OpenSession,
    Retryable,
    Session,
    constraint_of,
)
from chassis.storage.preconditions import Precondition, VersionNotChecked
from chassis.storage.scope import EVERYTHING, Scope
from chassis.storage.statements import StaleWrite, Statement, Writes
from chassis.telemetry.tracing import span

_chance = random.Random()  # noqa: S311 - jitter, of its own: the shared one may be seeded alike

P = ParamSpec("P")
R = TypeVar("R")


class Flushable(Protocol):
    """What writes its changes when the unit of work says so."""

    def flush(self) -> None:
        """Write what has changed, and hand the recorded facts to the unit of work."""
        ...

    def forget(self) -> None:
        """Drop all that is known: part of the work was undone."""
        ...


@dataclass(slots=True)
class Reading:
    """A view of one tenant's rows; queries need no more than this.

    `scope` says whose records count, for queries over records with an owner.
    """

    session: Session
    caller: Caller
    scope: Scope
    clock: Clock

    @property
    def connection(self) -> sa.Connection:
        """A connection within a read-only transaction, for statements that SQLAlchemy runs."""
        return self.session.connection

    def fetch_all(
        self, statement: Statement, parameters: Mapping[str, Any]
    ) -> list[dict[str, Any]]:
        """The rows that a compiled statement gives."""
        return self.session.fetch(statement.sql, parameters)

    def fetch_one(
        self, statement: Statement, parameters: Mapping[str, Any]
    ) -> dict[str, Any] | None:
        """The first row that a compiled statement gives, or None."""
        rows = self.session.fetch(statement.sql, parameters)
        return rows[0] if rows else None


class UnitOfWork:
    """What an operation works with. A service subclasses it to name its repositories.

    `precondition` comes from `If-Match`. With `bulk` the facts take the slow lane, so that they
    do not delay those of people who wait. `cause` is the fact that is being reacted to.
    """

    def __init__(self, work: Reading, ids: IdFactory, outbox: OutboxWriter) -> None:
        self._session = work.session
        self._writes = Writes()
        self.caller = work.caller
        self.scope = work.scope
        self.clock = work.clock
        self.ids = ids
        self.bulk = False
        self.precondition: Precondition | None = None
        self.version_checked = False
        self.cause: UUID | None = None
        self._outbox = outbox
        self._flushables: list[Flushable] = []
        self._places: list[int] = []
        self._place = 0
        self._conflicts: Mapping[str, DomainError] = {}
        self._try_again: set[str] = set()
        self._again = False
        self.committed_calls: dict[Callable[[], None], None] = {}

    @property
    def tenant_id(self) -> UUID:
        """The tenant that this work is for."""
        tenant_id = self.caller.tenant_id
        if tenant_id is None:
            raise RuntimeError("a unit of work needs a tenant")
        return tenant_id

    @property
    def connection(self) -> sa.Connection:
        """The connection; whoever reads through it sees what was written before."""
        connection = self._session.connection
        self._writes.send(connection)
        return connection

    def fetch_all(
        self, statement: Statement, parameters: Mapping[str, Any]
    ) -> list[dict[str, Any]]:
        """The rows that a compiled statement gives, what was written before included."""
        self._send()
        return self._session.fetch(statement.sql, parameters)

    def fetch_one(
        self, statement: Statement, parameters: Mapping[str, Any]
    ) -> dict[str, Any] | None:
        """The first row that a compiled statement gives, or None."""
        rows = self.fetch_all(statement, parameters)
        return rows[0] if rows else None

    def write(
        self, statement: Statement, parameters: Mapping[str, Any], *, guarded: bool = False
    ) -> None:
        """Have a statement run before the next read or the commit, together with others.

        A guarded one has to touch exactly one row; otherwise the whole work is tried again.
        """
        self._writes.add(statement, parameters, guarded=guarded)

    def require_version(self, found: Aggregate | None) -> None:
        """Check the version that the caller has named, of what the path names by no id of its own.

        To be called once that is found, before anything is done to it; None is nothing found. Raises
        `PreconditionFailed`.
        """
        expected = self.precondition
        if expected is None:
            return
        self.version_checked = True
        if found is None:
            raise PreconditionFailed(f"There is nothing at version {expected.version}.")
        expected.check(found.version)

    def on_flush(self, part: Flushable) -> None:
        """Have `part` write its changes before the commit, in the order in which parts are declared."""
        place = bisect_right(self._places, self._place)
        self._places.insert(place, self._place)
        self._flushables.insert(place, part)

    def build(self, make: Callable[[Self], R], place: int) -> R:
        """A part of this work, which is flushed at its place among the others; `Part` calls it."""
        before, self._place = self._place, place
        try:
            return make(self)
        finally:
            self._place = before

    def once_committed(self, call: Callable[[], None]) -> None:
        """Have `call` run after the commit, if there is one; the same one once however often.

        For waking whoever works on what was stored: it returns at once and raises nothing.
        """
        self.committed_calls[call] = None

    def publish(self, fact: Fact, aggregate_id: UUID, version: int = 0) -> None:
        """Note a fact for the outbox; repositories do this for their aggregates' facts."""
        self._outbox.add(fact, aggregate_id, version)

    def name_conflicts(self, conflicts: Mapping[str, DomainError], *, again: bool) -> None:
        """Say which errors broken constraints stand for, and if the work may be done again."""
        self._conflicts, self._again = conflicts, again

    def try_again_on(self, constraint: str) -> None:
        """Do the whole work again when this constraint is broken: somebody else was faster.

        For an upsert, which then finds what the other has written.
        """
        self._try_again.add(constraint)

    def meaning_of(self, error: Exception) -> Exception:
        """What an error of the database stands for; itself if for nothing in particular."""
        constraint = constraint_of(error) or ""
        if self._again and constraint in self._try_again:
            return Retryable(constraint)
        return self._conflicts.get(constraint, error)

    def apart(self, work: Callable[[], R]) -> R:
        """Run part of the work so that its failure undoes that part alone.

        Raises what it raises, and the error that a broken constraint stands for. After a failure,
        aggregates that were got before have to be got again.
        """
        for left in (2, 1, 0):
            try:
                return self._apart(work)
            except Exception as error:
                constraint = constraint_of(error) or ""
                if left and constraint in self._try_again:
                    continue
                known = self._conflicts.get(constraint)
                if known is None:
                    raise
                raise known from error
        raise AssertionError("unreachable")

    def _apart(self, work: Callable[[], R]) -> R:
        self.finish()
        with self._writes.apart(self._session.connection):
            try:
                result = work()
                self.finish()
            except Exception:
                self._outbox.forget()
                for part in self._flushables:
                    part.forget()
                raise
        return result

    def flush(self) -> None:
        """Have everything written that has changed, facts included."""
        place = 0
        while place < len(self._flushables):
            part = self._flushables[place]
            part.flush()
            place = self._flushables.index(part) + 1  # it may have asked for others that come first
        self._outbox.write(
            self.write, self.caller, self.clock.now(), bulk=self.bulk, cause=self.cause
        )

    def finish(self) -> None:
        """Write all there is, and send it; the commit is all that is left."""
        self.flush()
        self._send()

    def finish_for_good(self) -> None:
        """The same, and have the last statement commit where it can; nothing may follow.

        Raises `VersionNotChecked` when the caller was promised that a version counts, and nobody looked.
        """
        self.flush()
        expected = self.precondition
        if expected is not None and expected.promised and not self.version_checked:
            raise VersionNotChecked(expected)
        self._send(commit=True)

    def _send(self, *, commit: bool = False) -> None:
        if self._writes:
            self._writes.send(self._session.connection, commit=commit)


T = TypeVar("T", bound=UnitOfWork)


class Operations(Generic[T]):
    """Runs operations, each in one fresh unit of work.

    `conflicts` maps names of database constraints to the errors that they stand for;
    `committed` is called after a commit that stored facts, to wake the relay.
    """

    def __init__(
        self,
        database: Database,
        unit: Callable[[Reading, IdFactory, OutboxWriter], T],
        *,
        facts: FactEncoder,
        clock: Clock,
        ids: IdFactory,
        conflicts: Mapping[str, DomainError] | None = None,
        committed: Callable[[], None] | None = None,
    ) -> None:
        self._database = database
        self._unit = unit
        self._facts = facts
        self._clock = clock
        self._ids = ids
        self._conflicts = dict(conflicts or {})
        self._committed = committed

    def run(
        self,
        caller: Caller,
        operation: Callable[Concatenate[T, P], R],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R:
        """Run one operation and commit; with reach over everything, as services have."""
        return self.transact(
            caller, EVERYTHING, _name(operation), lambda tx: operation(tx, *args, **kwargs)
        )

    def transact(self, caller: Caller, scope: Scope, name: str, work: Callable[[T], R]) -> R:
        """Run `work` in one unit of work and commit; try again when the database asks for it.

        Raises whatever the work raises, `Conflict` for a broken constraint that is listed, and
        `Unavailable` when the database is gone or stays busy.
        """
        with span(name, kind="operation"):
            for attempt in range(4):
                try:
                    return self._once(caller, scope, work, again=attempt < 3)
                except (Retryable, StaleWrite):
                    time.sleep(_chance.uniform(0, 0.01 * 2**attempt))
                except Exception as error:
                    known = self._conflicts.get(constraint_of(error) or "")
                    if known is None:  # most are named where they happen; a few at the commit
                        raise
                    raise known from error
        raise Conflict("Others kept changing the same records; try again.", retry_after=1)

    def _once(self, caller: Caller, scope: Scope, work: Callable[[T], R], *, again: bool) -> R:
        outbox = OutboxWriter(self._facts, self._ids)
        with self._database.tenant_work(caller.tenant_id) as session:
            reading = Reading(session, caller, scope, self._clock)
            tx = self._unit(reading, self._ids, outbox)
            tx.name_conflicts(self._conflicts, again=again)
            try:
                result = work(tx)
                tx.finish_for_good()
            except Exception as error:
                meaning = tx.meaning_of(error)
                if meaning is error:
                    raise
                raise meaning from error
        if outbox.written and self._committed is not None:
            self._committed()
        for call in tx.committed_calls:
            call()
        return result

    def read(
        self,
        caller: Caller,
        scope: Scope,
        query: Callable[Concatenate[Reading, P], R],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R:
        """Run a query in a read-only transaction."""
        with (
            span(_name(query), kind="query"),
            self._database.tenant_reading(caller.tenant_id) as session,
        ):
            return query(Reading(session, caller, scope, self._clock), *args, **kwargs)

    def look_up(
        self,
        caller: Caller,
        query: Callable[Concatenate[Reading, P], R],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R:
        """Run a query as the system login, across tenants.

        For operators, and for what must be found before its tenant is known; it sees just the
        tables and columns that are open to the system login.
        """
        with (
            span(_name(query), kind="query"),
            self._database.system_transaction() as connection,
        ):
            reading = Reading(OpenSession(connection), caller, EVERYTHING, self._clock)
            return query(reading, *args, **kwargs)


def _name(function: Callable[..., Any]) -> str:
    return getattr(function, "__name__", type(function).__name__)
