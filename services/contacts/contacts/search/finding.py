"""Finds records of one kind by what somebody has typed so far: carries out plans, step by step (CO-6).

Each step is one statement, and is taken only while too little is found; see `plan.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple, TypeAlias
from uuid import UUID

import sqlalchemy as sa

from chassis.storage.scope import Scope
from chassis.storage.statements import DIALECT
from chassis.storage.unit_of_work import Reading
from contacts.companies.storage import companies
from contacts.custom_fields.domain import RecordKind
from contacts.people.storage import people
from contacts.search.correction import corrected
from contacts.search.folding import Word
from contacts.search.plan import (
    CANDIDATES,
    COUNTED,
    KEPT,
    NARROWED,
    PROBED,
    SCANNED,
    Driver,
    Range,
    SearchPlan,
)
from contacts.search.ranking import Hit, Ranked, rank
from contacts.search.statements import ALL, WORDS, Choice, Group, counts_of, rows_of
from contacts.search.storage import INDEXED
from contacts.search.terms import Kind

READ_OWNED: Final = 200
"""Up to so many records of a caller of narrow reach are gone through one by one."""
KEPT_OWNED: Final = 20_000
"""Up to so many are read first, and what is found is looked up among them."""

TABLES: Final = {RecordKind.PERSON: people, RecordKind.COMPANY: companies}

Found: TypeAlias = dict[UUID, Ranked]
_KEYS = {Kind.KEY_EMAIL: "email", Kind.KEY_PHONE: "phone"}
_BY_KEY = {name: kind for kind, name in _KEYS.items()}
_ANYTHING = ("%",)


class Corrected(NamedTuple):
    """What is found by other words than the typed ones, and which words those are."""

    found: Found
    words: tuple[Word, ...]


class Finder:
    """A search among the records of one kind.

    `most` bounds how many hits each look-up gives; `choice` says which records count.
    """

    def __init__(self, reading: Reading, kind: RecordKind, most: int, choice: Choice = ALL) -> None:
        self._reading = reading
        self._kind = INDEXED[kind]
        self._most = most
        self._choice = choice
        self._counts: dict[Driver, int] = {}

    def exact(self, plan: SearchPlan) -> Found:
        """What is found by the words as they were typed."""
        best = rank((plan,), self._direct(plan.direct)) if plan.direct else {}
        drivers = plan.drivers
        if not drivers or len(best) >= self._most:
            return best
        self._counts = dict(zip(drivers, self._counted(drivers), strict=True))
        if all(self._counts.values()):
            rank((plan,), self._narrowed(drivers), best)
        return best

    def corrected(self, plan: SearchPlan) -> Corrected:
        """What is found by the words that the typed ones may stand for.

        To be asked when nothing was found by the typed ones.
        """
        suspects = self._suspects(plan)
        correction = corrected(plan, suspects, self._near(plan, suspects)) if suspects else None
        if correction is None:
            return Corrected({}, ())
        direct = [r for each in correction.plans for r in each.direct]
        hits = self._direct(direct) if direct else []
        if not hits and correction.drivers:
            hits = self._narrowed(correction.drivers)
        words = dict.fromkeys(word for each in correction.plans for word in each.words)
        return Corrected(rank(correction.plans, hits), tuple(words))

    def _suspects(self, plan: SearchPlan) -> frozenset[int]:
        """The places of the words that may be misspelt; none where to correct words cannot help.

        They are the words that begin no name, or the rarest one where all begin some.
        """
        correctable = frozenset(spelling.position for spelling in plan.spellings)
        if not self._counts:
            return correctable
        if any(driver.position is None and not n for driver, n in self._counts.items()):
            return frozenset()  # of a number or an address there is nothing
        by_word = {d.position: n for d, n in self._counts.items() if d.position is not None}
        missing = frozenset(place for place, count in by_word.items() if not count)
        if missing:
            return missing if missing <= correctable else frozenset()
        return frozenset(sorted(correctable, key=by_word.__getitem__)[:1])

    def _near(self, plan: SearchPlan, suspects: frozenset[int]) -> dict[int, frozenset[str]]:
        """Words of the tenant's dictionary that may be near to the suspected ones, by their places."""
        ranges = [
            (s.position, r) for s in plan.spellings if s.position in suspects for r in s.ranges
        ]
        about = {
            "tenant_id": self._reading.caller.tenant_id,
            "places": [place for place, _ in ranges],
            "lows": [r.low for _, r in ranges],
            "highs": [_end(r.low, r.high) for _, r in ranges],
            "candidates": CANDIDATES,
        }
        words: dict[int, set[str]] = {place: set() for place in suspects}
        for row in self._reading.fetch_all(WORDS, about):
            words[row["place"]].add(row["word"])
        return {place: frozenset(near) for place, near in words.items()}

    def _expense(self, driver: Driver) -> int:
        """How many rows a driver has to look at, as far as that is known."""
        known = [n for d, n in self._counts.items() if d.ranges == driver.ranges]
        return known[0] if known else COUNTED * len(driver.ranges)

    def _direct(self, ranges: Sequence[Range]) -> list[Hit]:
        scanned = self._most
        if self._choice is not ALL:
            scanned = NARROWED if self._choice.kept else SCANNED
        return self._rows(ranges, scanned, most=self._most)

    def _narrowed(self, drivers: Sequence[Driver]) -> list[Hit]:
        """By the driver with the fewest rows, if they are few; else by the rarest word.

        Terms of names are read in order until there are enough hits, which may be soon.
        """
        rarest = min(drivers, key=self._expense)
        if not rarest.elsewhere:
            return self._rows(rarest.ranges, SCANNED, most=self._most, driver=rarest)
        if self._expense(rarest) <= PROBED:
            return self._rows(rarest.ranges, PROBED, most=self._most, driver=rarest)
        by_word = [driver for driver in drivers if driver.position is not None]
        driver = min(by_word or drivers, key=self._expense)
        return self._rows(driver.ranges, NARROWED, most=self._most, driver=driver, is_kept=True)

    def _rows(
        self,
        ranges: Iterable[Range],
        scanned: int,
        *,
        most: int,
        driver: Driver | None = None,
        is_kept: bool = False,
    ) -> list[Hit]:
        groups = () if driver is None else driver.elsewhere
        about = {
            **self._choice.parameters,
            **_arrays(ranges),
            "tenant_id": self._reading.caller.tenant_id,
            "scanned": scanned,
            "most": most,
            "kept": KEPT,
            "every": [] if driver is None else list(driver.patterns),
            "some": list((driver and driver.alternatives) or _ANYTHING),
        }
        shapes = []
        for place, group in enumerate(groups):
            arrays = _arrays(group)
            about.update({f"{name}_{place}": values for name, values in arrays.items()})
            shapes.append(Group(bool(arrays["lows"]), bool(arrays["key_lows"]), is_kept))
        statement = rows_of(self._kind, self._choice, tuple(shapes))
        return [_hit(row) for row in self._reading.fetch_all(statement, about)]

    def _counted(self, drivers: Sequence[Driver]) -> list[int]:
        placed = [(place, r) for place, driver in enumerate(drivers) for r in driver.ranges]
        about = {
            **_arrays(r for _, r in placed),
            "places": [place for place, r in placed if r.kind not in _KEYS],
            "key_places": [place for place, r in placed if r.kind in _KEYS],
            "tenant_id": self._reading.caller.tenant_id,
            "counted": COUNTED,
        }
        counts = [0] * len(drivers)
        for row in self._reading.fetch_all(counts_of(self._kind), about):
            counts[row["place"]] += row["rows"]
        return counts


