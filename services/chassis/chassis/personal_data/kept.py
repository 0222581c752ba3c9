"""What the tables of a service keep of people: declared once a service, read by whoever gives it out.

A person is meant by several ids when others were merged into them. A record is a row in the words of its
columns, which are those of the REST API; what has other words, or is no business of the reader, is said.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from chassis.storage.statements import Statement

Record = dict[str, Any]
_NEVER = frozenset({"tenant_id"})


def _as_it_is(record: Record) -> Record:
    return record


@dataclass(frozen=True)
class Kept:
    """What one table keeps of people.

    `kind` is what a record is called, in the singular. `about` says which rows are about the people
    `%(ids)s`, as SQL of our own over the row `t`; `by`, `of` and `hanging_on` write the usual ones. Of several
    ways each is looked up by itself, so that each has its index. `key` is by what rows are unique and put in
    order. `without` names the columns that are left out, `shown` puts the others in other words.
    """

    kind: str
    table: str
    about: str | Sequence[str]
    key: Sequence[str] = ("id",)
    without: frozenset[str] = field(default_factory=frozenset)
    shown: Callable[[Record], Record] = _as_it_is

    @property
    def file(self) -> str:
        """What the file with these records is called."""
        return f"{self.kind}.ndjson"

    def record(self, row: Mapping[str, Any]) -> Record:
        """A row as it is given out."""
        hidden = self.without | _NEVER
        return self.shown({name: value for name, value in row.items() if name not in hidden})

    @cached_property
    def first(self) -> Statement:
        """The first rows, `%(most)s` at most."""
        return Statement(f"{self._rows} {self._in_order}")

    @cached_property
    def following(self) -> Statement:
        """Those that follow on the key `%(key_0)s` and so on."""
        columns = ", ".join(f"t.{name}" for name in self.key)
        values = ", ".join(f"%(key_{place})s" for place in range(len(self.key)))
        return Statement(f"{self._rows} AND ({columns}) > ({values}) {self._in_order}")

    @property
    def _rows(self) -> str:
        begin = f"SELECT t.* FROM {self.table} t WHERE t.tenant_id = %(tenant_id)s"  # noqa: S608 - our own words
        if isinstance(self.about, str):
            return f"{begin} AND ({self.about})"
        columns = ", ".join(f"t.{name}" for name in self.key)
        found = _found(f"{self.table} t", self.about, columns)
        return f"{begin} AND ({columns}) IN ({found})"

    @property
    def _in_order(self) -> str:
        return f"ORDER BY {', '.join(f't.{name}' for name in self.key)} LIMIT %(most)s"


def by(column: str) -> str:
    """Rows that hold a person's id in this column."""
    return f"t.{column} = ANY(%(ids)s)"


def of(column: str, table: str, named_by: str = "person_id") -> str:
    """Rows that name in `column` a row of `table` which names a person."""
    return hanging_on(column, f"{table} p", f"p.{named_by} = ANY(%(ids)s)", "p.id")


def hanging_on(column: str, tables: str, about: str | Sequence[str], named: str) -> str:
    """Rows that name in `column` what `named` is in rows of `tables` that `about` is true of."""
    ways = [about] if isinstance(about, str) else about
    return f"t.{column} IN ({_found(tables, ways, named)})"


def _found(tables: str, ways: Sequence[str], named: str) -> str:
    """What `named` is in the rows that one of the ways is true of."""
    tenants = " AND ".join(
        f"{one.split()[-1]}.tenant_id = %(tenant_id)s" for one in tables.split(", ")
    )
    return " UNION ".join(
        f"SELECT {named} FROM {tables} WHERE {tenants} AND ({way})"  # noqa: S608 - our own words
        for way in ways
    )
