"""Finding duplicates: how many are found, how many of those are some, and how fast people are compared."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection

from rapidfuzz.distance import JaroWinkler

from contacts.likeness.scoring import likeness
from contacts.likeness.traits import traits_of
from tests.linkage import measure as linkage
from tests.linkage.febrl import Pair, read
from tests.linkage.measure import SETS, compared_pairs
from tests.performance.figure import Figure, Figures
from tests.performance.subject import Subject

_SEEN = "febrl1"
"""The set that the weights were estimated from: its figures are told, and judge nothing."""
_PRECISION, _RECALL = 0.99, 0.95
_ROUNDS = 3


def measure(_: Subject) -> Figures:
    """Precision and recall on the sets of Febrl, and pairs a second against one bare comparison each."""
    for name, files in SETS.items():
        measured = linkage.measure(read(*files))
        note = f"{measured.right:,} of {measured.matches:,} pairs, {measured.compared:,} compared"
        unseen = name != _SEEN
        yield Figure(
            f"duplicates of {name}, precision",
            measured.precision,
            "of 1",
            reach=_PRECISION if unseen else None,
            note=note,
        )
        yield Figure(
            f"duplicates of {name}, recall",
            measured.recall,
            "of 1",
            reach=_RECALL if unseen else None,
            note=note,
        )
    yield _speed()


def _speed() -> Figure:
    """Pairs that are compared by all that is known, against one similarity of two names each."""
    data = read(*SETS["febrl4"])
    traits = {name: traits_of(details) for name, details in data.people.items()}
    names = {name: details.full_name for name, details in data.people.items()}
    pairs = compared_pairs(traits)

    def ours(pair: Pair) -> object:
        return likeness(traits[pair[0]], traits[pair[1]])

    def bare(pair: Pair) -> object:
        return JaroWinkler.similarity(names[pair[0]], names[pair[1]])

    rounds = [(_per_second(pairs, ours), _per_second(pairs, bare)) for _ in range(_ROUNDS)]
    rate, yardstick = sorted(rounds, key=lambda each: each[0] / each[1])[_ROUNDS // 2]
    return Figure(
        "pairs of people compared", rate, "per second", yardstick, note="against names alone"
    )


def _per_second(pairs: Collection[Pair], compare: Callable[[Pair], object]) -> float:
    started = time.perf_counter()
    for pair in pairs:
        compare(pair)
    return len(pairs) / (time.perf_counter() - started)
