"""What is worth asking somebody next: what is missing, and was not asked before too often."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest

from rapport.contacts.events.v1 import profile_question_events_pb2 as events
from services.contacts.tests.builders import PEOPLE, person

from .conftest import QUESTIONS, Asking


def test_reading_needs_a_token_and_reach_and_noting_the_permission(asking: Asking) -> None:
    ada = person(asking.client, "Ada")
    question = asking.question()
    url = f"{PEOPLE}/{ada}/next-question?purpose=offers"
    assert asking.contacts.anonymous().get(url).status_code == 401
    assert asking.client.tenant_id is not None
    own = {"contacts.people.read": "own", "contacts.question_asks.read": "own"}
    colleague = asking.contacts.user_client(asking.client.tenant_id, own)
    assert colleague.get(url).status_code == 404
    told = {"question_id": question, "purpose": "offers"}
    assert colleague.post(f"{PEOPLE}/{ada}/asked-questions", told).status_code == 403
    assert colleague.get(f"{PEOPLE}/{ada}/asked-questions").status_code == 404
    stranger = asking.contacts.app_client(asking.contacts.new_tenant())
    assert stranger.get(url).status_code == 404
    assert stranger.post(f"{PEOPLE}/{ada}/asked-questions", told).status_code == 404


def test_the_first_that_is_missing_is_asked_one_after_the_other(asking: Asking) -> None:
    ada = person(asking.client, "Ada", phones=[{"number": "+886912345678"}])
    assert asking.next(ada)["reason"] == "no_questions"
    asking.question("mail", asks_for="email", position=3)
    asking.question("birthday", position=2)
    asking.question("phone", asks_for="phone", position=1)
    asking.question("for_letters", asks_for="postal_address", purposes=["service"])
    found = asking.next(ada)
    assert (found["question"]["key"], found["question"]["gap"]) == ("birthday", "missing")
    assert found["question"]["text"]["zh-Hant"] == "您的生日是哪一天？"
    assert asking.passed_over(ada) == {"phone": "known"}
    dates = [{"kind": "birthday", "date": "1990-02-28"}]
    asking.client.patch(f"{PEOPLE}/{ada}", {"important_dates": dates})
    assert asking.key(ada) == "mail"
    assert asking.key(ada, purpose="service") == "for_letters"
    asking.client.patch(f"{PEOPLE}/{ada}", {"emails": [{"address": "ada@rapport.dev"}]})
    assert (asking.key(ada), asking.next(ada)["reason"]) == (None, "nothing_left")


def test_whoever_does_not_answer_is_asked_again_later_and_not_for_ever(asking: Asking) -> None:
    ada = person(asking.client, "Ada")
    birthday = asking.question(ask_again_after_days=10, most_times=2)
    asking.question("mail", asks_for="email", position=1)
    assert asking.note(ada, birthday, channel="email").status_code == 201
    assert asking.key(ada) == "mail"
    assert asking.passed_over(ada) == {"birthday": "asked_lately"}
    asking.clock.move(timedelta(days=10, seconds=-1))
    assert asking.key(ada) == "mail"
    asking.clock.move(timedelta(seconds=1))
    again = asking.next(ada)["question"]
    assert (again["key"], again["times_asked"]) == ("birthday", 1)
    asking.note(ada, birthday)
    asking.clock.move(timedelta(days=30))
    assert asking.passed_over(ada) == {"birthday": "asked_often_enough"}


def test_nobody_is_asked_two_things_in_a_row(asking: Asking) -> None:
    ada = person(asking.client, "Ada")
    birthday = asking.question(ask_again_after_days=1)
    asking.question("mail", asks_for="email", position=1)
    asked = asking.note(ada, birthday, outcome="answered").json
    found = asking.next(ada, pause_hours=24)
    assert (found["question"], found["reason"]) == (None, "pause")
    asking.clock.move(timedelta(hours=24))
    assert asking.key(ada, pause_hours=24) == "birthday"
    assert found["not_before"] == asking.clock.now().isoformat().replace("+00:00", "Z")
    removed = asking.client.delete(f"{PEOPLE}/{ada}/asked-questions/{asked['id']}")
    assert removed.status_code == 204
    assert asking.next(ada, pause_hours=48)["question"]["times_asked"] == 0


def test_when_everything_waits_it_is_told_until_when(asking: Asking) -> None:
    ada = person(asking.client, "Ada")
    asking.note(ada, asking.question(ask_again_after_days=5))
    found = asking.next(ada)
    due = (asking.clock.now() + timedelta(days=5)).isoformat().replace("+00:00", "Z")
    assert (found["reason"], found["not_before"]) == ("nothing_left", due)


def test_who_would_rather_not_say_is_not_asked_unless_that_was_a_mistake(asking: Asking) -> None:
    ada = person(asking.client, "Ada")
    birthday = asking.question()
    declined = asking.note(ada, birthday, outcome="declined")
    asking.clock.move(timedelta(days=390))
    assert asking.passed_over(ada) == {"birthday": "declined"}
    url = declined.headers["Location"]
    assert asking.client.get(url).json == declined.json
    listed = asking.client.get(f"{PEOPLE}/{ada}/asked-questions?outcome=declined&count=true").json
    assert (listed["items"], listed["total_count"]) == ([declined.json], 1)
    assert asking.client.delete(url).status_code == 204
    assert asking.client.delete(url).status_code == 404
    assert asking.key(ada) == "birthday"
    (removed,) = asking.facts("ProfileQuestionAskRemoved")
    assert events.ProfileQuestionAskRemoved.FromString(removed).person_id == ada


def test_an_address_that_reaches_nobody_is_worth_asking_for_again(asking: Asking) -> None:
    ada = person(
        asking.client,
        "Ada",
        emails=[{"address": "ada@rapport.dev"}],
        handles=[{"network": "wechat", "handle": "ada"}],
    )
    mail = asking.question("mail", asks_for="email")
    asking.question("line", asks_for="line", position=1)
    assert (asking.key(ada), asking.passed_over(ada)) == ("line", {"mail": "known"})
    asking.note(ada, mail, outcome="answered")
    asking.bounce(ada)
    asking.clock.move(timedelta(days=31))
    found = asking.next(ada)["question"]
    assert (found["key"], found["gap"], found["times_asked"]) == ("mail", "unreachable", 0)


def test_a_custom_field_is_asked_for_as_long_as_it_is_in_use(asking: Asking) -> None:
    field = {"object": "person", "key": "diet", "type": "text", "label": {"en": "Diet"}}
    made = asking.client.post("/v1/contacts/custom-fields", field)
    assert made.status_code == 201, made.text
    ada, bob = person(asking.client, "Ada"), person(asking.client, "Bob")
    asking.question("diet", asks_for="custom_fields.diet")
    asking.client.patch(f"{PEOPLE}/{ada}", {"custom_fields": {"diet": "vegan"}})
    assert (asking.key(ada), asking.key(bob)) == (None, "diet")
    asking.client.delete(f"/v1/contacts/custom-fields/{made.json['id']}")
    assert asking.passed_over(bob) == {"diet": "field_archived"}


def test_an_archived_question_purpose_or_person_asks_nothing(asking: Asking) -> None:
    ada = person(asking.client, "Ada")
    birthday = asking.question()
    asking.client.delete(f"{QUESTIONS}/{birthday}")
    assert asking.next(ada)["reason"] == "no_questions"
    assert asking.note(ada, birthday).status_code == 201  # it stood on a page that was open still
    asking.client.post(f"{QUESTIONS}/{birthday}/restore")
    (offers,) = asking.client.get("/v1/contacts/purposes?key=offers").json["items"]
    asking.client.delete(f"/v1/contacts/purposes/{offers['id']}")
    assert asking.next(ada)["reason"] == "purpose_archived"
    asking.client.post(f"/v1/contacts/purposes/{offers['id']}/restore")
    asking.client.delete(f"{PEOPLE}/{ada}")
    assert asking.next(ada)["reason"] == "person_archived"
    assert asking.note(ada, birthday).json["code"] == "archived"


@pytest.mark.parametrize(
    ("told", "status", "pointer"),
    [
        ({"question_id": str(uuid4())}, 422, "/question_id"),
        ({"purpose": "espionage"}, 422, "/purpose"),
        ({"outcome": "shouted"}, 422, "/outcome"),
        ({"asked_at": "2999-01-01T00:00:00Z"}, 422, "/asked_at"),
        ({"asked_at": "1969-12-31T23:59:59Z"}, 422, "/asked_at"),
    ],
)
def test_what_nobody_can_have_been_asked_is_refused(
    asking: Asking, told: dict[str, str], status: int, pointer: str
) -> None:
    ada = person(asking.client, "Ada")
    answer = asking.note(ada, **{"question_id": asking.question(), **told})
    assert answer.status_code == status
    assert {error["pointer"] for error in answer.json["errors"]} == {pointer}
    assert asking.client.get(f"{PEOPLE}/{ada}/asked-questions").json["items"] == []


def test_an_unknown_purpose_is_refused_by_its_name(asking: Asking) -> None:
    ada = person(asking.client, "Ada")
    for query, status in (
        ("purpose=espionage", 422),
        ("pause_hours=1", 400),
        ("purpose=a&x=1", 400),
    ):
        assert asking.client.get(f"{PEOPLE}/{ada}/next-question?{query}").status_code == status


def test_what_was_asked_long_ago_and_at_once_counts_once_each(asking: Asking) -> None:
    ada = person(asking.client, "Ada")
    birthday = asking.question(ask_again_after_days=1, most_times=5)
    long_ago = (asking.clock.now() - timedelta(days=90)).isoformat()
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: asking.note(ada, birthday, asked_at=long_ago), range(4)))
    assert {answer.status_code for answer in answers} == {201}
    assert asking.next(ada)["question"]["times_asked"] == 4
    told = map(events.ProfileQuestionAsked.FromString, asking.facts("ProfileQuestionAsked"))
    assert [(fact.purpose, fact.channel) for fact in told] == [("offers", "")] * 4


def test_what_was_asked_follows_a_merge_and_its_undoing(asking: Asking) -> None:
    ada, ann = person(asking.client, "Ada"), person(asking.client, "Ann")
    birthday = asking.question()
    asking.note(ann, birthday, outcome="declined")
    merge = asking.client.post(f"{PEOPLE}/{ada}/merge", {"person_id": ann})
    assert merge.status_code == 201, merge.text
    assert asking.passed_over(ada) == {"birthday": "declined"}
    assert asking.next(ann)["person_id"] == ada
    assert asking.note(ann, birthday).json["person_id"] == ada
    undone = asking.client.post(f"/v1/contacts/merges/{merge.json['id']}/undo")
    assert undone.status_code == 200, undone.text
    assert asking.passed_over(ann) == {"birthday": "declined"}
    assert asking.passed_over(ada) == {"birthday": "asked_lately"}


def test_with_the_person_goes_what_they_were_asked(asking: Asking) -> None:
    ada = person(asking.client, "Ada")
    birthday = asking.question()
    told = {"question_id": birthday, "purpose": "offers"}
    key = {"Idempotency-Key": "page-1"}
    url = f"{PEOPLE}/{ada}/asked-questions"
    assert asking.client.post(url, told, headers=key).status_code == 201
    asking.client.post(f"{PEOPLE}/{ada}/erase", {"reason": "asked by letter"})
    assert asking.client.get(url).status_code == 404
    assert asking.client.post(url, told, headers=key).status_code == 404
    assert asking.client.get(f"{QUESTIONS}/{birthday}").status_code == 200
