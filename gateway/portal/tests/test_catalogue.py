"""What the portal knows while services come and go."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from chassis.clock import MovableClock
from portal.catalogue import Catalogue, Freshness

from .documents import document, operation
from .fetches import FakeFetch


def merged(catalogue: Catalogue) -> dict[str, Any]:
    rendered = catalogue.snapshot.merged
    assert rendered is not None
    result: dict[str, Any] = json.loads(rendered.body)
    return result


def states(catalogue: Catalogue) -> dict[str, str]:
    return {one["name"]: one["state"] for one in merged(catalogue)["x-rapport-services"]}


def test_before_the_first_refresh_every_service_is_missing(catalogue: Catalogue) -> None:
    assert not catalogue.snapshot.complete
    assert states(catalogue) == {"identity": "missing", "contacts": "missing"}
    assert merged(catalogue)["paths"] == {}


def test_after_a_refresh_every_service_is_current(catalogue: Catalogue) -> None:
    assert catalogue.refresh()

    assert catalogue.snapshot.complete
    assert states(catalogue) == {"identity": "current", "contacts": "current"}
    assert len(merged(catalogue)["paths"]) == 2


def test_a_service_that_was_never_seen_is_left_out_and_named(
    catalogue: Catalogue, fetch: FakeFetch
) -> None:
    del fetch.answers["http://contacts"]

    assert not catalogue.refresh()

    assert catalogue.snapshot.complete
    assert states(catalogue) == {"identity": "current", "contacts": "missing"}
    assert list(merged(catalogue)["paths"]) == ["/v1/identity/things/{id}"]


def test_a_service_that_goes_away_keeps_its_last_document(
    catalogue: Catalogue, fetch: FakeFetch, clock: MovableClock
) -> None:
    catalogue.refresh()
    gone = fetch.answers.pop("http://contacts")
    clock.move(timedelta(hours=1))

    assert not catalogue.refresh()
    assert states(catalogue) == {"identity": "current", "contacts": "stale"}
    named = merged(catalogue)["x-rapport-services"][1]
    assert named["seen_at"] == "2026-11-22T09:30:00Z"
    assert len(merged(catalogue)["paths"]) == 2

    fetch.answers["http://contacts"] = gone
    assert catalogue.refresh()
    assert states(catalogue)["contacts"] == "current"


def test_a_new_version_of_a_service_shows_and_changes_the_entity_tag(
    catalogue: Catalogue, fetch: FakeFetch
) -> None:
    catalogue.refresh()
    before = catalogue.snapshot.merged
    newer = document("contacts")
    newer["paths"]["/v1/contacts/new"] = {"get": operation("new")}
    fetch.answers["http://contacts"] = newer

    catalogue.refresh()

    assert "/v1/contacts/new" in merged(catalogue)["paths"]
    assert before is not None
    assert catalogue.snapshot.merged is not None
    assert catalogue.snapshot.merged.etag != before.etag


def test_nothing_new_changes_nothing(
    catalogue: Catalogue, fetch: FakeFetch, clock: MovableClock
) -> None:
    fetch.etags = {"http://contacts": '"7"', "http://identity": '"8"'}
    catalogue.refresh()
    before = catalogue.snapshot
    clock.move(timedelta(minutes=5))

    catalogue.refresh()

    assert fetch.asked_with[-2:] == [("http://identity", '"8"'), ("http://contacts", '"7"')]
    assert catalogue.snapshot is before


@pytest.mark.parametrize(
    "broken",
    [
        None,
        [],
        {"openapi": "2.0"},
        {"openapi": "3.1.0", "paths": {"/x": None}},
        {"openapi": "3.1.0", "paths": {"/x": {"get": "no"}}},
        {"openapi": "3.1.0", "tags": [{}]},
        {"openapi": "3.1.0", "components": {"schemas": {"A": {"$ref": "#/components/schemas/B"}}}},
    ],
)
def test_an_unusable_document_does_not_replace_the_last_good_one(
    catalogue: Catalogue, fetch: FakeFetch, broken: Any
) -> None:
    catalogue.refresh()
    fetch.answers["http://contacts"] = broken

    assert not catalogue.refresh()

    known = catalogue.snapshot.services["contacts"]
    assert known.freshness is Freshness.STALE
    assert known.failure is not None
    assert len(merged(catalogue)["paths"]) == 2


def test_a_document_that_is_nested_without_end_does_no_harm(
    catalogue: Catalogue, fetch: FakeFetch
) -> None:
    deep: dict[str, Any] = {}
    for _ in range(5000):
        deep = {"not": deep}
    fetch.answers["http://contacts"] = {
        "openapi": "3.1.0",
        "paths": {},
        "components": {"schemas": {"Deep": deep}},
    }

    assert not catalogue.refresh()
    assert states(catalogue) == {"identity": "current", "contacts": "missing"}


def test_a_clash_keeps_the_last_good_document_and_is_told(
    catalogue: Catalogue, fetch: FakeFetch
) -> None:
    catalogue.refresh()
    before = catalogue.snapshot.merged
    for service in ("identity", "contacts"):
        made = document(service)
        made["paths"]["/v1/both"] = {"get": operation(f"{service}_both")}
        fetch.answers[f"http://{service}"] = made

    catalogue.refresh()

    assert catalogue.snapshot.merged == before
    assert catalogue.snapshot.clash is not None
    assert "identity" in catalogue.snapshot.clash
    assert "contacts" in catalogue.snapshot.clash


def test_the_problems_of_all_services_are_listed_once(catalogue: Catalogue) -> None:
    catalogue.refresh()

    listed = {one["code"]: one for one in merged(catalogue)["x-problems"]}
    assert listed["not_found"]["services"] == ["identity", "contacts"]
    assert listed["contacts_closed"]["services"] == ["contacts"]
    assert listed["service_unavailable"]["services"] == ["gateway"]


def test_a_service_with_nonsense_for_problems_lists_none(
    catalogue: Catalogue, fetch: FakeFetch
) -> None:
    nonsense = [1, {}, {"code": 4}, {"code": "a"}, {"code": "b", "status": 200}]
    fetch.answers["http://contacts"] = document("contacts") | {"x-problems": nonsense}
    fetch.answers["http://identity"] = document("identity") | {"x-problems": "none"}

    assert catalogue.refresh()

    services = {name for one in merged(catalogue)["x-problems"] for name in one["services"]}
    assert services == {"gateway"}
