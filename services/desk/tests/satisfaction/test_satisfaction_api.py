"""How content customers are: CSAT and NPS as their authors define them, within reach (DE-10)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from google.protobuf.message import Message

from chassis.clock import MovableClock
from chassis.context import service_caller
from chassis.testing.client import ApiClient
from desk.reactions import SUBSCRIPTIONS
from desk.transaction import DeskTx
from rapport.desk.events.v1.survey_events_pb2 import SurveyUndelivered
from rapport.notifications.events.v1 import message_events_pb2 as notified
from services.desk.tests.builders import Desk, facts, good, lasting_app, open_ticket, refused
from services.desk.tests.promising import pass_time
from services.desk.tests.routing_builders import envelope, make_queue
from services.desk.tests.surveys.test_surveys_api import (
    REQUESTS,
    asked_about,
    make_survey,
    path_sent,
    say,
)

SATISFACTION = "/v1/desk/satisfaction"
IN_ORDER = f"{REQUESTS}?sort=planned_at"


def days(clock: MovableClock, back: int = 0) -> dict[str, str]:
    """The days up to today."""
    today = clock.now().date()
    return {
        "first_on": (today - timedelta(days=back)).isoformat(),
        "last_on": today.isoformat(),
    }


def rows(client: ApiClient, kind: str, **query: str) -> dict[str | None, dict[str, Any]]:
    """The rows by their keys."""
    answer = good(client.get(SATISFACTION, query_string={"kind": kind, **query}))
    return {row["key"]: row for row in answer["items"]}


def test_satisfaction_is_for_those_who_may(desk: Desk, clock: MovableClock) -> None:
    assert refused(desk.anonymous().get(SATISFACTION)) == (401, "token_missing")
    agent = desk.user_client(desk.new_tenant(), {"desk.surveys.read": "all"})
    query = {"kind": "csat", **days(clock)}
    assert agent.get(SATISFACTION, query_string=query).status_code == 403
    client = desk.app_client(desk.new_tenant())
    assert good(client.get(SATISFACTION, query_string=query))["items"] == []
    wrong = {**query, "first_on": "2999-01-01"}
    assert client.get(SATISFACTION, query_string=wrong).status_code == 422
    assert client.get(SATISFACTION, query_string={**query, "by": "mood"}).status_code == 400


def test_csat_is_the_share_of_four_and_five_of_those_who_answered(
    timed: Desk, clock: MovableClock
) -> None:
    client = lasting_app(timed, clock)
    queue = make_queue(client, "care")
    make_survey(client)
    paths = []
    for product in ("E-1", "E-1", "E-2", ""):
        ticket = {"queue_id": queue["id"], "product_sku": product}
        paths.append(asked_about(timed, client, clock, **ticket)[1])
    for path, score in zip(paths, (5, 3, 4), strict=False):
        assert say(timed, path, score).status_code == 303
    period = days(clock, back=1)
    whole = rows(client, "csat", **period)[None]
    assert (whole["sent"], whole["answered"], whole["response_percent"]) == (4, 3, "75.00")
    assert (whole["content"], whole["csat_percent"], whole["mean"]) == (2, "66.67", "4.00")
    assert whole["nps"] is None
    by_product = rows(client, "csat", by="product", **period)
    assert {key: row["csat_percent"] for key, row in by_product.items()} == {
        "E-1": "50.00",
        "E-2": "100.00",
        None: None,
    }
    assert rows(client, "csat", by="queue", **period)[queue["id"]]["sent"] == 4
    assert rows(client, "csat", product_sku="E-2", **period)[None]["sent"] == 1
    assert sum(row["sent"] for row in rows(client, "csat", by="day", **period).values()) == 4
    assert rows(client, "nps", **period) == {}
    clock.move(timedelta(days=40))
    assert rows(client, "csat", **days(clock)) == {}


def hear(
    desk: Desk, client: ApiClient, kind: type[Message], asked: str, version: int, **more: str
) -> None:
    """Have notifications say what became of the message by which somebody was asked."""
    assert client.tenant_id is not None
    name = kind.DESCRIPTOR.full_name
    notifications = next(one.reactions for one in SUBSCRIPTIONS if one.producer == "notifications")
    reaction = notifications.of(name)
    assert reaction is not None
    fact = kind(message_id=str(uuid4()), request_id=asked, **{"template": "csat_survey", **more})
    about = envelope(client.tenant_id, UUID(asked), name, version)

    def react(tx: DeskTx) -> None:
        for _kind, handler in reaction.handlers:
            handler(tx, fact, about)

    desk.service.operations.run(service_caller("desk", client.tenant_id), react)


def undelivered(client: ApiClient) -> list[str | None]:
    """Why what was sent did not reach those who were asked, the first one first."""
    return [one["undelivered"] for one in good(client.get(IN_ORDER))["items"]]


def test_whom_a_survey_did_not_reach_is_none_of_those_who_might_have_answered(
    timed: Desk, clock: MovableClock
) -> None:
    client = lasting_app(timed, clock)
    make_survey(client)
    paths = [asked_about(timed, client, clock)[1] for _ in range(4)]
    bounced, held_back, answered, _ = (one["id"] for one in good(client.get(IN_ORDER))["items"])
    hear(timed, client, notified.MessageBounced, bounced, 5)
    hear(timed, client, notified.MessageHeldBack, held_back, 2, reason="suppressed")
    # Mail that comes back from one address has come to another one that it was passed on to.
    hear(timed, client, notified.MessageBounced, answered, 5)
    assert say(timed, paths[2], 4).status_code == 303
    assert undelivered(client) == ["bounced", "held_back", "bounced", None]
    period = days(clock, back=1)
    whole = rows(client, "csat", **period)[None]
    assert (whole["sent"], whole["undelivered"], whole["answered"]) == (4, 2, 1)
    assert whole["response_percent"] == "50.00"
    listed = good(client.get(f"{REQUESTS}?undelivered=false"))["items"]
    assert [one["state"] for one in listed] == ["sent"]
    told = facts(timed, client, SurveyUndelivered)
    assert [one.reason for one in told] == ["bounced", "held_back", "bounced"]


def test_of_what_nobody_got_there_is_no_share_that_answered(
    timed: Desk, clock: MovableClock
) -> None:
    client = lasting_app(timed, clock)
    make_survey(client)
    asked_about(timed, client, clock)
    [asked] = good(client.get(REQUESTS))["items"]
    hear(timed, client, notified.MessageFailed, asked["id"], 3, reason="not_delivered")
    whole = rows(client, "csat", **days(clock, back=1))[None]
    assert (whole["sent"], whole["undelivered"], whole["response_percent"]) == (1, 1, None)


def test_what_is_told_late_of_a_message_does_not_hold_any_more(
    timed: Desk, clock: MovableClock
) -> None:
    client = lasting_app(timed, clock)
    make_survey(client)
    asked_about(timed, client, clock)
    [asked] = (one["id"] for one in good(client.get(REQUESTS))["items"])
    hear(timed, client, notified.MessageBounced, asked, 5)
    hear(timed, client, notified.MessageDelivered, asked, 4)
    hear(timed, client, notified.MessageBounced, asked, 5)
    assert undelivered(client) == ["bounced"]
    # Nothing that is not about a survey.
    hear(timed, client, notified.MessageDelivered, asked, 6, template="other")
    hear(timed, client, notified.MessageDelivered, str(uuid4()), 6)
    assert undelivered(client) == ["bounced"]
    hear(timed, client, notified.MessageDelivered, asked, 6)
    assert undelivered(client) == [None]
    assert len(facts(timed, client, SurveyUndelivered)) == 1


def test_a_corrected_score_counts_once_as_it_is_now(timed: Desk, clock: MovableClock) -> None:
    client = lasting_app(timed, clock)
    make_survey(client)
    _, path = asked_about(timed, client, clock)
    say(timed, path, 1)
    say(timed, path, 5)
    whole = rows(client, "csat", **days(clock, back=1))[None]
    assert (whole["answered"], whole["csat_percent"]) == (1, "100.00")


def test_nps_is_the_percentage_of_promoters_less_that_of_detractors(
    timed: Desk, clock: MovableClock
) -> None:
    client = lasting_app(timed, clock)
    make_survey(client, kind="nps", purpose="surveys")
    for score in (10, 9, 9, 8, 7, 6, 0, None):
        open_ticket(client, person_id=str(uuid4()))
        pass_time(timed, clock, timedelta(days=1))
        if score is not None:
            assert say(timed, path_sent(timed, client), score).status_code == 303
    whole = rows(client, "nps", **days(clock, back=10))[None]
    assert (whole["sent"], whole["answered"]) == (8, 7)
    assert (whole["promoters"], whole["passives"], whole["detractors"]) == (3, 2, 2)
    # 100 * 3/7 - 100 * 2/7
    assert (whole["nps"], whole["csat_percent"]) == ("14.29", None)
