"""An external app's life: registered, given a token, at work, its secret rotated, closed down."""

from __future__ import annotations

from uuid import uuid4

import pytest

from deploy.demo.external_app import ExternalApp, FixedToken, Refused
from deploy.demo.oauth import ClientCredentials, Credentials, TokenEndpoint

from .world import IMPATIENT, Organisation, World, soon


def test_a_repeated_creation_is_answered_again_and_done_once(acme: Organisation) -> None:
    app, key = acme.app(), str(uuid4())
    body = {"given_name": "Grace", "family_name": "Hopper"}
    first = app.send("POST", "/v1/contacts/people", json=body, key=key)
    again = app.send("POST", "/v1/contacts/people", json=body, key=key)
    assert (first.status, again.status) == (201, 201)
    assert again.json["id"] == first.json["id"]
    assert again.headers["Idempotency-Replayed"] == "true"
    assert len(list(app.items("/v1/contacts/people"))) == 1
    with pytest.raises(Refused) as refused:
        app.send("POST", "/v1/contacts/people", json={"given_name": "Other"}, key=key)
    assert (refused.value.status, refused.value.code) == (422, "idempotency_key_reused")


def test_a_list_is_paged_through_without_loss_while_others_write(acme: Organisation) -> None:
    app = acme.app()
    made = {app.post("/v1/contacts/people", {"given_name": f"P{n}"})["id"] for n in range(7)}
    seen: list[str] = []
    for person in app.items("/v1/contacts/people", page_size=2, sort="created_at"):
        seen.append(person["id"])
        if len(seen) == 3:
            app.post("/v1/contacts/people", {"given_name": "Late"})
    assert made <= set(seen)
    assert len(seen) == len(set(seen))


def test_a_person_is_found_by_e_mail_changed_and_archived(acme: Organisation) -> None:
    app = acme.app()
    email = f"{uuid4().hex}@customers.example"
    person = app.post("/v1/contacts/people", {"given_name": "Lin", "emails": [{"address": email}]})
    path = f"/v1/contacts/people/{person['id']}"
    assert [p["id"] for p in app.items("/v1/contacts/people", email=email)] == [person["id"]]
    etag = app.send("GET", path).headers["ETag"]
    app.patch(path, {"given_name": "Lina"}, headers={"If-Match": etag})
    with pytest.raises(Refused) as stale:
        app.patch(path, {"given_name": "Lena"}, headers={"If-Match": etag})
    assert stale.value.status == 412
    app.delete(path)
    assert list(app.items("/v1/contacts/people", email=email)) == []
    assert app.get(path)["archived_at"] is not None


def test_a_creation_that_matches_somebody_is_answered_with_a_warning(acme: Organisation) -> None:
    app = acme.app()
    entry = {"given_name": "Lin", "phones": [{"number": "+886 912 345 670"}]}
    first = app.post("/v1/contacts/people", entry)
    second = app.post("/v1/contacts/people", entry)
    assert [d["person_id"] for d in second["duplicates"]] == [first["id"]]


def test_a_secret_is_rotated_while_both_are_good_and_the_old_one_ends_at_once(
    world: World, acme: Organisation
) -> None:
    first = acme.credentials()
    clients = f"/v1/identity/clients/{first.client_id}"
    old_id = acme.admin.get(clients)["secrets"][0]["id"]
    added = acme.admin.post(f"{clients}/secrets")
    second = Credentials(first.client_id, added["client_secret"])
    tokens = {
        name: ClientCredentials(world.gateway, each).token()
        for name, each in (("first", first), ("second", second))
    }
    for token in tokens.values():
        app = ExternalApp(world.gateway, FixedToken(token), patience=IMPATIENT)
        assert app.get("/v1/contacts/people")["items"] == []
    acme.admin.delete(f"{clients}/secrets/{old_id}")
    app = ExternalApp(world.gateway, FixedToken(tokens["first"]), patience=IMPATIENT)
    soon(lambda: app.ask("GET", "/v1/contacts/people").status == 401, 2, "old tokens are refused")
    endpoint = TokenEndpoint(world.gateway, first)
    soon(lambda: not _gets_token(endpoint), 2, "the old secret is refused")
    renewed = ExternalApp(world.gateway, ClientCredentials(world.gateway, second))
    assert renewed.get("/v1/contacts/people")["items"] == []


def test_an_app_that_was_deactivated_is_shut_out_everywhere_within_two_seconds(
    world: World, acme: Organisation
) -> None:
    credentials = acme.credentials("contacts.*", "identity.users.read")
    token = ClientCredentials(world.gateway, credentials).token()
    app = ExternalApp(world.gateway, FixedToken(token), patience=IMPATIENT)
    paths = ("/v1/contacts/people", "/v1/identity/users")
    assert [app.ask("GET", path).status for path in paths] == [200, 200]
    acme.admin.post(f"/v1/identity/clients/{credentials.client_id}/deactivate")
    soon(
        lambda: [app.ask("GET", path).status for path in paths] == [401, 401],
        2,
        "the app is shut out",
    )
    endpoint = TokenEndpoint(world.gateway, credentials)
    soon(lambda: not _gets_token(endpoint), 2, "its secret is refused")


def test_an_app_reaches_no_further_than_its_scopes_and_its_tenant(
    world: World, acme: Organisation
) -> None:
    person = acme.app().post("/v1/contacts/people", {"given_name": "Ada"})
    path = f"/v1/contacts/people/{person['id']}"
    reader = acme.app("contacts.people.read")
    assert reader.get(path)["given_name"] == "Ada"
    assert reader.ask("PATCH", path, json={"given_name": "Eve"}).status == 403
    assert reader.ask("GET", "/v1/identity/users").status == 403
    assert world.organisation().app().ask("GET", path).status == 404


def _gets_token(endpoint: TokenEndpoint) -> bool:
    return endpoint.ask("/oauth/token", grant_type="client_credentials").status == 200
