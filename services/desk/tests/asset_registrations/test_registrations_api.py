"""Customers register what they own: by an app, by a link, and what somebody decides (DE-8)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import pytest

from chassis.clock import MovableClock
from chassis.testing.client import ApiAnswer, ApiClient
from rapport.desk.events.v1 import asset_events_pb2 as events
from services.desk.tests.builders import Desk, at_once, facts, good, lasting_app, places, refused
from services.desk.tests.knowing import ASSETS, REGISTRATIONS, assets_of, model

LINK = "/v1/desk/asset-registration-link"
PAGE = "/p/desk/products"


def claim(person_id: UUID | None = None, **more: Any) -> dict[str, Any]:
    """What somebody says is theirs."""
    said = {"product_sku": "X-100", "serial_number": "SN-1", "order_number": "R-1"}
    return {**said, "person_id": str(person_id or uuid4()), **more}


def registered(client: ApiClient, person_id: UUID | None = None, **more: Any) -> dict[str, Any]:
    """What came of it."""
    return good(client.post(REGISTRATIONS, claim(person_id, **more)))


def token(client: ApiClient, person_id: UUID, **query: str) -> str:
    """The token of a link for a person."""
    answer = client.get(LINK, query_string={"person_id": str(person_id), **query})
    address = urlsplit(good(answer)["url"])
    assert address.path == PAGE
    given: str = parse_qs(address.query)["token"][0]
    return given


def send(desk: Desk, given: str, **more: str) -> ApiAnswer:
    """Send the form of the page."""
    said = {"token": given, "product_sku": "X-100", "serial_number": "SN-1", "bought_on": ""}
    html = {"Accept": "text/html"}
    return desk.anonymous().send("POST", PAGE, data={**said, **more}, headers=html)


def test_listing_needs_a_token(desk: Desk) -> None:
    assert refused(desk.anonymous().get(REGISTRATIONS)) == (401, "token_missing")


def test_who_may_register_may_not_decide(desk: Desk, app: ApiClient) -> None:
    model(app, registration="review")
    waiting = registered(app)
    assert app.tenant_id is not None
    other = desk.app_client(app.tenant_id, "desk.asset_registrations.write")
    assert other.post(f"{REGISTRATIONS}/{waiting['id']}/accept").status_code == 403


def test_another_tenants_registrations_are_invisible(desk: Desk, app: ApiClient) -> None:
    model(app, registration="review")
    waiting = registered(app)
    stranger = desk.app_client(desk.new_tenant())
    path = f"{REGISTRATIONS}/{waiting['id']}"
    assert stranger.get(REGISTRATIONS).json["items"] == []
    assert stranger.get(path).status_code == 404
    assert stranger.post(f"{path}/accept").status_code == 404
    assert stranger.post(f"{path}/reject", {"reason": "No"}).status_code == 404


def test_what_is_proved_is_taken_at_once(desk: Desk, app: ApiClient) -> None:
    model(app, registration="automatic")
    person = uuid4()
    made = registered(app, person, bought_on="2026-01-31")
    assert (made["status"], made["cause"], made["decided_by"]) == ("accepted", "", "service:desk")
    (asset,) = assets_of(app, person_id=str(person))
    assert (asset["id"], asset["source"]) == (made["asset_id"], "registration")
    assert (asset["serial_number"], asset["warranty_until"]) == ("SN-1", "2028-01-31")
    assert [each.asset_id for each in facts(desk, app, events.AssetRegistrationAccepted)] == [
        asset["id"]
    ]


@pytest.mark.parametrize(
    ("mode", "more", "cause"),
    [("automatic", {"order_number": ""}, "proof_missing"), ("review", {}, "review")],
)
def test_what_is_not_waits(app: ApiClient, mode: str, more: dict[str, Any], cause: str) -> None:
    model(app, registration=mode)
    made = registered(app, **more)
    assert (made["status"], made["cause"], assets_of(app)) == ("waiting", cause, [])


def test_what_is_somebody_elses_waits_and_is_theirs_once_somebody_says_so(app: ApiClient) -> None:
    model(app, registration="automatic")
    first, second = uuid4(), uuid4()
    registered(app, first)
    made = registered(app, second, serial_number="sn 1")
    assert (made["status"], made["cause"], made["asset_id"]) == ("waiting", "serial_taken", None)
    accepted = good(app.post(f"{REGISTRATIONS}/{made['id']}/accept"))
    (asset,) = assets_of(app)
    assert (asset["person_id"], accepted["asset_id"]) == (str(second), asset["id"])
    again = app.post(f"{REGISTRATIONS}/{made['id']}/accept")
    assert refused(again) == (409, "asset_registration_decided")


def test_what_is_rejected_stays_where_it_was(app: ApiClient) -> None:
    model(app, registration="automatic")
    first = uuid4()
    registered(app, first)
    made = registered(app)
    path = f"{REGISTRATIONS}/{made['id']}/reject"
    assert good(app.post(path, {"reason": "Bought elsewhere"}))["status"] == "rejected"
    assert [each["person_id"] for each in assets_of(app)] == [str(first)]
    assert refused(app.post(path, {"reason": "Again"})) == (409, "asset_registration_decided")


def test_what_the_same_one_registers_again_is_the_same(app: ApiClient) -> None:
    model(app, registration="review")
    person = uuid4()
    assert registered(app, person)["id"] == registered(app, person, serial_number="sn1")["id"]


def test_what_somebody_has_already_is_theirs_again_without_anybody_looking(app: ApiClient) -> None:
    model(app, registration="review")
    person = uuid4()
    said = {"product_sku": "X-100", "person_id": str(person), "serial_number": "SN-1"}
    asset = good(app.post(ASSETS, said))
    made = registered(app, person)
    assert (made["status"], made["asset_id"]) == ("accepted", asset["id"])


def test_two_who_register_one_piece_at_once_do_not_both_get_it(app: ApiClient) -> None:
    model(app, registration="automatic")
    one, two = claim(), claim()
    statuses = at_once(lambda: app.post(REGISTRATIONS, one), lambda: app.post(REGISTRATIONS, two))
    assert statuses == [201, 201]
    listed = good(app.get(REGISTRATIONS))["items"]
    assert sorted(each["status"] for each in listed) == ["accepted", "waiting"]
    assert len(assets_of(app)) == 1


def test_one_person_registers_so_many_a_day_and_more_the_next(
    timed: Desk, clock: MovableClock
) -> None:
    app = lasting_app(timed, clock)
    model(app, registration="automatic")
    person = uuid4()
    for number in range(20):
        registered(app, person, serial_number=f"SN-{number}")
    more = claim(person, serial_number="SN-20")
    assert refused(app.post(REGISTRATIONS, more)) == (409, "asset_registrations_too_many")
    assert registered(app)["cause"] == "serial_taken"
    clock.move(timedelta(days=1))
    assert app.post(REGISTRATIONS, more).status_code == 201


@pytest.mark.parametrize(
    ("more", "place"),
    [
        ({"product_sku": "Y"}, ("/product_sku", "product_not_registrable")),
        ({"serial_number": "--"}, ("/serial_number", "serial_invalid")),
        ({"bought_on": "9999-12-31"}, ("/bought_on", "day_impossible")),
        ({"bought_on": "0001-01-01"}, ("/bought_on", "day_impossible")),
    ],
)
def test_what_cannot_be_is_refused(
    app: ApiClient, more: dict[str, Any], place: tuple[str, str]
) -> None:
    model(app, registration="automatic")
    assert places(app.post(REGISTRATIONS, claim(**more))) == [place]


def test_a_customer_registers_by_the_link_and_is_told_the_same_whoever_has_it(
    desk: Desk, app: ApiClient
) -> None:
    model(app, registration="automatic")
    first, second = uuid4(), uuid4()
    answers = [send(desk, token(app, one), order_number="R-1") for one in (first, second)]
    assert [each.status_code for each in answers] == [303, 303]
    places_ = [urlsplit(each.headers["Location"]) for each in answers]
    assert [parse_qs(each.query)["done"] for each in places_] == [["yes"], ["yes"]]
    assert [each["person_id"] for each in assets_of(app)] == [str(first)]
    page = desk.anonymous().get(f"{PAGE}?{places_[1].query}")
    assert "Thank you" in page.text
    assert str(first) not in page.text
    assert page.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "wrong", [{"serial_number": "-"}, {"bought_on": "tomorrow"}, {"serial_number": "x" * 101}]
)
def test_the_page_says_what_is_wrong(desk: Desk, app: ApiClient, wrong: dict[str, str]) -> None:
    model(app, registration="automatic")
    answer = send(desk, token(app, uuid4()), **wrong)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert assets_of(app) == []


def test_a_link_holds_until_its_day(timed: Desk, clock: MovableClock) -> None:
    app = lasting_app(timed, clock)
    model(app, registration="automatic")
    given = token(app, uuid4(), days="1")
    page = f"{PAGE}?token={given}"
    assert timed.anonymous().get(page).status_code == 200
    clock.move(timedelta(days=1))
    assert timed.anonymous().get(page).status_code == 404
    assert send(timed, given).status_code == 404


@pytest.mark.parametrize("given", ["", "x", "ä", "A" * 70, "A" * 5_000])
def test_what_is_no_link_of_ours_leads_nowhere(desk: Desk, given: str) -> None:
    assert desk.anonymous().get(PAGE, query_string={"token": given}).status_code == 404
    assert send(desk, given).status_code == 404
