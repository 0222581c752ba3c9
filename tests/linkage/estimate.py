"""Estimates how often fields agree: `python -m tests.linkage.estimate` prints what weights.py holds.

Of the first data set of Febrl alone (1,000 records, 500 pairs of one person), whose truth is known; the other
three are left for measuring. `m` is how often a field agrees so far of two records of one person, `u` how
often of two people, over all pairs of the set. Half an observation is added to each, so that what was never
seen is rare and not impossible. Where one of the two has nothing, nothing is counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import combinations

from contacts.likeness.comparing import Agreement, Field, Level, agreements
from contacts.likeness.traits import traits_of
from tests.linkage.febrl import DataSet, read

ESTIMATED_FROM = "dataset1.csv"
LEVELS = tuple(level for level in Level if level is not Level.UNKNOWN)
_HALF = 0.5


def estimate(data: DataSet) -> Iterator[tuple[Field, Level, float, float]]:
    """Of each field and level `m` and `u`."""
    traits = {name: traits_of(details) for name, details in data.people.items()}
    seen: dict[bool, Counter[tuple[Field, Level]]] = {True: Counter(), False: Counter()}
    for pair in combinations(sorted(traits), 2):
        agreement = _as_they_stand(*agreements(*(traits[name] for name in pair)))
        seen[pair in data.matches].update(agreement.items())
    for field in Field:
        for level in LEVELS:
            m, u = (_share(seen[same], field, level) for same in (True, False))
            yield field, level, m, u


def swapped(data: DataSet) -> float:
    """How often the names of two records of one person stand in each other's place."""
    traits = {name: traits_of(details) for name, details in data.people.items()}
    ways = [agreements(traits[one], traits[other]) for one, other in data.matches]
    crosswise = sum(_names(swapped) > _names(straight) for straight, swapped in ways)
    return (crosswise + _HALF) / (len(ways) + 2 * _HALF)


def _as_they_stand(straight: Agreement, crosswise: Agreement) -> Agreement:
    """The way in which the names agree more: what is scored is the likelier one as well."""
    return crosswise if _names(crosswise) > _names(straight) + 1 else straight


def _names(agreement: Agreement) -> int:
    return agreement[Field.GIVEN_NAME] + agreement[Field.FAMILY_NAME]


def _share(seen: Counter[tuple[Field, Level]], field: Field, level: Level) -> float:
    total = sum(seen[field, each] for each in LEVELS)
    return (seen[field, level] + _HALF) / (total + _HALF * len(LEVELS))


def main() -> None:
    """Print the estimates."""
    data = read(ESTIMATED_FROM)
    for field, level, m, u in estimate(data):
        print(f"{field:12} {level.name:9} m {m:.5f} u {u:.6f}")  # noqa: T201 - what it is for
    print(f"swapped {swapped(data):.4f}")  # noqa: T201


if __name__ == "__main__":
    main()
