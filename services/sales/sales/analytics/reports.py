"""What all reports have in common: a total, groups apart from it, and how figures are shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from chassis.http.money import amount_out
from chassis.money import rounded
from chassis.storage.unit_of_work import Reading
from sales.analytics.domain import MOST_GROUPS, Definition, Spread
from sales.analytics.models import head
from sales.analytics.selection import Counting, largest

Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Figures:
    """What a report tells: what is selected, which column says how large a group is, how it is shown."""

    definitions: Sequence[Definition]
    select: Callable[[Counting], sa.Select[Any]]
    size: str
    present: Callable[[Rows], dict[str, Any]]


def report(reading: Reading, counting: Counting, figures: Figures) -> dict[str, Any]:
    """The figures of all that is counted, and of each group by itself."""
    selection = counting.selection
    found = reading.connection.execute(figures.select(counting)).mappings().all()
    total = figures.present([dict(row) for row in found])
    groups: list[dict[str, Any]] = []
    if selection.by is not None:
        rows = largest(reading, figures.select(counting.apart()), figures.size)
        groups = [
            {"key": key, **figures.present([dict(row) for row in own])}
            for key, own in groupby(rows, key=lambda row: row["key"])
        ]
    told = head(selection, figures.definitions, truncated=len(groups) > MOST_GROUPS)
    groups = groups[:MOST_GROUPS]
    if selection.is_by_time:
        groups.sort(key=lambda one: one["key"])
    return {**told, "total": total, "groups": groups}


def percentiles(seconds: sa.ColumnElement[Any], which: sa.ColumnElement[bool]) -> list[Any]:
    """Mean, median and 90th percentile of a length of time, of the rows that count."""
    shares = {"median": 0.5, "p90": 0.9}
    mean = sa.func.avg(seconds).filter(which).label("mean")
    return [
        mean,
        *(_at(share, seconds).filter(which).label(name) for name, share in shares.items()),
    ]


def _at(share: float, seconds: sa.ColumnElement[Any]) -> sa.WithinGroup[Any]:
    return sa.func.percentile_cont(share).within_group(sa.cast(seconds, sa.Double))


def spread(row: Mapping[str, Any], count: int, unit: Callable[[Decimal], Decimal]) -> Spread | None:
    """The spread of times that a row gives in seconds, in another unit; None when there are none."""
    if not count:
        return None
    mean, median, p90 = (unit(Decimal(row[name])) for name in ("mean", "median", "p90"))
    return Spread(count, mean, median, p90)


def shown_spread(one: Spread | None) -> dict[str, Any] | None:
    """A spread as the API shows it."""
    if one is None:
        return None
    return {
        "count": one.count,
        "mean": shown(one.mean),
        "median": shown(one.median),
        "p90": shown(one.p90),
    }


def shown(value: Decimal | None) -> str | None:
    """A number as the API shows it, with all its places."""
    return None if value is None else f"{value:f}"


def money(amount: Decimal | None, base: str | None) -> dict[str, str] | None:
    """An amount in the base currency; None while the tenant has none."""
    if amount is None or base is None:
        return None
    return amount_out(rounded(amount, base), base)