def find(
    reading: Reading, kind: RecordKind, plan: SearchPlan, most: int, choice: Choice = ALL
) -> Found:
    """The records that are found; with slips of the pen only where nothing is found without."""
    if plan.is_empty:
        return {}
    finder = Finder(reading, kind, most, choice)
    return finder.exact(plan) or finder.corrected(plan).found


def choice_of(
    reading: Reading, scope: Scope, kind: RecordKind, ids: sa.Select[Any] | None = None
) -> Choice:
    """The choice of the records of a scope, and of those among them whose ids a select gives.

    The fewer there are within the scope, the earlier in a search they are asked for.
    """
    columns = TABLES[kind].c
    within = scope.condition(columns.owner_id)
    if within is None:
        return ALL if ids is None else _choice(asked=_of_found(ids, columns))
    owned = sa.select(columns.id).where(columns.tenant_id == reading.caller.tenant_id, within)
    # In the order of the index, which is then taken however many there are believed to be.
    order = (columns.tenant_id, columns.owner_id, columns.created_at)
    some = owned.order_by(*order).limit(KEPT_OWNED + 1).subquery()
    counting = sa.select(sa.func.count()).select_from(some)
    count = reading.connection.execute(counting).scalar_one()
    if count <= READ_OWNED:
        chosen = owned if ids is None else ids.where(within)
        return _choice(read=chosen.order_by(*order).limit(READ_OWNED))
    asked = None if ids is None else _of_found(ids, columns)
    if count <= KEPT_OWNED:
        return _choice(kept=owned.order_by(*order).limit(KEPT_OWNED), asked=asked)
    return _choice(asked=_of_found(owned if ids is None else ids.where(within), columns))


def _of_found(ids: sa.Select[Any], columns: Any) -> sa.Select[Any]:
    return ids.where(columns.id == sa.literal_column("found.record_id"))


def _choice(**selects: sa.Select[Any] | None) -> Choice:
    """The selects as text; one with several has their parameters under different names."""
    texts: dict[str, str] = {}
    parameters: dict[str, Any] = {}
    for name, select in selects.items():
        if select is not None:
            compiled = select.compile(dialect=DIALECT, compile_kwargs={"render_postcompile": True})
            own = dict(compiled.params)
            texts[name] = _PARAMETER.sub(rf"%({name}_\1)s", str(compiled))
            parameters.update({f"{name}_{key}": value for key, value in own.items()})
    return Choice(**texts, parameters=parameters)


_PARAMETER = re.compile(r"%\((\w+)\)s")


def _arrays(ranges: Iterable[Range]) -> dict[str, list[str]]:
    """Ranges as the statements take them: those of terms, those of keys."""
    arrays: dict[str, list[str]] = {
        name: [] for name in ("lows", "highs", "key_kinds", "key_lows", "key_highs")
    }
    for kind, low, high in ranges:
        of_keys = "key_" if kind in _KEYS else ""
        if of_keys:
            arrays["key_kinds"].append(_KEYS[kind])
        arrays[f"{of_keys}lows"].append(low)
        arrays[f"{of_keys}highs"].append(_end(low, high))
    return arrays


def _end(low: str, high: str | None) -> str:
    """Where nothing comes after, the last that there can be."""
    return f"{low}\U0010ffff" if high is None else high


def _hit(row: dict[str, Any]) -> Hit:
    term: str = row["term"]
    kind = Kind(term[0]) if row["kind"] is None else _BY_KEY[row["kind"]]
    return Hit(row["record_id"], kind, term)
