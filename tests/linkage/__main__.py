"""`python -m tests.linkage`: prints precision and recall on the data sets of Febrl."""

from __future__ import annotations

from tests.linkage.febrl import read
from tests.linkage.measure import SETS, measure

for name, files in SETS.items():
    measured = measure(read(*files))
    print(  # noqa: T201 - what it is for
        f"{name}: precision {measured.precision:.4f}, recall {measured.recall:.4f},"
        f" {measured.compared:,} pairs compared, {measured.matches:,} there are"
    )
