"""mypy sees every Python file: a package that it is not told of would go unchecked."""

import tomllib
from collections.abc import Iterator
from pathlib import Path

from .sources import ROOT, python_sources


def checked_places(pyproject: str) -> list[Path]:
    """The folders and files that mypy is told of, as its list of packages and its path say."""
    settings = tomllib.loads(pyproject)["tool"]["mypy"]
    roots = [Path(), *map(Path, settings["mypy_path"])]
    return [
        root.joinpath(*package.split(".")) for package in settings["packages"] for root in roots
    ]


def unchecked(paths: list[Path], places: list[Path]) -> Iterator[str]:
    """Files outside of all places. Migrations are exempt: their names begin with a number."""
    for path in paths:
        module = path.with_suffix("")
        inside = any(path.is_relative_to(place) or module == place for place in places)
        if not inside and "migrations" not in path.parts:
            yield str(path)


def test_every_python_file_is_checked_for_its_types() -> None:
    places = checked_places((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert list(unchecked([source.path for source in python_sources()], places)) == []


def test_a_file_outside_of_every_package_is_found() -> None:
    places = checked_places((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    stray, known = Path("services/barter/barter/app.py"), Path("services/contacts/contacts/app.py")
    assert list(unchecked([stray, known], places)) == [str(stray)]
