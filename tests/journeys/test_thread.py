"""The thread: from a request at the gateway to a fact in another service's process."""

from __future__ import annotations

import secrets

from .world import Organisation, World, soon


def test_a_person_entered_at_the_gateway_arrives_in_another_process_with_the_same_trace(
    world: World, acme: Organisation
) -> None:
    app = acme.app("contacts.*", "probe.*")
    trace_id = secrets.token_hex(16)
    answer = app.send(
        "POST",
        "/v1/contacts/people",
        json={"given_name": "小明", "family_name": "王"},
        headers={"Traceparent": f"00-{trace_id}-{secrets.token_hex(8)}-01"},
    )
    assert answer.status == 201
    assert answer.headers["Trace-Id"] == trace_id
    person_id = answer.json["id"]
    soon(lambda: bool(world.facts_about(person_id, app)), 10, "the fact in the probe")
    noted = world.facts_about(person_id, app)
    assert [fact["type"] for fact in noted] == ["PersonCreated"]
    assert noted[0]["trace_id"] == trace_id
    assert noted[0]["actor"].startswith("client:")


def test_facts_about_one_person_arrive_each_once_and_in_their_order(
    world: World, acme: Organisation
) -> None:
    app = acme.app("contacts.*", "probe.*")
    person = app.post("/v1/contacts/people", {"given_name": "Ada"})
    path = f"/v1/contacts/people/{person['id']}"
    app.patch(path, {"family_name": "Chen"})
    app.delete(path)
    soon(lambda: len(world.facts_about(person["id"], app)) == 3, 10, "three facts")
    noted = [fact["type"] for fact in world.facts_about(person["id"], app)]
    assert noted == ["PersonCreated", "PersonChanged", "PersonArchived"]


def test_a_request_that_is_refused_says_nothing_to_anybody(
    world: World, acme: Organisation
) -> None:
    app = acme.app("contacts.*", "probe.*")
    person = app.post("/v1/contacts/people", {"given_name": "Ada"})
    path = f"/v1/contacts/people/{person['id']}"
    refused = app.ask("PATCH", path, json={"given_name": ""}, headers={"If-Match": '"99"'})
    assert refused.status == 412
    app.patch(path, {"given_name": "Eva"})
    soon(lambda: len(world.facts_about(person["id"], app)) == 2, 10, "the change's fact")
    assert [fact["type"] for fact in world.facts_about(person["id"], app)][1] == "PersonChanged"


def test_another_tenants_app_learns_nothing_from_the_consuming_service(
    world: World, acme: Organisation
) -> None:
    app, other = acme.app("contacts.*", "probe.*"), world.organisation().app("probe.*")
    person = app.post("/v1/contacts/people", {"given_name": "Ada"})
    soon(lambda: bool(world.facts_about(person["id"], app)), 10, "the fact in the probe")
    assert world.facts_about(person["id"], other) == []
