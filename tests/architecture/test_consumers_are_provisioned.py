"""Rule 9: what a service reads is declared alike in its code and on the machine, and somebody says it."""

import importlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from chassis.description import Description
from chassis.events.names import event_subjects
from rapport_local.services import SERVICES

from .sources import ROOT, service_names
from .test_facts_are_produced import MESSAGE

Consumes = Mapping[str, Sequence[str]]


@pytest.fixture(scope="module")
def declared() -> dict[str, Consumes]:
    """What each service's own code says that it reads: types of facts, by the producing service."""
    found: dict[str, Consumes] = {}
    for name in service_names():
        description: Description = importlib.import_module(f"{name}.description").DESCRIPTION
        assert description.name == name
        found[name] = description.consumes
    return found


def said(protos: Path) -> dict[str, set[str]]:
    """The full names of all facts and requests in the contracts, by the service that says them."""
    names: dict[str, set[str]] = {}
    for path in sorted(protos.glob("rapport/*/*/v*/*.proto")):
        package = ".".join(path.relative_to(protos).parts[:-1])
        _, service, kind, _ = path.relative_to(protos).parts[:-1]
        if kind in ("events", "requests"):
            messages = MESSAGE.findall(path.read_text(encoding="utf-8"))
            names.setdefault(service, set()).update(f"{package}.{name}" for name in messages)
    return names


def unsaid_facts(declared: Mapping[str, Consumes], said: Mapping[str, set[str]]) -> Iterator[str]:
    """Facts that a service waits for and that no contract knows."""
    for service, consumes in declared.items():
        for producer, types in consumes.items():
            known = said.get(producer, set())
            for unknown in sorted(set(types) - known - {event_subjects(producer)}):
                yield f"{service} waits for {unknown}, which {producer} never says"


def test_the_local_platform_provisions_what_each_service_reads(
    declared: dict[str, Consumes],
) -> None:
    provisioned = {service.name: sorted(service.consumes) for service in SERVICES}
    assert provisioned == {name: sorted(consumes) for name, consumes in declared.items()}


def test_every_services_facts_are_kept_in_the_audit_log(declared: dict[str, Consumes]) -> None:
    whole = {name: (event_subjects(name),) for name in service_names()}
    assert dict(declared["identity"]) == whole


def test_everything_that_is_waited_for_is_in_a_contract(declared: dict[str, Consumes]) -> None:
    assert list(unsaid_facts(declared, said(ROOT / "protos"))) == []


def test_a_fact_that_nobody_says_is_found() -> None:
    declared = {"loyalty": {"sales": ["rapport.sales.events.v1.OrderPaid", "rapport.x.Y"]}}
    assert list(unsaid_facts(declared, {"sales": {"rapport.sales.events.v1.OrderPaid"}})) == [
        "loyalty waits for rapport.x.Y, which sales never says"
    ]
