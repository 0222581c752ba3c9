"""Duplicates are found as well as is said, on data sets whose truth is known.

`python -m tests.linkage` prints the figures. The first data set is the one that the weights were estimated from; the
others were not seen by that.
"""

from __future__ import annotations

import pytest

from contacts.likeness.weights import ESTIMATED, SWAPPED
from tests.linkage.estimate import ESTIMATED_FROM, estimate, swapped
from tests.linkage.febrl import read
from tests.linkage.measure import SETS, measure


@pytest.mark.parametrize(
    ("name", "precision", "recall"),
    [
        ("febrl1", 1.0, 0.97),
        ("febrl2", 0.999, 0.965),
        ("febrl3", 0.999, 0.95),
        ("febrl4", 0.999, 0.97),
    ],
)
def test_pairs_are_found_and_hardly_any_that_is_none(
    name: str, precision: float, recall: float
) -> None:
    measured = measure(read(*SETS[name]))
    assert measured.precision >= precision
    assert measured.recall >= recall


@pytest.mark.slow  # half a million pairs are compared
def test_what_weighs_is_what_was_estimated() -> None:
    data = read(ESTIMATED_FROM)
    for field, level, m, u in estimate(data):
        if field in ESTIMATED:
            kept = ESTIMATED[field][level]
            assert kept.m == pytest.approx(m, abs=6e-6)
            assert kept.u == pytest.approx(u, abs=6e-7)
    assert pow(2, SWAPPED) == pytest.approx(swapped(data), abs=6e-5)
