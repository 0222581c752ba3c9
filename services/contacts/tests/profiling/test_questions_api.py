"""Questions are data: an administrator says what people are asked, for what, and how often."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from rapport.contacts.events.v1 import profile_question_events_pb2 as events

from .conftest import QUESTIONS, Asking, body


def test_listing_needs_a_token_and_defining_the_permission(asking: Asking) -> None:
    assert asking.contacts.anonymous().get(QUESTIONS).status_code == 401
    tenant_id = asking.contacts.new_tenant()
    reader = asking.contacts.app_client(tenant_id, "contacts.profile_questions.read")
    assert reader.get(QUESTIONS).json["items"] == []
    assert reader.post(QUESTIONS, body()).status_code == 403


def test_a_question_is_defined_read_changed_put_away_and_taken_back(asking: Asking) -> None:
    answer = asking.client.post(QUESTIONS, body(purposes=["offers", "newsletter", "offers"]))
    assert answer.status_code == 201, answer.text
    assert answer.json["purposes"] == ["offers", "newsletter"]
    assert (answer.json["ask_again_after_days"], answer.json["most_times"]) == (30, 3)
    url = answer.headers["Location"]
    assert asking.client.get(url).json == answer.json
    stale = asking.client.patch(url, {"position": 2}, headers={"If-Match": '"7"'})
    assert stale.status_code == 412
    changed = asking.client.patch(url, {"position": 2, "purposes": ["service"]})
    assert (changed.json["position"], changed.json["purposes"]) == (2, ["service"])
    assert changed.json["text"] == answer.json["text"]
    assert asking.client.get(f"{QUESTIONS}?purpose=offers").json["items"] == []
    assert asking.client.get(f"{QUESTIONS}?purpose=service").json["items"] == [changed.json]
    assert asking.client.delete(url).status_code == 204
    assert asking.client.get(QUESTIONS).json["items"] == []
    refused = asking.client.patch(url, {"position": 3})
    assert (refused.status_code, refused.json["code"]) == (409, "archived")
    assert asking.client.post(f"{url}/restore").json["archived_at"] is None
    told = map(events.ProfileQuestionDefined.FromString, asking.facts("ProfileQuestionDefined"))
    assert [(list(fact.purposes), fact.archived) for fact in told] == [
        (["offers", "newsletter"], False),
        (["service"], False),
        (["service"], True),
        (["service"], False),
    ]


def test_another_tenants_questions_do_not_exist(asking: Asking) -> None:
    question = asking.question()
    stranger = asking.contacts.app_client(asking.contacts.new_tenant())
    assert stranger.get(QUESTIONS).json["items"] == []
    assert stranger.get(f"{QUESTIONS}/{question}").status_code == 404
    assert stranger.delete(f"{QUESTIONS}/{question}").status_code == 404


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"key": "Birthday"}, "/key"),
        ({"text": {}}, "/text"),
        ({"text": {"klingonese": "x"}}, "/text/klingonese"),
        ({"help_text": {"klingonese": "x"}}, "/help_text/klingonese"),
        ({"asks_for": "shoe_size"}, "/asks_for"),
        ({"asks_for": "custom_fields.shoe_size"}, "/asks_for"),
        ({"purposes": []}, "/purposes"),
        ({"purposes": ["offers", "espionage"]}, "/purposes/1"),
        ({"most_times": 0}, "/most_times"),
        ({"ask_again_after_days": 0}, "/ask_again_after_days"),
    ],
)
def test_a_question_that_cannot_be_is_refused_at_the_place_that_is_wrong(
    asking: Asking, given: dict[str, Any], pointer: str
) -> None:
    response = asking.client.post(QUESTIONS, body(**given))
    assert response.status_code == 422
    assert pointer in {error["pointer"] for error in response.json["errors"]}
    assert asking.client.get(f"{QUESTIONS}?archived=any").json["items"] == []


def test_what_a_question_asks_for_never_changes(asking: Asking) -> None:
    url = f"{QUESTIONS}/{asking.question()}"
    for member in ({"asks_for": "email"}, {"key": "mail"}):
        assert asking.client.patch(url, member).status_code == 422
    assert asking.client.get(url).json["asks_for"] == "important_dates.birthday"


def test_of_two_who_take_a_key_at_once_one_has_it(asking: Asking) -> None:
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: asking.client.post(QUESTIONS, body()), range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    refused = {answer.json["code"] for answer in answers if answer.status_code == 409}
    assert refused == {"question_exists"}
