"""Surveys: who is asked what, what they say by a link without signing in, and what follows (DE-10)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import pytest

from chassis.clock import MovableClock
from chassis.context import service_caller
from chassis.testing.client import ApiAnswer, ApiClient
from desk.people.reactions import on_person_erased
from rapport.contacts.events.v1.person_events_pb2 import PersonErased
from rapport.desk.events.v1 import survey_events_pb2 as events
from rapport.desk.requests.v1.send_message_pb2 import SendMessage
from services.desk.tests.builders import (
    TICKETS,
    Desk,
    at_once,
    facts,
    good,
    lasting_app,
    open_ticket,
    places,
    refused,
)
from services.desk.tests.conversing import act, hear
from services.desk.tests.promising import pass_time
from services.desk.tests.routing_builders import envelope
from services.desk.tests.telling import said, tell, tell_all, twice

SURVEYS = "/v1/desk/surveys"
REQUESTS = "/v1/desk/survey-requests"
HOUR = timedelta(hours=1)


def make_survey(client: ApiClient, **more: Any) -> dict[str, Any]:
    """A survey of how content people are, an hour after the resolution, unless said otherwise."""
    return good(client.post(SURVEYS, {"kind": "csat", "name": "After service", **more}))


def asked_about(
    desk: Desk, client: ApiClient, clock: MovableClock, **more: Any
) -> tuple[dict[str, Any], str]:
    """A ticket that was resolved and its customer asked; with the path of the link."""
    ticket = open_ticket(client, **{"person_id": str(uuid4()), **more})
    good(act(client, ticket, "resolve"))
    tell_all(desk, client)
    pass_time(desk, clock, HOUR)
    return ticket, path_sent(desk, client)


def path_sent(desk: Desk, client: ApiClient) -> str:
    """The path of the link that was sent last."""
    link: str = facts(desk, client, SendMessage)[-1].request.variables["link"]
    return urlsplit(link).path


def say(desk: Desk, path: str, score: object, comment: str = "", **headers: str) -> ApiAnswer:
    """Send the form of the page."""
    form = {"score": str(score), "comment": comment}
    return desk.anonymous().send("POST", path, data=form, headers=headers)


def requests_of(client: ApiClient) -> list[dict[str, Any]]:
    """Who was asked, the latest first."""
    items: list[dict[str, Any]] = good(client.get(REQUESTS))["items"]
    return items


def test_surveys_are_for_those_who_may_and_for_their_tenant(desk: Desk, app: ApiClient) -> None:
    assert refused(desk.anonymous().get(SURVEYS)) == (401, "token_missing")
    reader = desk.user_client(desk.new_tenant(), {"desk.surveys.read": "all"})
    body = {"kind": "csat", "name": "After service"}
    assert reader.post(SURVEYS, body).status_code == 403
    survey = make_survey(app)
    stranger = desk.app_client(desk.new_tenant())
    assert good(stranger.get(SURVEYS))["items"] == []
    for answer in (
        stranger.get(f"{SURVEYS}/{survey['id']}"),
        stranger.patch(f"{SURVEYS}/{survey['id']}", {"name": "Mine"}),
        stranger.post(f"{SURVEYS}/{survey['id']}/archive"),
    ):
        assert answer.status_code == 404


def test_what_cannot_be_asked_is_refused(app: ApiClient) -> None:
    def at(**body: Any) -> list[tuple[str, str]]:
        answer = app.post(SURVEYS, {"kind": "csat", "name": "After service", **body})
        assert answer.status_code == 422, answer.text
        return places(answer)

    assert at(kind="nps") == [("/purpose", "purpose_missing")]
    assert at(kind="nps", purpose="surveys", condition='type == "incident"') == [
        ("/condition", "condition_without_ticket")
    ]
    assert at(follow_up={"up_to": 9}) == [("/follow_up/up_to", "score_impossible")]
    assert at(follow_up={"queue_id": str(uuid4())}) == [("/follow_up/queue_id", "queue_unknown")]
    assert at(follow_up={"assignee_id": str(uuid4())}) == [
        ("/follow_up/assignee_id", "user_unknown")
    ]
    assert at(name=" ") == [("/name", "name_missing")]
    assert at(condition="nonsense == 1")[0][0] == "/condition"


def test_surveys_are_written_anew_archived_and_restored(desk: Desk, app: ApiClient) -> None:
    survey = make_survey(app, follow_up={})
    assert survey["follow_up"] == {
        "up_to": 2,
        "queue_id": None,
        "priority": "high",
        "assignee_id": None,
    }
    path = f"{SURVEYS}/{survey['id']}"
    changed = good(app.patch(path, {"rest_days": 30, "follow_up": None}))
    assert (changed["rest_days"], changed["follow_up"], changed["version"]) == (30, None, 2)
    assert app.patch(path, {"rest_days": 31}, headers={"If-Match": '"1"'}).status_code == 412
    assert good(app.post(f"{path}/archive"))["archived_at"] is not None
    assert good(app.get(SURVEYS))["items"] == []
    assert good(app.post(f"{path}/restore"))["archived_at"] is None
    told = (events.SurveyCreated, events.SurveyChanged, events.SurveyArchived)
    assert [len(facts(desk, app, one)) for one in (*told, events.SurveyRestored)] == [1] * 4


def test_a_customer_is_asked_once_an_hour_after_the_resolution(
    timed: Desk, clock: MovableClock
) -> None:
    client = lasting_app(timed, clock)
    make_survey(client)
    person = str(uuid4())
    ticket = open_ticket(client, person_id=person, product_sku="E-1")
    good(act(client, ticket, "resolve"))
    tell(timed, client, twice(said(timed, client)))
    pass_time(timed, clock, HOUR - timedelta(seconds=1))
    assert [one["state"] for one in requests_of(client)] == ["planned"]
    assert facts(timed, client, SendMessage) == []
    pass_time(timed, clock, timedelta(seconds=1))
    [asked] = requests_of(client)
    assert (asked["state"], asked["person_id"]) == ("sent", person)
    assert (asked["ticket_id"], asked["product_sku"]) == (ticket["id"], "E-1")
    [message] = facts(timed, client, SendMessage)
    assert message.request.request_id == asked["id"]
    assert message.request.template == "csat_survey"
    assert (message.request.person_id, message.request.purpose) == (person, "")
    assert message.request.variables["number"] == ticket["number"]
    assert [one.person_id for one in facts(timed, client, events.SurveySent)] == [person]


def test_who_is_known_by_an_address_alone_is_asked_there(timed: Desk, clock: MovableClock) -> None:
    client = lasting_app(timed, clock)
    make_survey(client)
    address = "somebody@example.com"
    asked_about(timed, client, clock, person_id=None, requester_address=address)
    request = facts(timed, client, SendMessage)[-1].request
    assert request.WhichOneof("recipient") == "address"
    assert request.address == address


def test_nobody_is_asked_about_what_was_reopened_in_the_meantime(
    timed: Desk, clock: MovableClock
) -> None:
    client = lasting_app(timed, clock)
    make_survey(client)
    ticket = open_ticket(client, person_id=str(uuid4()))
    good(act(client, ticket, "resolve"))
    place = tell_all(timed, client)
    good(hear(client, ticket))
    pass_time(timed, clock, HOUR)
    [asked] = requests_of(client)
    assert (asked["state"], asked["reason"]) == ("cancelled", "reopened")
    good(act(client, ticket, "resolve"))
    tell_all(timed, client, place)
    pass_time(timed, clock, HOUR)
    assert [(one["state"], one["round"]) for one in requests_of(client)] == [
        ("sent", 1),
        ("cancelled", 0),
    ]


def test_the_first_survey_that_fits_is_the_one(timed: Desk, clock: MovableClock) -> None:
    client = lasting_app(timed, clock)
    fits = make_survey(client, position=1, condition='type == "incident"')
    other = make_survey(client, position=2)
    asked_about(timed, client, clock, type="incident")
    asked_about(timed, client, clock)
    assert [one["survey_id"] for one in requests_of(client)] == [other["id"], fits["id"]]


def test_who_was_asked_lately_is_left_in_peace(timed: Desk, clock: MovableClock) -> None:
    client, person = lasting_app(timed, clock), str(uuid4())
    make_survey(client, rest_days=30)
    asked_about(timed, client, clock, person_id=person)
    clock.move(timedelta(days=29))
    asked_about(timed, client, clock, person_id=person)
    assert requests_of(client)[0]["reason"] == "asked_lately"
    clock.move(timedelta(days=2))
    asked_about(timed, client, clock, person_id=person)
    assert requests_of(client)[0]["state"] == "sent"


def test_looking_at_the_page_counts_for_nothing_and_the_form_counts(
    timed: Desk, clock: MovableClock
) -> None:
    client = lasting_app(timed, clock)
    make_survey(client, question={"en": "Happy?", "zh-Hant": "滿意嗎？"})
    _, path = asked_about(timed, client, clock)
    page = timed.anonymous().get(f"{path}?score=5&lang=zh-Hant")
    assert page.status_code == 200
    assert "滿意嗎？" in page.text
    assert 'value="5" required checked' in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert timed.anonymous().send("HEAD", path).status_code == 200
    assert requests_of(client)[0]["score"] is None
    sent = say(timed, path, 4, "Friendly")
    assert sent.status_code == 303
    assert "Thank you" in timed.anonymous().get(sent.headers["Location"]).text
    [asked] = requests_of(client)
    assert (asked["state"], asked["score"], asked["comment"]) == ("answered", 4, "Friendly")
    [told] = facts(timed, client, events.SurveyAnswered)
    assert (told.score, told.commented, told.request.kind) == (4, True, "csat")


@pytest.mark.parametrize("score", ["", "0", "6", "-1", "5.0", "\uff15", "nonsense", "1e1"])
def test_a_score_that_cannot_be_is_asked_for_again(
    timed: Desk, clock: MovableClock, score: str
) -> None:
    client = lasting_app(timed, clock)
    make_survey(client)
    _, path = asked_about(timed, client, clock)
    assert say(timed, path, score).status_code == 422
    assert requests_of(client)[0]["score"] is None


def test_what_is_no_link_of_ours_or_comes_from_another_site_is_refused(
    timed: Desk, clock: MovableClock
) -> None:
    client = lasting_app(timed, clock)
    make_survey(client)
    _, path = asked_about(timed, client, clock)
    assert timed.anonymous().get(f"{path[:-2]}AA").status_code == 404
    assert timed.anonymous().get("/p/desk/surveys/nonsense").status_code == 404
    assert say(timed, f"{path}x", 5).status_code == 404
    answer = say(timed, path, 5, **{"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert say(timed, path, 5, "x" * 2_001).status_code == 422
    assert requests_of(client)[0]["score"] is None


def test_an_answer_is_corrected_for_a_week_and_counts_once(
    timed: Desk, clock: MovableClock
) -> None:
    client = lasting_app(timed, clock)
    make_survey(client)
    _, path = asked_about(timed, client, clock)
    assert say(timed, path, 2).status_code == 303
    clock.move(timedelta(days=7) - timedelta(seconds=1))
    assert say(timed, path, 5).status_code == 303
    assert say(timed, path, 5).status_code == 303
    clock.move(timedelta(seconds=1))
    late = say(timed, path, 1)
    assert (late.status_code, "no longer" in late.text) == (200, True)
    assert requests_of(client)[0]["score"] == 5
    assert len(facts(timed, client, events.SurveyAnswered)) == 1
    [corrected] = facts(timed, client, events.SurveyAnswerCorrected)
    assert (corrected.previous_score, corrected.score) == (2, 5)


def test_a_link_holds_until_it_expires(timed: Desk, clock: MovableClock) -> None:
    client = lasting_app(timed, clock)
    make_survey(client, expires_days=3)
    _, path = asked_about(timed, client, clock)
    clock.move(timedelta(days=3))
    assert "no longer" in timed.anonymous().get(path).text
    assert "no longer" in say(timed, path, 5).text
    assert requests_of(client)[0]["state"] == "sent"


def test_of_two_clicks_at_once_one_answers(timed: Desk, clock: MovableClock) -> None:
    client = lasting_app(timed, clock)
    make_survey(client)
    _, path = asked_about(timed, client, clock)
    assert at_once(*[lambda: say(timed, path, 5)] * 2) == [303, 303]
    assert len(facts(timed, client, events.SurveyAnswered)) == 1
    assert facts(timed, client, events.SurveyAnswerCorrected) == []


def test_people_are_asked_for_a_recommendation_every_so_many_months(
    timed: Desk, clock: MovableClock
) -> None:
    client, person = lasting_app(timed, clock), str(uuid4())
    open_ticket(client, person_id=person)
    open_ticket(client, person_id=person)
    open_ticket(client)
    make_survey(client, kind="nps", purpose="surveys", every_months=3, active_months=12)
    pass_time(timed, clock, timedelta(seconds=1))
    pass_time(timed, clock, timedelta(days=1))
    assert [(one["person_id"], one["state"]) for one in requests_of(client)] == [(person, "sent")]
    request = facts(timed, client, SendMessage)[-1].request
    assert (request.template, request.purpose) == ("nps_survey", "surveys")
    assert say(timed, path_sent(timed, client), 10).status_code == 303
    pass_time(timed, clock, timedelta(days=80))
    assert len(requests_of(client)) == 1
    pass_time(timed, clock, timedelta(days=13))
    assert len(requests_of(client)) == 2
    pass_time(timed, clock, timedelta(days=300))
    assert len(requests_of(client)) == 2


def test_more_people_than_fit_into_one_go_are_all_asked(timed: Desk, clock: MovableClock) -> None:
    client = lasting_app(timed, clock)
    people = {str(UUID(int=n + 1)) for n in range(205)}
    items = [{"subject": "Help", "person_id": one} for one in sorted(people)]
    good(client.post(f"{TICKETS}/batch", {"items": items}))
    make_survey(client, kind="nps", purpose="surveys")
    pass_time(timed, clock, timedelta(seconds=1))
    asked = good(client.get(f"{REQUESTS}?page_size=200&count=true"))
    assert asked["total_count"] == 205


def test_what_was_said_is_seen_by_who_reaches_the_ticket(timed: Desk, clock: MovableClock) -> None:
    client, agent = lasting_app(timed, clock), uuid4()
    make_survey(client)
    ticket = open_ticket(client, person_id=str(uuid4()))
    good(act(client, ticket, "resolve"))
    tell_all(timed, client)
    assert client.tenant_id is not None
    grants = {"desk.satisfaction.read": "own"}
    user = timed.user_client(client.tenant_id, grants, user_id=agent)
    [asked] = requests_of(client)
    assert requests_of(user) == []
    assert user.get(f"{REQUESTS}/{asked['id']}").status_code == 404
    assert client.get(f"{REQUESTS}/{asked['id']}").status_code == 200


def test_who_is_erased_leaves_a_score_and_no_words(timed: Desk, clock: MovableClock) -> None:
    client, person = lasting_app(timed, clock), uuid4()
    make_survey(client)
    _, path = asked_about(timed, client, clock, person_id=str(person))
    say(timed, path, 2, "I am 王小明")
    assert client.tenant_id is not None
    about = envelope(client.tenant_id, person, PersonErased.DESCRIPTOR.full_name)
    timed.service.operations.run(
        service_caller("desk", client.tenant_id),
        lambda tx: on_person_erased(tx, PersonErased(person_id=str(person)), about),
    )
    [asked] = requests_of(client)
    assert (asked["person_id"], asked["comment"], asked["score"]) == (None, "", 2)
    assert "王小明" not in timed.anonymous().get(path).text
