"""The statements that a search runs: ranges of the index counted, read and narrowed, each in one go.

Ranges are arrays of a statement and not parts of its text, so that few texts are ever sent, and
PostgreSQL plans each of them once for a connection. Each range is read by a subquery of its own
with an order and a limit: whatever the planner believes of a table, it walks along an index and
stops. (Under row-level security an index serves equality and order alone; `LIKE` is applied to
what a range has given.) What is asked about single rows are scalar subqueries with a limit, which
are never turned into a join that reads a table from end to end.
"""

# ruff: noqa: S608 - the names of tables are our own, and values are parameters throughout

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

from chassis.storage.statements import Statement
from contacts.search.storage import IndexedKind

_TERMS_OF_ONE = 200


class Group(NamedTuple):
    """A set of ranges of which a record needs one: whether there are any of terms, any of keys.

    Either each record is looked up, or, of many records, the ranges are read once and kept.
    """

    of_terms: bool
    of_keys: bool
    is_kept: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """Which records count, by selects of their ids; by none of them, all do.

    Those of `read` are gone through one by one. Those of `kept` are read once, and each record that
    is found is looked up among them. `asked` is asked for each, and speaks of `found.record_id`.
    """

    read: str = ""
    kept: str = ""
    asked: str = ""
    parameters: dict[str, Any] = field(default_factory=dict, hash=False, compare=False)


ALL = Choice()


@lru_cache(maxsize=500)
def rows_of(kind: IndexedKind, choice: Choice, groups: tuple[Group, ...]) -> Statement:
    """At most `most` terms and as many keys out of ranges, `scanned` rows of each being looked at.

    A term has to be like all of `every` and like one of `some`; of each group of ranges, there has
    to be something about the record.
    """
    asked = [_about(kind, place, group) for place, group in enumerate(groups)]
    if choice.asked:
        asked.append(f"({choice.asked} LIMIT 1) IS NOT NULL")
    if choice.kept:
        asked.insert(0, _is_in(choice.kept))
    likes = ["found.term LIKE ALL (%(every)s::text[])", "found.term LIKE ANY (%(some)s::text[])"]
    terms = (
        "SELECT found.record_id, found.term, NULL::text AS kind"
        " FROM unnest(%(lows)s::text[], %(highs)s::text[]) AS r (low, high)"
        f" CROSS JOIN LATERAL ({_terms(kind, choice)}) AS found"
        f"{_where([*likes, *asked])} LIMIT %(most)s"
    )
    keys = (
        "SELECT found.record_id, found.term, found.kind"
        " FROM unnest(%(key_kinds)s::text[], %(key_lows)s::text[], %(key_highs)s::text[])"
        f" AS r (kind, low, high) CROSS JOIN LATERAL ({_keys(kind, choice)}) AS found"
        f"{_where(asked)} LIMIT %(most)s"
    )
    first = f"WITH chosen AS MATERIALIZED ({choice.read}) " if choice.read else ""
    return Statement(f"{first}({terms}) UNION ALL ({keys})")


@lru_cache(maxsize=10)
def counts_of(kind: IndexedKind) -> Statement:
    """How many rows there are in ranges, `counted` at most, added up by their `places`."""
    terms = (
        "SELECT r.place, (SELECT count(*) FROM ("
        f"SELECT FROM {kind.terms} WHERE tenant_id = %(tenant_id)s"
        " AND term >= r.low AND term < r.high ORDER BY tenant_id, term LIMIT %(counted)s"
        ") AS there) AS rows"
        " FROM unnest(%(places)s::int[], %(lows)s::text[], %(highs)s::text[])"
        " AS r (place, low, high)"
    )
    keys = (
        "SELECT r.place, (SELECT count(*) FROM ("
        f"SELECT FROM {kind.keys} WHERE tenant_id = %(tenant_id)s AND kind = r.kind"
        " AND key >= r.low AND key < r.high ORDER BY tenant_id, kind, key LIMIT %(counted)s"
        ") AS there) AS rows"
        " FROM unnest(%(key_places)s::int[], %(key_kinds)s::text[], %(key_lows)s::text[],"
        " %(key_highs)s::text[]) AS r (place, kind, low, high)"
    )
    return Statement(f"{terms} UNION ALL {keys}")


WORDS = Statement(
    "SELECT DISTINCT r.place, found.word"
    " FROM unnest(%(places)s::int[], %(lows)s::text[], %(highs)s::text[]) AS r (place, low, high)"
    " CROSS JOIN LATERAL ("
    "SELECT word FROM search_deletions WHERE tenant_id = %(tenant_id)s"
    " AND deletion >= r.low AND deletion < r.high"
    " ORDER BY tenant_id, deletion, word LIMIT %(candidates)s) AS found"
)
"""The words of the dictionary in ranges of deletions, `candidates` of each at most."""


