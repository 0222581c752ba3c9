"""Points given and taken by hand: alone up to a limit, and with a second person beyond it (LO-13)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from chassis.clock import MovableClock
from chassis.testing.client import ApiClient
from rapport.loyalty.events.v1 import adjustment_events_pb2 as events
from services.loyalty.tests.builders import (
    Loyalty,
    at_once,
    facts,
    fire,
    good,
    lasting_app,
    places,
    refused,
)
from services.loyalty.tests.ledgering import Points

ADJUSTMENTS = "/v1/loyalty/adjustments"
CLERK = {"loyalty.adjustments.write": "all", "loyalty.adjustments.read": "all"}
BOTH = {**CLERK, "loyalty.adjustments.approve": "all"}
LIMITED = {"limit": 100, "wait_days": 14}


class Desk:
    """Two people who may ask, one of whom may approve, another who may, and a member."""

    def __init__(self, loyalty: Loyalty, app: ApiClient) -> None:
        self.points = Points(loyalty, app, adjustments=LIMITED)
        self.clerk = loyalty.user_client(self.points.tenant_id, CLERK)
        self.head = loyalty.user_client(self.points.tenant_id, BOTH)
        self.other_head = loyalty.user_client(self.points.tenant_id, BOTH)
        self.member = self.points.member()

    def ask(self, who: ApiClient, points: int, **more: Any) -> dict[str, Any]:
        """What comes of asking."""
        return good(who.post(ADJUSTMENTS, self.body(points, **more)))

    def body(self, points: int, **more: Any) -> dict[str, Any]:
        """An adjustment of the member."""
        return {"member_id": str(self.member), "points": points, "reason": "a mishap", **more}

    def decide(self, who: ApiClient, adjustment: dict[str, Any], how: str = "approve") -> Any:
        """The answer to a decision."""
        body = {"reason": "not so"} if how == "reject" else None
        return who.post(f"{ADJUSTMENTS}/{adjustment['id']}/{how}", body)


@pytest.fixture
def desk(loyalty: Loyalty, app: ApiClient) -> Desk:
    """A program whose staff may move 100 points of a member a day alone."""
    return Desk(loyalty, app)


def test_listing_needs_a_token_and_shows_no_other_tenants(loyalty: Loyalty, desk: Desk) -> None:
    made = desk.ask(desk.clerk, 10)
    assert refused(loyalty.anonymous().get(ADJUSTMENTS)) == (401, "token_missing")
    stranger = loyalty.app_client(loyalty.new_tenant())
    assert stranger.get(ADJUSTMENTS).json["items"] == []
    assert stranger.get(f"{ADJUSTMENTS}/{made['id']}").status_code == 404
    assert desk.decide(stranger, made).status_code == 404
    assert stranger.post(ADJUSTMENTS, desk.body(1)).status_code == 404


def test_within_the_limit_it_is_made_at_once(loyalty: Loyalty, desk: Desk) -> None:
    made = desk.ask(desk.clerk, 60)
    assert (made["state"], made["waits_until"], desk.points.free(desk.member)) == ("made", None, 60)
    assert desk.clerk.get(f"{ADJUSTMENTS}/{made['id']}").json == made
    assert desk.ask(desk.clerk, -40)["state"] == "made"
    assert desk.points.free(desk.member) == 20
    assert desk.points.has(desk.member).reversed == 40
    assert refused(desk.head.post(ADJUSTMENTS, desk.body(-21))) == (409, "points_insufficient")
    told = facts(loyalty, desk.points.app, events.AdjustmentApplied)
    assert [fact.adjustment.points for fact in told] == [60, -40]
    assert told[0].transaction_id == made["transaction_id"]


def test_beyond_the_limit_a_second_person_agrees(loyalty: Loyalty, desk: Desk) -> None:
    asked = desk.ask(desk.head, 101)
    assert (asked["state"], desk.points.free(desk.member)) == ("waiting", 0)
    assert refused(desk.decide(desk.head, asked)) == (403, "second_person_needed")
    assert desk.decide(desk.clerk, asked).status_code == 403
    assert desk.points.free(desk.member) == 0
    approved = good(desk.decide(desk.other_head, asked))
    assert (approved["state"], desk.points.free(desk.member)) == ("made", 101)
    assert refused(desk.decide(desk.other_head, asked)) == (409, "adjustment_not_waiting")
    (told,) = facts(loyalty, desk.points.app, events.AdjustmentApplied)
    assert told.approved_by == approved["decided_by"] != approved["asked_by"]


def test_small_ones_of_a_day_add_up(desk: Desk) -> None:
    assert desk.ask(desk.clerk, 60)["state"] == "made"
    assert desk.ask(desk.clerk, 41)["state"] == "waiting"
    assert desk.ask(desk.clerk, -40)["state"] == "waiting"
    assert desk.ask(desk.head, 100)["state"] == "made"


def test_two_at_once_do_not_stay_under_the_limit_each(desk: Desk) -> None:
    def ask() -> Any:
        return desk.clerk.post(ADJUSTMENTS, desk.body(60))

    good(desk.clerk.get(ADJUSTMENTS))  # the service knows the role then
    assert at_once(ask, ask, ask) == [201] * 3
    states = [one["state"] for one in desk.clerk.get(ADJUSTMENTS).json["items"]]
    assert sorted(states) == ["made", "waiting", "waiting"]
    assert desk.points.free(desk.member) == 60


def test_of_several_decisions_one_wins(desk: Desk) -> None:
    asked = desk.ask(desk.clerk, 500)
    for who in (desk.head, desk.other_head):
        good(who.get(ADJUSTMENTS))  # the service knows their roles then
    answers = at_once(
        lambda: desk.decide(desk.head, asked),
        lambda: desk.decide(desk.other_head, asked),
        lambda: desk.decide(desk.other_head, asked, "reject"),
    )
    assert answers == [200, 409, 409]
    made = desk.clerk.get(f"{ADJUSTMENTS}/{asked['id']}").json["state"] == "made"
    assert desk.points.free(desk.member) == (500 if made else 0)


def test_a_second_person_refuses_or_the_asker_thinks_again(loyalty: Loyalty, desk: Desk) -> None:
    first, second = desk.ask(desk.clerk, 500), desk.ask(desk.clerk, 600)
    rejected = good(desk.decide(desk.head, first, "reject"))
    assert (rejected["state"], rejected["decision_reason"]) == ("rejected", "not so")
    assert refused(desk.decide(desk.head, second, "withdraw")) == (403, "not_asker")
    assert good(desk.decide(desk.clerk, second, "withdraw"))["state"] == "withdrawn"
    assert desk.ask(desk.clerk, 100)["state"] == "made"
    (told,) = facts(loyalty, desk.points.app, events.AdjustmentRejected)
    assert told.reason == "not so"


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"points": 0}, ("/points", "points_impossible")),
        ({"reason": ""}, ("/reason", "string_too_short")),
    ],
)
def test_what_cannot_be_is_refused(
    desk: Desk, change: dict[str, Any], wrong: tuple[str, str]
) -> None:
    answer = desk.clerk.post(ADJUSTMENTS, {**desk.body(5), **change})
    assert (answer.status_code, places(answer)) == (422, [wrong])


def test_an_app_is_no_second_person(desk: Desk) -> None:
    """Whoever asks could else agree with what they asked for, by an app of their own."""
    waiting = desk.ask(desk.head, 101)
    for how in ("approve", "reject"):
        answer = desk.decide(desk.points.app, waiting, how)
        assert refused(answer) == (403, "second_person_needed")
    assert desk.points.free(desk.member) == 0
    assert good(desk.decide(desk.other_head, waiting))["state"] == "made"


def test_nobody_waits_for_ever_and_a_new_day_begins_anew(
    timed: Loyalty, clock: MovableClock
) -> None:
    clock.move(datetime(2031, 1, 15, 15, 30, tzinfo=UTC) - clock.now())  # 23:30 in Taipei
    app = lasting_app(timed, clock)
    points = Points(timed, app, adjustments=LIMITED)
    member = points.member()
    body = {"member_id": str(member), "points": 80, "reason": "a mishap"}
    assert good(app.post(ADJUSTMENTS, body))["state"] == "made"
    waiting = good(app.post(ADJUSTMENTS, body))
    assert (waiting["state"], waiting["asked_on"]) == ("waiting", "2031-01-15")
    clock.move(timedelta(hours=1))
    assert good(app.post(ADJUSTMENTS, body))["asked_on"] == "2031-01-16"
    clock.move(timedelta(days=14))
    approver = lasting_app(timed, clock, UUID(str(points.tenant_id)))
    late = approver.post(f"{ADJUSTMENTS}/{waiting['id']}/withdraw")
    assert refused(late) == (409, "adjustment_not_waiting")
    fire(timed)
    fire(timed)
    assert app.get(f"{ADJUSTMENTS}/{waiting['id']}").json["state"] == "lapsed"
    assert points.free(member) == 160
    (told,) = facts(timed, app, events.AdjustmentLapsed)
    assert not told.withdrawn
