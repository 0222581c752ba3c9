"""Repositories: aggregates in, aggregates out, as rows of one table and what hangs on it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar, Generic, TypeVar, cast
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import Aggregate, NotFound
from chassis.storage.bulk import MANY, BulkInsert
from chassis.storage.statements import DIALECT, Statement, json_text
from chassis.storage.unit_of_work import UnitOfWork

A = TypeVar("A", bound=Aggregate)


class Repository(ABC, Generic[A]):
    """Loads aggregates for a change and stores those that recorded facts.

    A subclass names its `table` (with `tenant_id`, `id` and `version`), the `kind` of thing for
    messages, and the `owner` column if records have one, and maps rows both ways.
    """

    table: ClassVar[sa.Table]
    kind: ClassVar[str]
    owner: ClassVar[str | None] = None

    def __init__(self, tx: UnitOfWork) -> None:
        self._tx = tx
        self._loaded: dict[UUID, tuple[A, int]] = {}
        self._added: dict[UUID, A] = {}
        self._removed: set[UUID] = set()
        tx.on_flush(self)

    @abstractmethod
    def _aggregate(self, row: sa.RowMapping) -> A:
        """The aggregate that a row stands for."""

    @abstractmethod
    def _row(self, aggregate: A) -> dict[str, Any]:
        """All the row's columns but `tenant_id`, `id` and `version`."""

    def _stored(self, aggregate: A, *, new: bool) -> None:
        """What else is to be written when an aggregate is; nothing by default."""

    def _stored_many(self, aggregates: Sequence[A]) -> None:
        """What else is to be written when many new aggregates are: the same, in bulk if possible."""
        for aggregate in aggregates:
            self._stored(aggregate, new=True)

    def get(self, aggregate_id: UUID) -> A:
        """The aggregate, locked until the transaction ends so that writers take turns.

        Raises `NotFound` when it is absent or out of reach, `PreconditionFailed` when the caller
        named another version of it.
        """
        known = self._added.get(aggregate_id)
        if known is not None:
            return known
        if aggregate_id in self._loaded:
            return self._loaded[aggregate_id][0]
        found = self._select([aggregate_id])
        if not found:
            raise NotFound.of(self.kind, aggregate_id)
        return found[0]

    def get_many(self, aggregate_ids: list[UUID]) -> list[A]:
        """Those of the aggregates that there are, locked in one order so that no deadlock arises."""
        missing = sorted(set(aggregate_ids) - self._loaded.keys() - self._added.keys())
        if missing:
            self._select(missing)
        known = {**self._added, **{key: pair[0] for key, pair in self._loaded.items()}}
        return [known[key] for key in aggregate_ids if key in known]

    def _select(self, aggregate_ids: list[UUID]) -> list[A]:
        rows = (
            self._all(aggregate_ids)
            if self.owner is None or self._tx.scope.owners is None
            else self._within_reach(aggregate_ids, self.table.c[self.owner])
        )
        return [self._adopt(self._aggregate(row)) for row in rows]

    def _all(self, aggregate_ids: list[UUID]) -> Sequence[sa.RowMapping]:
        about = {"tenant_id": self._tx.tenant_id, "ids": aggregate_ids}
        rows = self._tx.fetch_all(_statements(type(self)).select, about)
        return cast("Sequence[sa.RowMapping]", rows)  # by column name alone, as those are read here

    def _within_reach(
        self, aggregate_ids: list[UUID], owner: sa.Column[Any]
    ) -> Sequence[sa.RowMapping]:
        columns = self.table.c
        statement = (
            sa.select(self.table)
            .where(columns.tenant_id == self._tx.tenant_id, columns.id.in_(aggregate_ids))
            .order_by(columns.id)
            .with_for_update()
        )
        narrowed = self._tx.scope.narrow(statement, owner)
        return self._tx.connection.execute(narrowed).mappings().all()

    def _adopt(self, aggregate: A) -> A:
        expected = self._tx.precondition
        if expected is not None and expected.aggregate_id == aggregate.id:
            self._tx.version_checked = True
            expected.check(aggregate.version, f"The {self.kind}")
        self._loaded[aggregate.id] = (aggregate, aggregate.version)
        return aggregate

    def add(self, aggregate: A) -> None:
        """Have a new aggregate stored."""
        self._added[aggregate.id] = aggregate

    def remove(self, aggregate: A) -> None:
        """Have an aggregate deleted; its recorded facts are still published."""
        self._removed.add(aggregate.id)

    def flush(self) -> None:
        """Write new and changed aggregates, and hand over their facts."""
        if not self._added and not self._loaded:
            return
        added, self._added = list(self._added.values()), {}
        if len(added) < MANY:
            for aggregate in added:
                self._tx.write(_statements(type(self)).insert, self._columns(aggregate))
                self._published(aggregate)
                self._stored(aggregate, new=True)
        else:
            self._insert_many(added)
        for aggregate in added:
            self._loaded[aggregate.id] = (aggregate, aggregate.version)
        for aggregate, version in list(self._loaded.values()):
            if aggregate.recorded:
                self._write(aggregate, version)

    def forget(self) -> None:
        """Drop all that is known: part of the work was undone."""
        self._loaded.clear()
        self._added.clear()
        self._removed.clear()

    def _insert_many(self, aggregates: Sequence[A]) -> None:
        bulk = _statements(type(self)).insert_many
        rows = [self._columns(aggregate) for aggregate in aggregates]
        self._tx.write(bulk.statement, bulk.parameters(self._tx.tenant_id, rows))
        for aggregate in aggregates:
            self._published(aggregate)
        self._stored_many(aggregates)

    def _columns(self, aggregate: A) -> dict[str, Any]:
        row = self._row(aggregate)
        for name in _statements(type(self)).json_columns:
            row[name] = json_text(row[name])
        return {
            **row,
            "tenant_id": self._tx.tenant_id,
            "id": aggregate.id,
            "version": aggregate.version,
        }

    def _write(self, aggregate: A, loaded_version: int) -> None:
        if aggregate.id in self._removed:
            self._delete(aggregate, loaded_version)
            return
        values = {**self._columns(aggregate), "loaded_version": loaded_version}
        self._tx.write(_statements(type(self)).update, values, guarded=True)
        self._published(aggregate)
        self._stored(aggregate, new=False)
        self._loaded[aggregate.id] = (aggregate, aggregate.version)

    def _delete(self, aggregate: A, loaded_version: int) -> None:
        key = {
            "tenant_id": self._tx.tenant_id,
            "id": aggregate.id,
            "loaded_version": loaded_version,
        }
        self._tx.write(_statements(type(self)).delete, key, guarded=True)
        self._published(aggregate)
        del self._loaded[aggregate.id]

    def _published(self, aggregate: A) -> None:
        for recorded in aggregate.recorded:
            self._tx.publish(recorded.fact, aggregate.id, recorded.version)
        aggregate.recorded.clear()


