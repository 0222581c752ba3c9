"""The purchases of CDNOW's customers: 2,357 people who first bought there in early 1997, until mid-1998.

It is the sample of Peter Fader and Bruce Hardie (every tenth customer of the cohort), with which
models of customers' lives are compared to this day. The file comes with the package `lifetimes`, of
which nothing is imported: its modules need pandas, its data does not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from importlib.util import find_spec
from itertools import groupby
from pathlib import Path

CUSTOMERS = 2_357
_COLUMNS = 5
"""Number in the whole cohort, number in the sample, day, discs, dollars; apart by spaces."""


class NoCdnowData(Exception):
    """The data is not installed."""


@dataclass(frozen=True, slots=True)
class Purchase:
    """What a customer, named by the number within the sample, bought on a day."""

    customer: str
    on: date
    discs: int
    dollars: Decimal


def text_file() -> str:
    """The file as it is. Raises `NoCdnowData`."""
    found = find_spec("lifetimes")
    if found is None or not found.submodule_search_locations:
        raise NoCdnowData("the package `lifetimes` is missing: run `make demo`, which installs it")
    folder = Path(next(iter(found.submodule_search_locations)))
    return (folder / "datasets" / "CDNOW_sample.txt").read_text(encoding="ascii")


def read(text: str) -> Iterator[Purchase]:
    """The purchases in a file, in its order. Raises ValueError with the number of a line that is none."""
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split()
        if not words:
            continue
        if len(words) != _COLUMNS:
            raise ValueError(f"line {number} has {len(words)} columns, not {_COLUMNS}")
        _, customer, day, discs, dollars = words
        on = date(int(day[:4]), int(day[4:6]), int(day[6:]))
        yield Purchase(customer, on, int(discs), Decimal(dollars))


def histories(purchases: Iterable[Purchase], customers: int) -> list[list[Purchase]]:
    """What so many customers bought, each by time; spread evenly over all, and always the same ones."""
    ordered = sorted(purchases, key=lambda one: (one.customer, one.on))
    everybody = [list(own) for _, own in groupby(ordered, key=lambda one: one.customer)]
    if customers >= len(everybody):
        return everybody
    return [everybody[n * len(everybody) // customers] for n in range(customers)]


def until(last_on: date, told: Sequence[Sequence[Purchase]], ends: date) -> list[list[Purchase]]:
    """The histories with all days moved by as much, so that `ends` becomes `last_on`."""
    by = last_on - ends
    return [[replace(one, on=one.on + by) for one in own] for own in told]


ENDS = date(1998, 6, 30)
"""The last day of the file."""
YESTERDAY = timedelta(days=1)
