"""Contracts that have ended by mistake or too early serve again, with what was used of them (DE-8)."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from chassis.clock import MovableClock
from chassis.testing.client import ApiClient
from rapport.desk.events.v1 import entitlement_events_pb2 as events
from services.desk.tests.builders import (
    Desk,
    at_once,
    facts,
    fire,
    good,
    lasting_app,
    open_ticket,
    places,
    refused,
)
from services.desk.tests.entitlements.test_entitlements_api import (
    ENTITLEMENTS,
    contract,
    limited,
    use,
)


def test_a_contract_that_was_ended_by_mistake_serves_again_with_what_was_used(
    desk: Desk, app: ApiClient
) -> None:
    made = contract(app, allowance=limited(2))
    path = f"{ENTITLEMENTS}/{made['id']}"
    assert refused(app.post(f"{path}/reopen", {})) == (409, "entitlement_not_ended")
    good(use(app, made, open_ticket(app)))
    good(app.post(f"{path}/end"))
    stranger = desk.app_client(desk.new_tenant())
    assert stranger.post(f"{path}/reopen", {}).status_code == 404
    assert app.tenant_id is not None
    reader = desk.app_client(app.tenant_id, "desk.entitlements.read")
    assert reader.post(f"{path}/reopen", {}).status_code == 403
    assert at_once(*[lambda: app.post(f"{path}/reopen", {})] * 3) == [200, 409, 409]
    again = good(app.get(path))
    assert (again["status"], again["ends_on"], again["remaining"]) == ("active", made["ends_on"], 1)
    (told,) = facts(desk, app, events.EntitlementChanged)
    assert list(told.changed_fields) == ["status"]
    good(use(app, made, open_ticket(app)))
    assert refused(use(app, made, open_ticket(app))) == (409, "entitlement_used_up")


def test_a_contract_whose_last_day_is_over_needs_a_later_one_and_ends_with_that(
    timed: Desk, clock: MovableClock
) -> None:
    app = lasting_app(timed, clock)
    today = clock.now().date()
    last = str(today + timedelta(days=5))
    made = contract(app, starts_on=str(today), ends_on=last, notice_days=2)
    path = f"{ENTITLEMENTS}/{made['id']}"
    clock.move(timedelta(days=10))
    fire(timed)
    assert good(app.get(path))["status"] == "ended"
    for body in ({}, {"ends_on": str(today + timedelta(days=9))}):
        answer = app.post(f"{path}/reopen", body)
        assert (answer.status_code, places(answer)) == (422, [("/ends_on", "day_past")])
    early = app.post(f"{path}/reopen", {"ends_on": str(today - timedelta(days=1))})
    assert (early.status_code, places(early)) == (422, [("/ends_on", "day_impossible")])
    later = str(today + timedelta(days=15))
    assert good(app.post(f"{path}/reopen", {"ends_on": later}))["ends_on"] == later
    told = facts(timed, app, events.EntitlementChanged)
    assert [list(one.changed_fields) for one in told] == [["ends_on", "status"]]
    clock.move(timedelta(days=4))
    fire(timed)
    days_left = [one.days_left for one in facts(timed, app, events.EntitlementExpiryAnnounced)]
    assert days_left[-1] == 1
    clock.move(timedelta(days=2))
    fire(timed)
    assert good(app.get(path))["status"] == "ended"
    causes = [one.cause for one in facts(timed, app, events.EntitlementEnded)]
    assert causes == ["expired", "expired"]


def test_what_is_no_contract_is_not_reopened(app: ApiClient) -> None:
    assert app.post(f"{ENTITLEMENTS}/{uuid4()}/reopen", {}).status_code == 404