@dataclass(frozen=True, slots=True)
class _Statements:
    select: Statement
    insert: Statement
    insert_many: BulkInsert
    update: Statement
    delete: Statement
    json_columns: tuple[str, ...]


@cache
def _statements(kind: type[Repository[Any]]) -> _Statements:
    """What a kind of repository reads and writes with, compiled once."""
    table = kind.table
    names = [column.name for column in table.c]
    here = (
        table.c.tenant_id == sa.bindparam("tenant_id"),
        table.c.id == sa.bindparam("id"),
        table.c.version == sa.bindparam("loaded_version"),
    )
    return _Statements(
        select=_select_for_update(table, names),
        insert=Statement.of(sa.insert(table), names),
        insert_many=BulkInsert.into(table),
        update=_update(table, names),
        delete=Statement.of(sa.delete(table).where(*here)),
        json_columns=tuple(c.name for c in table.c if isinstance(c.type, sa.JSON)),
    )


def _select_for_update(table: sa.Table, names: list[str]) -> Statement:
    """Written out, so that any number of ids is one parameter and the statement is prepared once."""
    quote = DIALECT.identifier_preparer.quote
    return Statement(
        f"SELECT {', '.join(map(quote, names))} FROM {quote(table.name)} "  # noqa: S608 - our own tables
        "WHERE tenant_id = %(tenant_id)s AND id = ANY(%(ids)s) ORDER BY id FOR UPDATE"
    )


def _update(table: sa.Table, names: list[str]) -> Statement:
    """Written out, since SQLAlchemy reserves parameters named like columns for its own use."""
    quote = DIALECT.identifier_preparer.quote
    changes = ", ".join(
        f"{quote(name)} = %({name})s" for name in names if name not in ("tenant_id", "id")
    )
    return Statement(
        f"UPDATE {quote(table.name)} SET {changes} "  # noqa: S608 - names of our own tables
        "WHERE tenant_id = %(tenant_id)s AND id = %(id)s AND version = %(loaded_version)s"
    )
