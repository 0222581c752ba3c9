"""Links to documents that colleagues share on an opportunity (SA-16)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from chassis.clock import MovableClock
from chassis.testing.client import ApiClient
from rapport.sales.events.v1 import collaboration_events_pb2 as events
from services.sales.tests.builders import (
    OPPORTUNITIES,
    Sales,
    at_once,
    define_pipeline,
    facts,
    good,
    know_user,
    lasting_app,
    open_one,
    places,
    refused,
)

URL = "https://files.example/offers/2026/offer%20v1.pdf?version=3#page=2"
OWN = {"sales.opportunities.read": "own", "sales.opportunities.write": "own"}


def opened(client: ApiClient) -> str:
    """Where the documents of an opportunity are."""
    return f"{OPPORTUNITIES}/{open_one(client, define_pipeline(client))['id']}/documents"


def body(url: str = URL, **more: Any) -> dict[str, Any]:
    """A document."""
    return {"name": "Offer", "kind": "proposal", "url": url, **more}


def test_a_link_is_shared_changed_and_shared_no_more(sales: Sales, app: ApiClient) -> None:
    path = opened(app)
    one = good(app.post(path, body(note="As agreed.")))
    assert (one["url"], one["kind"], one["note"]) == (URL, "proposal", "As agreed.")
    assert one["shared_by"] == "client:test-app"
    own = f"{path}/{one['id']}"
    changed = good(app.patch(own, {"name": "Better offer"}))
    assert (changed["name"], changed["url"]) == ("Better offer", URL)
    assert app.patch(own, {"name": "x"}, headers={"If-Match": '"1"'}).status_code == 412
    assert app.delete(own).status_code == 204
    assert app.get(own).status_code == 404
    assert good(app.get(path))["items"] == []
    (told,) = facts(sales, app, events.DocumentChanged)
    assert list(told.changed_fields) == ["name"]
    assert len(facts(sales, app, events.DocumentUnshared)) == 1


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://files.example/a.pdf", "url_not_https"),
        ("javascript:alert(1)", "url_not_https"),
        ("data:text/html,hello", "url_not_https"),
        ("file:///etc/passwd", "url_not_https"),
        ("//files.example/a.pdf", "url_not_https"),
        ("../../etc/passwd", "url_not_https"),
        ("https:///a.pdf", "url_malformed"),
        ("https://files.example\\@evil.example/", "url_malformed"),
        ("https://files.example/a\tb", "url_malformed"),
        (" https://files.example/a", "url_malformed"),
        ("https://[1/a", "url_malformed"),
        ("https://files.example:99999/a", "url_malformed"),
        ("https://ada:secret@files.example/a", "url_with_credentials"),
        ("https://ada@files.example/a", "url_with_credentials"),
    ],
)
def test_what_is_no_plain_https_address_is_refused(app: ApiClient, url: str, code: str) -> None:
    path = opened(app)
    answer = app.post(path, body(url))
    assert (answer.status_code, places(answer)) == (422, [("/url", code)])
    own = f"{path}/{good(app.post(path, body()))['id']}"
    assert places(app.patch(own, {"url": url})) == [("/url", code)]


def test_a_link_is_shared_once_also_by_several_at_once(app: ApiClient) -> None:
    path = opened(app)
    assert at_once(*[lambda: app.post(path, body())] * 4) == [201, 409, 409, 409]
    assert refused(app.post(path, body(name="The same"))) == (409, "document_exists")
    assert app.post(opened(app), body()).status_code == 201


def test_the_latest_is_listed_first(timed: Sales, clock: MovableClock) -> None:
    app = lasting_app(timed, clock)
    path = opened(app)
    for name in ("one", "two"):
        good(app.post(path, body(f"https://files.example/{name}", name=name)))
        clock.move(timedelta(days=1))
    good(app.post(path, body("https://files.example/three", kind="contract")))
    assert [one["name"] for one in good(app.get(path))["items"]] == ["Offer", "two", "one"]
    assert len(good(app.get(f"{path}?kind=contract"))["items"]) == 1


def test_members_share_and_others_do_not_see(sales: Sales) -> None:
    tenant, colleague_id = sales.new_tenant(), uuid4()
    know_user(sales, tenant, colleague_id)
    pipeline = define_pipeline(sales.app_client(tenant))
    seller = sales.user_client(tenant, OWN)
    colleague = sales.user_client(tenant, OWN, user_id=colleague_id)
    record = f"{OPPORTUNITIES}/{open_one(seller, pipeline)['id']}"
    path = f"{record}/documents"
    assert colleague.post(path, body()).status_code == 404
    good(seller.put(f"{record}/members/{colleague_id}", {"role": "presales"}))
    one = good(colleague.post(path, body()))
    assert good(seller.get(f"{path}/{one['id']}"))["shared_by"] == f"user:{colleague_id}"
    elsewhere = f"{OPPORTUNITIES}/{open_one(seller, pipeline)['id']}/documents/{one['id']}"
    assert seller.get(elsewhere).status_code == 404
    assert seller.delete(elsewhere).status_code == 404