def _terms(kind: IndexedKind, choice: Choice) -> str:
    """The rows of the range `r`."""
    if not choice.read:
        return (
            f"SELECT record_id, term FROM {kind.terms}"
            " WHERE tenant_id = %(tenant_id)s AND term >= r.low AND term < r.high"
            " ORDER BY tenant_id, term LIMIT %(scanned)s"
        )
    return (
        "SELECT one.record_id, one.term FROM chosen CROSS JOIN LATERAL ("
        f"SELECT record_id, term FROM {kind.terms}"
        " WHERE tenant_id = %(tenant_id)s AND record_id = chosen.id"
        " AND term >= r.low AND term < r.high"
        f" ORDER BY tenant_id, record_id, term LIMIT {_TERMS_OF_ONE}) AS one"
    )


def _keys(kind: IndexedKind, choice: Choice) -> str:
    """The keys of the range `r`."""
    shown = f"SELECT {kind.key_owner} AS record_id, kind, key AS term FROM {kind.keys}"
    of_range = "tenant_id = %(tenant_id)s AND kind = r.kind AND key >= r.low AND key < r.high"
    if not choice.read:
        return f"{shown} WHERE {of_range} ORDER BY tenant_id, kind, key LIMIT %(scanned)s"
    return (
        "SELECT one.record_id, one.kind, one.term FROM chosen CROSS JOIN LATERAL ("
        f"{shown} WHERE {of_range} AND {kind.key_owner} = chosen.id"
        f" ORDER BY tenant_id, {kind.key_owner} LIMIT {_TERMS_OF_ONE}) AS one"
    )


def _about(kind: IndexedKind, place: int, group: Group) -> str:
    """Whether a range of the group has something of the record that was found."""
    term_ranges = f"unnest(%(lows_{place})s::text[], %(highs_{place})s::text[]) AS g (low, high)"
    key_ranges = (
        f"unnest(%(key_kinds_{place})s::text[], %(key_lows_{place})s::text[],"
        f" %(key_highs_{place})s::text[]) AS g (kind, low, high)"
    )
    make = _kept if group.is_kept else _looked_up
    return make(
        kind, term_ranges if group.of_terms else None, key_ranges if group.of_keys else None
    )


def _looked_up(kind: IndexedKind, term_ranges: str | None, key_ranges: str | None) -> str:
    parts = []
    if term_ranges:
        parts.append(
            f"SELECT 1 FROM {kind.terms} AS t, {term_ranges}"
            " WHERE t.tenant_id = %(tenant_id)s AND t.record_id = found.record_id"
            " AND t.term >= g.low AND t.term < g.high"
        )
    if key_ranges:
        parts.append(
            f"SELECT 1 FROM {kind.keys} AS k, {key_ranges}"
            f" WHERE k.tenant_id = %(tenant_id)s AND k.{kind.key_owner} = found.record_id"
            " AND k.kind = g.kind AND k.key >= g.low AND k.key < g.high"
        )
    return " OR ".join(f"({part} LIMIT 1) IS NOT NULL" for part in parts).join("()")


def _kept(kind: IndexedKind, term_ranges: str | None, key_ranges: str | None) -> str:
    parts = []
    if term_ranges:
        parts.append(
            f"SELECT t.record_id FROM {term_ranges} CROSS JOIN LATERAL ("
            f"SELECT record_id FROM {kind.terms} WHERE tenant_id = %(tenant_id)s"
            " AND term >= g.low AND term < g.high"
            " ORDER BY tenant_id, term LIMIT %(kept)s) AS t LIMIT %(kept)s"
        )
    if key_ranges:
        parts.append(
            f"SELECT k.record_id FROM {key_ranges} CROSS JOIN LATERAL ("
            f"SELECT {kind.key_owner} AS record_id FROM {kind.keys}"
            " WHERE tenant_id = %(tenant_id)s AND kind = g.kind"
            " AND key >= g.low AND key < g.high"
            " ORDER BY tenant_id, kind, key LIMIT %(kept)s) AS k LIMIT %(kept)s"
        )
    return _is_in(" UNION ALL ".join(f"({part})" for part in parts))


def _is_in(ids: str) -> str:
    """`IS TRUE` keeps it a look-up in a hash table instead of a join with what the planner likes."""
    return f"(found.record_id IN ({ids})) IS TRUE"


def _where(conditions: list[str]) -> str:
    return f" WHERE {' AND '.join(conditions)}" if conditions else ""
