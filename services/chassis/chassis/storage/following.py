"""What follows records of another service through merges and erasures: the tables that name them.

One service decides what is one and the same, and tells of it by facts. When two were one all along, all
that names the one names the other from then on; what was moved is remembered, so that it can go back
when the merge is undone. When one is erased, rows stay for their sums and dates, without it. A service
says what its records are called by a `Subject`; the tables for it are made by
`ddl.create_following_tables`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork


@dataclass(frozen=True, slots=True)
class NamingTable:
    """A table with `id` and a column that holds the id of what is followed.

    `forget` is what else is set when that is erased, as SQL of our own: free texts go;
    `%(now)s` is the time of it there. With
    `versioned`, each move raises the version, which is what callers know the record by. With
    `drop`, a row goes altogether. What `stays` does not go along with a merge: the
    service deals with it by itself. `first_gone` are tables whose rows name a row of
    this one, as `order_terms.order_id`, and go altogether; `first_blanked` are such
    whose rows stay, each with what of them goes.
    """

    name: str
    column: str
    forget: str = ""
    versioned: bool = True
    drop: bool = False
    stays: bool = False
    first_gone: Sequence[str] = ()
    first_blanked: Sequence[tuple[str, str]] = ()

    @property
    def remember(self) -> Statement:
        """Notes what a merge is about to move."""
        return Statement(
            "INSERT INTO moved_records (tenant_id, merge_id, kind, record_id)"  # noqa: S608
            f" SELECT tenant_id, %(merge_id)s, '{self.name}.{self.column}', id FROM {self.name}"
            f" WHERE tenant_id = %(tenant_id)s AND {self.column} = %(gone_id)s"
            " ON CONFLICT DO NOTHING"
        )

    @property
    def move(self) -> Statement:
        """Has rows name the survivor."""
        return Statement(
            f"UPDATE {self.name} SET {self.column} = %(survivor_id)s{self._raised}"  # noqa: S608
            f" WHERE tenant_id = %(tenant_id)s AND {self.column} = %(gone_id)s"
        )

    @property
    def give_back(self) -> Statement:
        """Has rows name again whom they named before the merge."""
        return Statement(
            f"UPDATE {self.name} AS t SET {self.column} = %(back_id)s{self._raised}"  # noqa: S608
            " FROM moved_records AS m WHERE m.tenant_id = %(tenant_id)s"
            f" AND m.merge_id = %(merge_id)s AND m.kind = '{self.name}.{self.column}'"
            " AND t.tenant_id = %(tenant_id)s AND t.id = m.record_id"
            f" AND t.{self.column} = %(survivor_id)s"
        )

    @property
    def erase(self) -> Statement:
        """Takes out what is erased."""
        about = f"WHERE tenant_id = %(tenant_id)s AND {self.column} = ANY(%(ids)s)"
        if self.drop:
            return Statement(f"DELETE FROM {self.name} {about}")  # noqa: S608
        more = f", {self.forget}" if self.forget else ""
        return Statement(
            f"UPDATE {self.name} SET {self.column} = NULL{more}{self._raised} {about}"  # noqa: S608
        )

    @property
    def clear(self) -> Sequence[Statement]:
        """Take out what hangs on the rows and tells of it, before they are taken out."""
        gone = [
            Statement(
                f"DELETE FROM {naming.split('.')[0]} AS c USING {self.name} AS t"  # noqa: S608
                f" WHERE {self._hangs_on(naming)}"
            )
            for naming in self.first_gone
        ]
        blanked = [
            Statement(
                f"UPDATE {naming.split('.')[0]} AS c SET {forget}, version = c.version + 1"  # noqa: S608
                f" FROM {self.name} AS t WHERE {self._hangs_on(naming)}"
            )
            for naming, forget in self.first_blanked
        ]
        return [*gone, *blanked]

    def move_along(self, tx: UnitOfWork, merge: Merge, survivor_id: UUID) -> None:
        """Have rows that name the one who is gone name the survivor, and remember which."""
        moved = {**merge.about(tx), "survivor_id": survivor_id}
        tx.write(self.remember, moved)
        tx.write(self.move, moved)

    def _hangs_on(self, naming: str) -> str:
        return (
            f"t.tenant_id = %(tenant_id)s AND t.{self.column} = ANY(%(ids)s)"
            f" AND c.tenant_id = %(tenant_id)s AND c.{naming.split('.')[1]} = t.id"
        )

    @property
    def _raised(self) -> str:
        return ", version = version + 1" if self.versioned else ""


@dataclass(frozen=True, slots=True)
class Merge:
    """That one is gone because it is another one, which is left."""

    id: UUID
    survivor_id: UUID
    gone_id: UUID

    def about(self, tx: UnitOfWork) -> dict[str, Any]:
        """The parameters of statements about it."""
        return {"tenant_id": tx.tenant_id, "merge_id": self.id, "gone_id": self.gone_id}


@dataclass(frozen=True)
class Subject:
    """What is followed, by the words that columns and tables are called after: `user` and `users`, say.

    Merges are kept in `<noun>_merges`, with `<noun>_id` and `merged_<noun>_id`.
    """

    noun: str
    plural: str

    @property
    def column(self) -> str:
        """What columns are called that hold the id of one."""
        return f"{self.noun}_id"

    def named_by(self, table: str, column: str = "", **more: Any) -> NamingTable:
        """A table that names one, with what is said of a `NamingTable`; in the usual column unless told."""
        return NamingTable(table, column or self.column, **more)

    def current(self, tx: UnitOfWork, record_id: UUID) -> UUID:
        """Which one answers for one now: the one that it was merged into, or it itself.

        Whoever stores an id asks this first, since callers may hold one from before a merge. Until the
        commit no merge is followed in this tenant: what is about to be stored would be missed.
        """
        tx.fetch_one(self._no_merges_now, self._lock(tx))
        row = tx.fetch_one(self._current, {"tenant_id": tx.tenant_id, "id": record_id})
        return record_id if row is None else UUID(str(row["id"]))

    def current_or_none(self, tx: UnitOfWork, record_id: UUID | None) -> UUID | None:
        """The same for a record that may name none."""
        return None if record_id is None else self.current(tx, record_id)

    def known_as(self, reading: Reading | UnitOfWork, record_id: UUID | None) -> UUID | None:
        """Which one answers for one now, for whoever only looks something up."""
        about = {"tenant_id": reading.caller.tenant_id, "id": record_id}
        row = None if record_id is None else reading.fetch_one(self._current, about)
        return record_id if row is None else UUID(str(row["id"]))

    def follow_alone(self, tx: UnitOfWork) -> None:
        """Wait for whoever stores an id now, or follows a merge, and have all others wait."""
        tx.fetch_one(self._alone, self._lock(tx))

    def note_merge(self, tx: UnitOfWork, merge: Merge, *, undone: bool) -> None:
        """Keep that a merge was told of, or that it was undone, which is so for good."""
        about = {**merge.about(tx), "survivor_id": merge.survivor_id, "undone": undone}
        tx.write(self._note_undone if undone else self._note, about)

    def holds(self, tx: UnitOfWork, merge: Merge) -> bool:
        """Whether a merge that was noted was not undone."""
        return tx.fetch_one(self._holds, merge.about(tx)) is not None

    def _lock(self, tx: UnitOfWork) -> dict[str, str]:
        return {"key": f"{self.plural} of {tx.tenant_id}"}

    @cached_property
    def _no_merges_now(self) -> Statement:
        return Statement("SELECT pg_advisory_xact_lock_shared(hashtextextended(%(key)s, 0))")

    @cached_property
    def _alone(self) -> Statement:
        return Statement("SELECT pg_advisory_xact_lock(hashtextextended(%(key)s, 0))")

    @cached_property
    def _current(self) -> Statement:
        one, gone = self.column, f"merged_{self.column}"
        return Statement(
            f"WITH RECURSIVE way AS (SELECT {one} AS id, 1 AS steps FROM {self.noun}_merges"  # noqa: S608
            f" WHERE tenant_id = %(tenant_id)s AND {gone} = %(id)s AND NOT undone"
            f" UNION ALL SELECT m.{one}, way.steps + 1 FROM way JOIN {self.noun}_merges m"
            f" ON m.tenant_id = %(tenant_id)s AND m.{gone} = way.id AND NOT m.undone"
            " WHERE way.steps < 100) SELECT id FROM way ORDER BY steps DESC LIMIT 1"
        )

    @cached_property
    def _note(self) -> Statement:
        return Statement(f"{self._insert} DO NOTHING")

    @cached_property
    def _note_undone(self) -> Statement:
        return Statement(f"{self._insert} DO UPDATE SET undone = true")

    @property
    def _insert(self) -> str:
        return (
            f"INSERT INTO {self.noun}_merges (tenant_id, merge_id, {self.column},"  # noqa: S608
            f" merged_{self.column}, undone) VALUES (%(tenant_id)s, %(merge_id)s,"
            " %(survivor_id)s, %(gone_id)s, %(undone)s) ON CONFLICT (tenant_id, merge_id)"
        )

    @cached_property
    def _holds(self) -> Statement:
        return Statement(
            f"SELECT merge_id FROM {self.noun}_merges WHERE tenant_id = %(tenant_id)s"  # noqa: S608
            " AND merge_id = %(merge_id)s AND NOT undone"
        )


class Following:
    """Has a service's tables follow a subject. Each method belongs into the reaction to one fact.

    `told_of` gives the ids of records, besides those followed, whose kept answers tell of `ids`.
    """

    def __init__(
        self,
        subject: Subject,
        tables: Sequence[NamingTable],
        told_of: Statement | None = None,
    ) -> None:
        self.tables = tables
        self._subject = subject
        self._told_of = told_of

    def note_merge(self, tx: UnitOfWork, merge: Merge) -> UUID | None:
        """Note a merge; gives which one answers for the one that is gone, None when it was undone already.

        The one that is left may be gone as well by now: rows go to whichever answers for them.
        """
        self._subject.follow_alone(tx)
        self._subject.note_merge(tx, merge, undone=False)
        return self._subject.current(tx, merge.gone_id) if self._subject.holds(tx, merge) else None

    def move(self, tx: UnitOfWork, merge: Merge, survivor_id: UUID) -> None:
        """Have all that names the one that is gone name the survivor."""
        for table in self.tables:
            if not table.stays:
                table.move_along(tx, merge, survivor_id)

    def note_undoing(self, tx: UnitOfWork, merge: Merge) -> UUID:
        """Note that a merge is undone; gives which one answers for the one that was left."""
        self._subject.follow_alone(tx)
        survivor_id = self._subject.current(tx, merge.survivor_id)
        self._subject.note_merge(tx, merge, undone=True)
        return survivor_id

    def give_back(self, tx: UnitOfWork, merge: Merge, survivor_id: UUID) -> None:
        """Give back what the merge had moved; what came after it stays."""
        about = {**merge.about(tx), "back_id": merge.gone_id, "survivor_id": survivor_id}
        for table in self.tables:
            if not table.stays:
                tx.write(table.give_back, about)
        tx.write(_AT_HOME, about)

    def take_out(self, tx: UnitOfWork, ids: Sequence[UUID]) -> Sequence[str]:
        """Take what is erased out of every row.

        Gives the texts by which answers tell of it that are kept for repetition: the caller
        withdraws these (`chassis.idempotency.withdraw_replies`).
        """
        self._subject.follow_alone(tx)
        about = {"tenant_id": tx.tenant_id, "ids": list(ids), "now": tx.clock.now()}
        # Answers from before a record named it included: looked up while it still does.
        told_of = [] if self._told_of is None else tx.fetch_all(self._told_of, about)
        for table in self.tables:
            for statement in (*table.clear, table.erase):
                tx.write(statement, about)
        return [*map(str, ids), *(str(row["id"]) for row in told_of)]


_AT_HOME = Statement(
    "DELETE FROM moved_records WHERE tenant_id = %(tenant_id)s AND merge_id = %(merge_id)s"
)
