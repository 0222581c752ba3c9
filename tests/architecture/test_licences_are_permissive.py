"""What a service is deployed with may be used and passed on freely: permissive licences, or a reason."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.metadata import PackageMetadata, PackageNotFoundError, metadata
from importlib.resources import files

import pytest

from .test_locks_hold import part_locks, pins

PERMISSIVE = re.compile(
    r"\b(Apache|BSD|ISC|MIT|MIT-0|MIT-CMU|PSF|Python Software Foundation|Unlicense|Zlib)\b",
    re.IGNORECASE,
)
WEAK = re.compile(
    r"GPL|GNU|MPL|Mozilla|EPL|EUPL|CDDL|SSPL|BUSL|Commons Clause|Proprietary", re.IGNORECASE
)
_ONLY_USED = "its own files stay under it; they are used as they are, and replaceable"
EXEMPT = {
    "certifi": f"MPL-2.0: {_ONLY_USED}",
    "orjson": f"MPL-2.0 for a part: {_ONLY_USED}",
    "psycopg": f"LGPL-3.0: {_ONLY_USED}",
    "psycopg-binary": f"LGPL-3.0: {_ONLY_USED}",
    "psycopg-pool": f"LGPL-3.0: {_ONLY_USED}",
    "pycountry": f"LGPL-2.1: {_ONLY_USED}",
}
"""Packages whose licence asks for more, with the reason why that is met."""


def licence_of(about: PackageMetadata) -> str:
    """What a distribution says of its licence, in whichever of the three ways."""
    fields = ("License-Expression", "License", "Classifier")
    said = [each for field in fields for each in about.get_all(field) or []]
    lines = [each.partition("\n")[0] for each in said]
    return "; ".join(each for each in lines if "::" not in each or each.startswith("License ::"))


def unfit(name: str, licence: str) -> Iterator[str]:
    """A package whose licence is not permissive, or not known, and that has no reason."""
    fits = PERMISSIVE.search(licence) and not WEAK.search(licence)
    if not fits and name not in EXEMPT:
        yield f"{name}: {licence or 'says nothing of its licence'}"


def deployed() -> dict[str, str]:
    """Everything that some part is deployed with and that is installed here, with its licence."""
    names = {name for lock in part_locks() for name in pins(lock.read_text("utf-8"))}
    found: dict[str, str] = {}
    for name in sorted(names):
        try:
            found[name] = licence_of(metadata(name))
        except PackageNotFoundError:
            continue  # for another platform or Python
    return found


def test_everything_that_is_deployed_has_a_permissive_licence_or_a_reason() -> None:
    licences = deployed()
    assert len(licences) > 50
    assert [line for name, licence in licences.items() for line in unfit(name, licence)] == []


def test_no_exemption_is_left_over() -> None:
    licences = deployed()
    needless = [
        name
        for name in EXEMPT
        if name not in licences or (not WEAK.search(licences[name]) and licences[name])
    ]
    assert needless == []


def test_the_font_that_documents_are_set_in_may_be_embedded() -> None:
    for family in ("notosanstc", "notosanssc", "notosansjp", "notosanskr"):
        terms = files("justmytype_intl_cjk").joinpath("fonts", "ofl", family, "OFL.txt")
        assert "SIL OPEN FONT LICENSE Version 1.1" in terms.read_text("utf-8")


@pytest.mark.parametrize("licence", ["GPL-3.0-only", "AGPL-3.0 AND MIT", "", "see LICENSE"])
def test_what_is_not_permissive_is_found(licence: str) -> None:
    assert list(unfit("some-package", licence)) != []
