"""Leads of other systems are taken over once, however often and by however many they are sent (SA-1)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from chassis.clock import MovableClock
from chassis.testing.client import ApiClient
from rapport.sales.events.v1 import lead_events_pb2 as events
from services.sales.tests.builders import (
    LEADS,
    Sales,
    at_once,
    capture,
    facts,
    good,
    lasting_app,
    places,
)

IMPORT = f"{LEADS}/import"


def rows(*external_ids: str, **more: Any) -> list[dict[str, Any]]:
    """Rows of the other system."""
    return [{"external_id": one, "email": f"{one}@old.example", **more} for one in external_ids]


def sent(app: ApiClient, items: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """What became of the rows."""
    return good(app.post(IMPORT, {"system": "old", "items": items, **more}))


def test_rows_are_captured_once_and_changed_when_they_come_again(
    sales: Sales, app: ApiClient
) -> None:
    first = sent(app, rows("a", "b", source="fair", campaign="spring", phone="1"))
    assert [one["status"] for one in first["items"]] == [201, 201]
    same = sent(app, rows("a", "b", source="other", phone="1"))
    assert [one["status"] for one in same["items"]] == [200, 200]
    assert [one["version"] for one in same["items"]] == [one["version"] for one in first["items"]]
    sent(app, rows("b", phone="2"))
    lead = good(app.get(f"{LEADS}/by-external-id/old/b"))
    assert (lead["phone"], lead["source"], lead["touches"]) == ("2", "fair", 1)
    (touch,) = app.get(f"{LEADS}/{lead['id']}/touches").json["items"]
    assert (touch["kind"], touch["campaign"]) == ("import", "spring")
    assert len(facts(sales, app, events.LeadCaptured)) == 2


def test_a_row_that_cannot_be_leaves_the_others_alone_and_an_atomic_import_nothing(
    app: ApiClient,
) -> None:
    wrong = [*rows("a"), {"external_id": "b"}, {"email": "c@old.example"}]
    answer = sent(app, wrong)
    assert [one["status"] for one in answer["items"]] == [201, 422, 422]
    refused = app.post(IMPORT, {"system": "old", "items": [*rows("d"), wrong[1]], "atomic": True})
    assert refused.status_code == 422
    assert places(refused) == [("/items/1/email", "nobody")]
    assert app.get(f"{LEADS}/by-external-id/old/d").status_code == 404


def test_imports_at_once_in_any_order_take_over_each_row_once(app: ApiClient) -> None:
    items = rows(*"abcdefghij")
    orders = [items, items[::-1], items, items[::-1]]
    assert (
        at_once(
            *[
                lambda order=order: app.post(IMPORT, {"system": "old", "items": order})
                for order in orders
            ]
        )
        == [200] * 4
    )
    assert len(app.get(LEADS).json["items"]) == 10


def test_the_same_id_in_another_system_is_another_lead(app: ApiClient) -> None:
    sent(app, rows("a"))
    sent(app, rows("a"), system="new")
    assert len(app.get(LEADS).json["items"]) == 2


def test_rows_tell_when_it_was_and_not_of_what_is_to_come(
    timed: Sales, clock: MovableClock
) -> None:
    app = lasting_app(timed, clock)
    now = clock.now()
    past, ahead = now - timedelta(days=400), now + timedelta(hours=1)
    answer = sent(
        app,
        [*rows("a", captured_at=past.isoformat()), *rows("b", captured_at=ahead.isoformat())],
    )
    assert [one["status"] for one in answer["items"]] == [201, 422]
    lead = good(app.get(f"{LEADS}/by-external-id/old/a"))
    assert lead["captured_at"][:10] == past.date().isoformat()
    clock.move(timedelta(hours=2))
    assert sent(app, rows("b", captured_at=ahead.isoformat()))["items"][0]["status"] == 201


def test_who_may_not_write_leads_imports_none_and_changes_none_out_of_reach(
    sales: Sales, app: ApiClient
) -> None:
    assert app.tenant_id is not None
    reader = sales.user_client(app.tenant_id, {"sales.leads.read": "all"})
    assert reader.post(IMPORT, {"system": "old", "items": rows("a")}).status_code == 403
    capture(app, external_ids=[{"system": "old", "id": "a"}])
    narrow = sales.user_client(app.tenant_id, {"sales.leads.*": "own"})
    (answer,) = sent(narrow, rows("a", phone="9"))["items"]
    assert (answer["status"], answer["problem"]["code"]) == (409, "lead_external_id_taken")
    assert good(app.get(f"{LEADS}/by-external-id/old/a"))["phone"] == ""
