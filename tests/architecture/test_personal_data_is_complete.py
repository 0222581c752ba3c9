"""Whoever forgets people when they are erased tells them what is kept of them before, and is asked (CO-12)."""

from __future__ import annotations

import importlib
from collections.abc import Sequence

import pytest

from contacts.data_exports.domain import SERVICES as ASKED
from rapport_local.services import SERVICES

from .sources import ROOT, python_sources

CONTACTS = next(service for service in SERVICES if service.name == "contacts")


def who_knows_people() -> Sequence[str]:
    """The services that forget people, and identity, whose audit log names their records."""
    forgetful = {
        source.path.parts[1]
        for source in python_sources()
        if source.path.parts[0] == "services"
        and "tests" not in source.path.parts
        and "PersonErased" in (ROOT / source.path).read_text("utf-8")
    }
    return sorted({*forgetful, "identity"})


def test_contacts_asks_all_who_know_people() -> None:
    assert sorted(ASKED) == who_knows_people()
    assert set(ASKED) - {"contacts"} <= set(CONTACTS.asks)


@pytest.mark.parametrize("service", who_knows_people())
def test_who_knows_people_tells_what_is_kept_of_them(service: str) -> None:
    told = importlib.import_module(f"{service}.personal_data")
    assert told.KEPT
    assert all(told.NOT_TOLD.values())
    wired = [
        source.path
        for source in python_sources()
        if source.path.parts[:3] == ("services", service, service)
        and source.path.name != "personal_data.py"
        and f"from {service}.personal_data import" in (ROOT / source.path).read_text("utf-8")
    ]
    assert wired, "nobody offers it over gRPC"


@pytest.mark.parametrize("service", who_knows_people())
def test_a_test_of_each_holds_that_no_table_is_left_out(service: str) -> None:
    tests = (ROOT / "services" / service / "tests" / "personal_data").glob("test_*.py")
    assert any("untold(" in path.read_text("utf-8") for path in tests)
