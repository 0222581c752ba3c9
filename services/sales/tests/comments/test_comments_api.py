"""What colleagues say about an opportunity: threads, mentions, edits, and taking back (SA-16)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.clock import MovableClock
from chassis.testing.bus import Bus
from chassis.testing.client import ApiClient
from chassis.testing.waiting import eventually
from rapport.contacts.events.v1.person_events_pb2 import PersonErased
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

OWN = {"sales.opportunities.read": "own", "sales.opportunities.write": "own"}


@pytest.fixture
def path(app: ApiClient) -> str:
    """Where the comments on an opportunity are."""
    return f"{OPPORTUNITIES}/{open_one(app, define_pipeline(app))['id']}/comments"


def say(client: ApiClient, path: str, text: str, **more: Any) -> dict[str, Any]:
    """A comment."""
    return good(client.post(path, {"text": text, **more}))


def texts(client: ApiClient, path: str) -> list[str]:
    """What is said, in its order."""
    return [one["text"] for one in good(client.get(path))["items"]]


def test_replies_stand_below_what_began_their_thread(app: ApiClient, path: str) -> None:
    first, second = say(app, path, "Price?"), say(app, path, "Delivery?")
    answer = say(app, path, "Ten percent off.", reply_to=first["id"])
    say(app, path, "In May.", reply_to=second["id"])
    # A reply to a reply stays in the thread.
    say(app, path, "Too much.", reply_to=answer["id"])
    assert texts(app, path) == ["Price?", "Ten percent off.", "Too much.", "Delivery?", "In May."]
    only = good(app.get(f"{path}?thread_id={second['id']}"))["items"]
    assert [one["text"] for one in only] == ["Delivery?", "In May."]
    page = good(app.get(f"{path}?page_size=2"))
    rest = good(app.get(f"{path}?page_size=5&page_token={page['next_page_token']}"))
    assert [one["text"] for one in rest["items"]] == ["Too much.", "Delivery?", "In May."]


def test_who_is_mentioned_can_see_it_or_is_refused(sales: Sales) -> None:
    tenant, seller_id, colleague_id = sales.new_tenant(), uuid4(), uuid4()
    pipeline = define_pipeline(sales.app_client(tenant))
    seller = sales.user_client(tenant, OWN, user_id=seller_id)
    colleague = sales.user_client(tenant, OWN, user_id=colleague_id)
    record = f"{OPPORTUNITIES}/{open_one(seller, pipeline)['id']}"
    path, body = f"{record}/comments", {"text": "Look!", "mentions": [str(colleague_id)]}
    answer = seller.post(path, body)
    assert (answer.status_code, places(answer)) == (422, [("/mentions/0", "no_access")])
    assert facts(sales, seller, events.CommentWritten) == []
    know_user(sales, tenant, colleague_id)
    good(seller.put(f"{record}/members/{colleague_id}", {"role": "presales"}))
    written = good(seller.post(path, body))
    # A member reads, answers and mentions the owner.
    say(colleague, path, "I do.", reply_to=written["id"], mentions=[str(seller_id)] * 2)
    first, second = facts(sales, seller, events.CommentWritten)
    assert list(first.mentioned_user_ids) == [str(colleague_id)]
    assert (first.author_id, first.owner_id) == (str(seller_id), str(seller_id))
    assert list(second.mentioned_user_ids) == [str(seller_id)]
    assert second.thread_id == written["id"]
    good_bye = seller.delete(f"{record}/members/{colleague_id}")
    assert good_bye.status_code == 204
    assert colleague.get(path).status_code == 404
    assert colleague.post(path, {"text": "Still here?"}).status_code == 404
    # What mentioned who has left can still be put in other words, without telling them again.
    edit = {"text": "Look here!", "mentions": [str(colleague_id)]}
    good(seller.put(f"{path}/{written['id']}", edit))
    (edited,) = facts(sales, seller, events.CommentEdited)
    assert list(edited.newly_mentioned_user_ids) == []
    told = [(one.user_id, one.author_id) for one in facts(sales, seller, events.ColleagueMentioned)]
    assert told == [(str(colleague_id), str(seller_id)), (str(seller_id), str(colleague_id))]


def test_only_the_author_edits_and_takes_back(sales: Sales) -> None:
    tenant = sales.new_tenant()
    app, other = sales.app_client(tenant), sales.user_client(tenant, {"*": "all"})
    path = f"{OPPORTUNITIES}/{open_one(app, define_pipeline(app))['id']}/comments"
    one = say(app, path, "Mine.")
    own = f"{path}/{one['id']}"
    assert refused(other.put(own, {"text": "Yours."})) == (403, "not_the_author")
    assert refused(other.delete(own)) == (403, "not_the_author")
    assert app.delete(own).status_code == 204
    assert app.delete(own).status_code == 204
    assert refused(app.put(own, {"text": "Again."})) == (409, "comment_deleted")
    left = good(app.get(own))
    assert (left["text"], left["mentions"], left["deleted_at"] is None) == ("", [], False)
    assert len(facts(sales, app, events.CommentDeleted)) == 1


def test_history_keeps_what_was_said_when_until_it_is_taken_back(
    timed: Sales, clock: MovableClock
) -> None:
    app = lasting_app(timed, clock)
    path = f"{OPPORTUNITIES}/{open_one(app, define_pipeline(app))['id']}/comments"
    own = f"{path}/{say(app, path, 'One.')['id']}"
    clock.move(timedelta(hours=1))
    assert good(app.put(own, {"text": "Two."}))["edits"] == 1
    clock.move(timedelta(hours=1))
    good(app.put(own, {"text": "Two."}))  # nothing differs
    good(app.put(own, {"text": "Three."}))
    said = good(app.get(f"{own}/history"))["items"]
    assert [one["text"] for one in said] == ["One.", "Two.", "Three."]
    times = [one["said_at"] for one in said]
    assert times == sorted(set(times))
    app.delete(own)
    after = good(app.get(f"{own}/history"))["items"]
    assert [(one["text"], one["said_at"]) for one in after] == [("", time) for time in times]


def test_two_edits_at_once_of_one_version_are_one(app: ApiClient, path: str) -> None:
    one = say(app, path, "Draft.")
    guard = {"If-Match": f'"{one["version"]}"'}
    calls = [
        lambda text=text: app.put(f"{path}/{one['id']}", {"text": text}, headers=guard)
        for text in ("This.", "That.")
    ]
    assert at_once(*calls) == [200, 412]
    assert good(app.get(f"{path}/{one['id']}"))["edits"] == 1


def test_a_reply_to_another_opportunitys_comment_is_refused(app: ApiClient, path: str) -> None:
    other = f"{OPPORTUNITIES}/{open_one(app, define_pipeline(app))['id']}/comments"
    one = say(app, other, "Elsewhere.")
    answer = app.post(path, {"text": "Here?", "reply_to": one["id"]})
    assert places(answer) == [("/reply_to", "comment_unknown")]
    assert app.get(f"{path}/{one['id']}").status_code == 404
    assert app.put(f"{path}/{one['id']}", {"text": "Here."}).status_code == 404
    assert places(app.post(path, {"text": " "})) == [("/text", "text_missing")]


def test_when_a_person_is_erased_nothing_said_about_their_opportunity_is_left(
    bus: Bus, app: ApiClient
) -> None:
    person, pipeline = uuid4(), define_pipeline(app)
    about, other = open_one(app, pipeline, person_id=str(person)), open_one(app, pipeline)
    for one in (about, other):
        path = f"{OPPORTUNITIES}/{one['id']}/comments"
        own = f"{path}/{say(app, path, 'Ada is ill.')['id']}"
        good(app.put(own, {"text": "Ada is well."}))
    assert app.tenant_id is not None
    bus.say(PersonErased(person_id=str(person)), app.tenant_id, UUID(int=person.int))
    eventually(lambda: texts(app, f"{OPPORTUNITIES}/{about['id']}/comments") == [])
    assert texts(app, f"{OPPORTUNITIES}/{other['id']}/comments") == ["Ada is well."]
