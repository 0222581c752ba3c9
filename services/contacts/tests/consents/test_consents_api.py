"""What people allow, over REST: yes, no, late, twice and by the thousand."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from chassis.clock import MovableClock
from chassis.testing.client import ApiClient
from chassis.testing.harness import ServiceHarness
from contacts.transaction import ContactsTx
from rapport.contacts.events.v1 import consent_events_pb2 as events
from rapport.contacts.v1.consent_pb2 import LEGAL_BASIS_CONSENT
from services.contacts.tests.builders import PEOPLE, person

from .conftest import Say

Contacts = ServiceHarness[ContactsTx]
CONSENTS = "/v1/contacts/consents"
PURPOSES = "/v1/contacts/purposes"


@pytest.fixture
def plain(app: ApiClient) -> str:
    """The key of a promotional purpose that asks for no confirmation, by mail and text message."""
    body = {"key": "events", "name": {"en": "Events"}, "channels": ["email", "sms"]}
    assert app.post(PURPOSES, body).status_code == 201
    return "events"


def types(timed: Contacts, app: ApiClient) -> list[str]:
    """The facts about consents, by their short names."""
    assert app.tenant_id is not None
    names = [kind.rpartition(".")[2] for kind, _ in timed.facts(app.tenant_id)]
    return [name for name in names if name.startswith("Consent") or name == "SendMessage"]


def history(app: ApiClient, ada: str, purpose: str, channel: str = "email") -> list[dict[str, Any]]:
    """All that was said, the first first."""
    path = f"{PEOPLE}/{ada}/consents/{purpose}/{channel}/history?sort=recorded_at"
    items: list[dict[str, Any]] = app.get(path).json["items"]
    return items


def test_consents_need_a_token_and_their_permissions(timed: Contacts, app: ApiClient) -> None:
    ada = person(app)
    one = f"{PEOPLE}/{ada}/consents/newsletter/email"
    for path in (CONSENTS, one, f"{PEOPLE}/{ada}/consents", f"{one}/history"):
        assert timed.anonymous().get(path).status_code == 401
    assert app.tenant_id is not None
    reader = timed.app_client(app.tenant_id, "contacts.consents.read")
    assert reader.get(one).status_code == 200
    assert reader.put(one, {"state": "withdrawn", "source": "x"}).status_code == 403


def test_yes_is_granted_and_no_withdraws_it(
    timed: Contacts, app: ApiClient, say: Say, plain: str
) -> None:
    ada = person(app)
    nothing = app.get(f"{PEOPLE}/{ada}/consents/{plain}/email").json
    assert (nothing["state"], nothing["id"], nothing["version"]) == ("none", None, 0)
    yes = say(ada, "granted", plain, proof="form 7")
    assert (yes.status_code, yes.json["state"], yes.headers["ETag"]) == (200, "granted", '"1"')
    assert (yes.json["legal_basis"], yes.json["proof"]) == ("consent", "form 7")
    assert app.get(f"{PEOPLE}/{ada}/consents/{plain}/email").json == yes.json
    no = say(ada, "withdrawn", plain, source="telephone")
    assert (no.json["state"], no.json["source"]) == ("withdrawn", "telephone")
    assert no.json["withdrawn_at"] is not None
    assert types(timed, app) == ["ConsentGranted", "ConsentWithdrawn"]
    assert app.tenant_id is not None
    granted = events.ConsentGranted.FromString(timed.facts(app.tenant_id)[-2][1])
    assert (granted.person_id, granted.purpose, granted.channel) == (ada, plain, "email")
    assert (granted.legal_basis, granted.source) == (LEGAL_BASIS_CONSENT, "web form")
    said = history(app, ada, plain)
    assert [entry["word"] for entry in said] == ["granted", "withdrawn"]
    assert said[0]["recorded_by"].startswith("client:")


def test_saying_what_is_so_already_changes_nothing(
    timed: Contacts, app: ApiClient, say: Say, plain: str
) -> None:
    ada = person(app)
    first = say(ada, "granted", plain)
    assert say(ada, "granted", plain).json == first.json
    renewed = say(ada, "granted", plain, proof="form 8").json
    assert (renewed["proof"], renewed["granted_at"]) == ("form 8", first.json["granted_at"])
    assert [entry["proof"] for entry in history(app, ada, plain)] == ["", "form 8"]
    assert types(timed, app) == ["ConsentGranted"]


def test_what_was_said_earlier_never_overrides_what_was_said_later(
    app: ApiClient, say: Say, plain: str, clock: MovableClock
) -> None:
    def at(days: int) -> str:
        return (clock.now() - timedelta(days=days)).isoformat()

    ada = person(app)
    say(ada, "withdrawn", plain, said_at=at(5))
    late = say(ada, "granted", plain, said_at=at(9), source="old list")
    assert (late.status_code, late.json["state"], late.json["version"]) == (200, "withdrawn", 2)
    assert say(ada, "granted", plain, said_at=at(5)).json["state"] == "withdrawn"
    assert say(ada, "granted", plain, said_at=at(4)).json["state"] == "granted"
    assert say(ada, "withdrawn", plain, said_at=at(4)).json["state"] == "withdrawn"
    assert [entry["counted"] for entry in history(app, ada, plain)] == [
        True,
        False,
        False,
        True,
        True,
    ]


def test_what_is_said_now_counts_whatever_the_clock_has_done(
    app: ApiClient, say: Say, plain: str, clock: MovableClock
) -> None:
    ada = person(app)
    ahead = (clock.now() + timedelta(minutes=4)).isoformat()
    assert say(ada, "granted", plain, said_at=ahead).json["state"] == "granted"
    clock.move(timedelta(seconds=-90))
    assert say(ada, "withdrawn", plain).json["state"] == "withdrawn"
    assert say(ada, "granted", plain).json["state"] == "granted"


@pytest.mark.parametrize(
    ("given", "status", "where"),
    [
        ({"state": "none"}, 422, "/state"),
        ({"source": ""}, 422, "/source"),
        ({"proof": "x" * 501}, 422, "/proof"),
        ({"legal_basis": "none"}, 422, "/legal_basis"),
        ({"said_at": "2026-01-01T00:00:00"}, 422, "/said_at"),
        ({"said_at": "2999-01-01T00:00:00Z"}, 422, "/said_at"),
        ({"said_at": "1969-01-01T00:00:00Z"}, 422, "/said_at"),
        ({"confirmed": True}, 422, ""),
        ({"channel": "post"}, 422, "/channel"),
        ({"channel": "smoke"}, 404, None),
        ({"purpose": "nothing"}, 404, None),
    ],
)
def test_what_cannot_be_said_is_refused_at_its_place(
    app: ApiClient, say: Say, plain: str, given: dict[str, Any], status: int, where: str | None
) -> None:
    ada = person(app)
    answer = say(ada, **{"state": "granted", "purpose": plain, **given})
    assert answer.status_code == status, answer.text
    if where is not None:
        assert where in {error["pointer"] for error in answer.json["errors"]}
    assert app.get(CONSENTS).json["items"] == []


def test_yes_needs_a_purpose_and_a_person_in_use_and_no_does_not(
    app: ApiClient, say: Say, plain: str
) -> None:
    ada = person(app)
    say(ada, "granted", plain)
    (found,) = app.get(f"{PURPOSES}?key={plain}").json["items"]
    app.delete(f"{PURPOSES}/{found['id']}")
    refused = say(ada, "granted", plain, channel="sms")
    assert (refused.status_code, refused.json["code"]) == (409, "archived")
    assert say(ada, "withdrawn", plain).json["state"] == "withdrawn"
    app.post(f"{PURPOSES}/{found['id']}/restore")
    app.delete(f"{PEOPLE}/{ada}")
    assert say(ada, "granted", plain).json["code"] == "archived"
    assert say(ada, "withdrawn", "offers", channel="post").json["state"] == "withdrawn"


def test_two_who_say_yes_at_once_make_one_consent(
    timed: Contacts, app: ApiClient, say: Say, plain: str
) -> None:
    ada = person(app)
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: say(ada, "granted", plain), range(6)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json["id"] for answer in answers}) == 1
    assert types(timed, app) == ["ConsentGranted"]


def test_a_stale_version_is_refused(app: ApiClient, plain: str) -> None:
    one = f"{PEOPLE}/{person(app)}/consents/{plain}/email"
    no = {"state": "withdrawn", "source": "telephone"}
    app.put(one, {"state": "granted", "source": "web form"})
    assert app.put(one, no, headers={"If-Match": '"9"'}).status_code == 412
    assert app.put(one, no, headers={"If-Match": '"1"'}).status_code == 200


def test_a_person_shows_all_that_could_be_said(app: ApiClient, say: Say, plain: str) -> None:
    ada = person(app)
    say(ada, "granted", plain, channel="sms")
    say(ada, "withdrawn", "service")
    items = app.get(f"{PEOPLE}/{ada}/consents").json["items"]
    assert [(i["purpose"], i["channel"], i["state"]) for i in items] == [
        ("events", "email", "none"),
        ("events", "sms", "granted"),
        ("newsletter", "email", "none"),
        ("offers", "email", "none"),
        ("offers", "line", "none"),
        ("offers", "sms", "none"),
        ("service", "email", "withdrawn"),
    ]


def test_the_list_is_filtered_and_other_tenants_see_nothing(
    timed: Contacts, app: ApiClient, say: Say, plain: str
) -> None:
    ada, bob = person(app), person(app, "Bob")
    say(ada, "granted", plain)
    say(ada, "granted", plain, channel="sms")
    say(bob, "withdrawn", plain)

    def found(query: str) -> list[tuple[str, str]]:
        page = app.get(f"{CONSENTS}?sort=updated_at&{query}")
        assert page.status_code == 200, page.text
        return [(item["person_id"], item["channel"]) for item in page.json["items"]]

    assert found("state=granted") == [(ada, "email"), (ada, "sms")]
    assert found(f"channel=email&person_id={ada}") == [(ada, "email")]
    assert found("purpose=newsletter") == []
    assert app.get(f"{CONSENTS}?state=none").status_code == 400
    stranger = timed.app_client(timed.new_tenant())
    assert stranger.get(CONSENTS).json["items"] == []
    one = f"{PEOPLE}/{ada}/consents/newsletter/email"
    for path in (f"{PEOPLE}/{ada}/consents", one, f"{one}/history"):
        assert stranger.get(path).status_code == 404
    assert stranger.put(one, {"state": "withdrawn", "source": "x"}).status_code == 404


def test_a_users_reach_over_people_is_that_over_their_consents(
    timed: Contacts, app: ApiClient, plain: str
) -> None:
    me = uuid4()
    mine, theirs = person(app, owner_id=str(me)), person(app, owner_id=str(uuid4()))
    assert app.tenant_id is not None
    grants = {"contacts.consents.read": "own", "contacts.consents.write": "own"}
    user = timed.user_client(app.tenant_id, grants, user_id=me)
    body = {"state": "granted", "source": "web form"}
    assert user.put(f"{PEOPLE}/{mine}/consents/{plain}/email", body).status_code == 200
    assert user.put(f"{PEOPLE}/{theirs}/consents/{plain}/email", body).status_code == 404
    app.put(f"{PEOPLE}/{theirs}/consents/{plain}/email", body)
    assert [i["person_id"] for i in user.get(CONSENTS).json["items"]] == [mine]
    assert user.get(f"{PEOPLE}/{theirs}/consents").status_code == 404


def test_many_are_said_at_once_each_by_itself(timed: Contacts, app: ApiClient, plain: str) -> None:
    people = [person(app, f"Person {n}") for n in range(3)]
    item = {"purpose": plain, "channel": "email", "state": "granted", "source": "import"}
    items: list[dict[str, Any]] = [{**item, "person_id": one} for one in people]
    items += [
        {**item, "person_id": people[0], "state": "withdrawn"},
        {**item, "person_id": str(uuid4())},
        {**item, "person_id": people[1], "channel": "smoke"},
        {**item, "person_id": people[1], "purpose": "newsletter"},
    ]
    answer = app.post(f"{CONSENTS}/batch", {"items": items})
    assert answer.status_code == 200, answer.text
    assert [one["status"] for one in answer.json["items"]] == [200, 200, 200, 200, 404, 422, 409]
    assert answer.json["items"][-1]["problem"]["code"] == "unreachable"
    states = {i["person_id"]: i["state"] for i in app.get(CONSENTS).json["items"]}
    assert states == {people[0]: "withdrawn", people[1]: "granted", people[2]: "granted"}
    refused = app.post(f"{CONSENTS}/batch", {"atomic": True, "items": items[:5]})
    assert refused.status_code == 422
    assert types(timed, app).count("ConsentGranted") == 3


def test_an_erased_person_has_said_nothing(app: ApiClient, say: Say, plain: str) -> None:
    ada, bob = person(app), person(app, "Bob")
    for one in (ada, bob):
        say(one, "granted", plain, proof=f"form of {one}")
    assert app.post(f"{PEOPLE}/{ada}/erase", {"reason": "asked by letter"}).status_code == 200
    assert [item["person_id"] for item in app.get(CONSENTS).json["items"]] == [bob]
    assert app.get(f"{PEOPLE}/{ada}/consents/{plain}/email/history").status_code == 404
