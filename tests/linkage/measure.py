"""Precision and recall of finding duplicates by what contacts finds them by: keys, then likeness."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

from contacts.duplicates.domain import DuplicateLimits
from contacts.likeness.blocking import LARGEST_BLOCK, keys_of
from contacts.likeness.scoring import likeness
from contacts.likeness.traits import Traits, traits_of
from tests.linkage.febrl import DataSet, Pair

SETS: Mapping[str, tuple[str, ...]] = {
    "febrl1": ("dataset1.csv",),
    "febrl2": ("dataset2.csv",),
    "febrl3": ("dataset3.csv",),
    "febrl4": ("dataset4a.csv", "dataset4b.csv"),
}
"""The data sets by their names: the files of each."""


@dataclass(frozen=True, slots=True)
class Measured:
    """How many pairs were compared, found, found rightly, and how many there are."""

    compared: int
    found: int
    right: int
    matches: int

    @property
    def precision(self) -> float:
        """Of those that were found, how many are one."""
        return self.right / self.found

    @property
    def recall(self) -> float:
        """Of those that are one, how many were found."""
        return self.right / self.matches


def measure(data: DataSet, offer_from: float = DuplicateLimits().offer_from) -> Measured:
    """What is offered of a data set, as of a tenant who has set nothing."""
    traits = {name: traits_of(details) for name, details in data.people.items()}
    compared = compared_pairs(traits)
    found = {
        pair
        for pair in compared
        if likeness(traits[pair[0]], traits[pair[1]]).probability >= offer_from
    }
    return Measured(len(compared), len(found), len(found & data.matches), len(data.matches))


def compared_pairs(traits: Mapping[str, Traits]) -> set[Pair]:
    """Those who share a key that is not too common."""
    blocks: dict[int, list[str]] = defaultdict(list)
    for name, one in traits.items():
        for _, key in keys_of(one):
            blocks[key].append(name)
    return {
        pair
        for names in blocks.values()
        if len(names) <= LARGEST_BLOCK
        for pair in combinations(sorted(names), 2)
    }
