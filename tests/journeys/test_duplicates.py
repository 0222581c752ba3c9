"""Somebody is entered twice: told at once, offered soon, made one, and followed by whoever knows of them."""

from __future__ import annotations

from typing import Any

import pytest

from deploy.demo.external_app import ExternalApp

from .world import Organisation, World, soon

PEOPLE = "/v1/contacts/people"
PAIRS = "/v1/contacts/duplicates"
TICKETS = "/v1/desk/tickets"
PATIENCE = 30

MING: dict[str, Any] = {
    "full_name": "王小明",
    "important_dates": [{"kind": "birthday", "date": "1990-05-01"}],
    "postal_addresses": [
        {"lines": ["忠孝東路一段1號"], "city": "台北市", "postal_code": "100", "country": "TW"}
    ],
}


@pytest.fixture(scope="module")
def organisation(world: World) -> Organisation:
    """A tenant of these tests' own."""
    return world.organisation()


@pytest.fixture(scope="module")
def app(organisation: Organisation) -> ExternalApp:
    """An app that enters people and tickets."""
    return organisation.app("contacts.*", "desk.*")


def offered(app: ExternalApp, person_id: str) -> list[dict[str, Any]]:
    """The open pairs that somebody is in."""
    return list(app.items(PAIRS, person_id=person_id))


def test_who_was_written_otherwise_is_told_offered_merged_and_followed_and_comes_back(
    app: ExternalApp,
) -> None:
    first = app.post(PEOPLE, MING)
    ticket = app.post(TICKETS, {"subject": "壞了", "person_id": first["id"], "channel": "phone"})
    second = app.post(PEOPLE, {**MING, "full_name": "王曉明", "tags": ["vip", "fair"]})
    (told,) = second["duplicates"]
    assert (told["person_id"], told["matched_on"][0]) == (first["id"], "characters")
    soon(lambda: bool(offered(app, first["id"])), PATIENCE, "the pair is offered")
    (pair,) = offered(app, second["id"])
    assert pair["probability"] == told["probability"] > 0.9
    proposal = app.get(f"{PAIRS}/{pair['id']}")["proposal"]
    assert proposal["survivor_id"] == second["id"], "more is known of them"
    merge = app.post(f"{PAIRS}/{pair['id']}/merge", {})
    assert app.get(f"{PEOPLE}/{first['id']}")["id"] == second["id"]

    def customer() -> str:
        return str(app.get(f"{TICKETS}/{ticket['id']}")["person_id"])

    soon(lambda: customer() == second["id"], PATIENCE, "the ticket is the survivor's")
    app.post(f"/v1/contacts/merges/{merge['id']}/undo")
    soon(lambda: customer() == first["id"], PATIENCE, "the ticket is whose it was")
    assert offered(app, first["id"]) == []
    assert app.get(f"{PAIRS}/{pair['id']}")["state"] == "dismissed"


def test_all_are_compared_by_a_job_and_merged_where_the_tenant_wants_that(
    organisation: Organisation, app: ExternalApp
) -> None:
    twice = {**MING, "full_name": "陳美麗", "emails": [{"address": "meili@customers.example"}]}
    first, second = (app.post(PEOPLE, twice)["id"] for _ in "ab")
    limits = {"offer_from": 0.8, "merge_from": 0.99}
    reader = organisation.app("contacts.people.*")
    assert reader.ask("PUT", "/v1/contacts/duplicate-settings", json=limits).status == 403
    app.put("/v1/contacts/duplicate-settings", limits)
    job = app.post(f"{PAIRS}/find")
    address = f"/v1/contacts/jobs/{job['id']}"
    soon(lambda: app.get(address)["state"] == "succeeded", PATIENCE, "all are compared")
    soon(lambda: app.get(f"{PEOPLE}/{second}")["id"] == first, PATIENCE, "they are one")
    (merge,) = app.items("/v1/contacts/merges", person_id=first, undone="false")
    assert merge["merged_by"] == "service:contacts"
