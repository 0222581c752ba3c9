"""When people were last seen follows from what they did, in whatever order that becomes known."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import permutations
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.context import service_caller
from chassis.events.reactions import Envelope
from chassis.testing.client import ApiClient
from chassis.testing.harness import ServiceHarness
from contacts.reactions import on_interaction_recorded
from contacts.transaction import ContactsTx
from rapport.contacts.events.v1.interaction_events_pb2 import InteractionRecorded

from .conftest import PEOPLE, Enter

Contacts = ServiceHarness[ContactsTx]
React = Callable[[InteractionRecorded], None]


def fact(person: str, day: int, kind: str = "visit", channel: str = "web") -> InteractionRecorded:
    """Something that a person did on a day of March."""
    done = InteractionRecorded(
        interaction_id=str(uuid4()), person_id=person, kind=kind, channel=channel
    )
    done.occurred_at.FromDatetime(datetime(2026, 3, day, 12, tzinfo=UTC))
    return done


@pytest.fixture
def react(contacts: Contacts, app: ApiClient) -> React:
    """Has the service react to a fact of the app's tenant, as its consumer does."""

    def react(done: InteractionRecorded) -> None:
        assert app.tenant_id is not None
        now = datetime.now(UTC)
        about = UUID(done.interaction_id)
        envelope = Envelope(uuid4(), "x", app.tenant_id, about, 1, "service:contacts", now, None)
        contacts.service.operations.run(
            service_caller("contacts", app.tenant_id), on_interaction_recorded, done, envelope
        )

    return react


def seen(app: ApiClient, person: str) -> Any:
    return app.get(f"{PEOPLE}/{person}").json["last_seen_at"]


def signs(app: ApiClient, person: str) -> dict[str, str]:
    """When the person was last seen, by channel."""
    items = app.get(f"{PEOPLE}/{person}/signs-of-life").json["items"]
    return {item["channel"]: item["seen_at"] for item in items}


def march(day: int) -> str:
    return f"2026-03-{day:02}T12:00:00Z"


def test_nobody_was_seen_before_they_did_something(app: ApiClient, enter: Enter) -> None:
    person = enter()
    assert seen(app, person) is None
    assert signs(app, person) == {}
    assert app.get(f"{PEOPLE}/{uuid4()}/signs-of-life").status_code == 404


@pytest.mark.parametrize("days", list(permutations([3, 7, 5])))
def test_the_latest_sign_wins_in_whatever_order_they_come(
    app: ApiClient, enter: Enter, react: React, days: tuple[int, ...]
) -> None:
    person = enter()
    for day in days:
        react(fact(person, day))
        react(fact(person, day + 1, channel="email"))
    assert seen(app, person) == march(8)
    assert signs(app, person) == {"email": march(8), "web": march(7)}


def test_what_comes_twice_counts_once_and_what_is_no_sign_counts_not(
    app: ApiClient, enter: Enter, react: React
) -> None:
    person, visit = enter(), fact(enter(), 5)
    visit.person_id = person
    for done in (visit, visit, fact(person, 9, "returned_mail"), fact(person, 10, "unheard_of")):
        react(done)
    assert signs(app, person) == {"web": march(5)}
    (sign,) = app.get(f"{PEOPLE}/{person}/signs-of-life").json["items"]
    assert (sign["kind"], sign["interaction_id"]) == ("visit", visit.interaction_id)


def test_a_tenant_decides_what_is_a_sign(app: ApiClient, enter: Enter, react: React) -> None:
    person, kinds = enter(), "/v1/contacts/interaction-kinds"
    (visit,) = app.get(f"{kinds}?key=visit").json["items"]
    app.patch(f"{kinds}/{visit['id']}", {"sign_of_life": False})
    own = {"key": "test_drive", "label": {"en": "Test drive"}, "sign_of_life": True}
    app.post(kinds, own)
    react(fact(person, 9, "visit"))
    assert seen(app, person) is None
    react(fact(person, 3, "test_drive"))
    assert seen(app, person) == march(3)


def test_a_sign_of_somebody_who_is_gone_is_nothing(react: React) -> None:
    react(fact(str(uuid4()), 3))


def test_a_sign_is_no_change_of_the_person_and_a_change_loses_no_sign(
    app: ApiClient, enter: Enter, react: React
) -> None:
    person = enter()
    react(fact(person, 3))
    before = app.get(f"{PEOPLE}/{person}").json
    assert (before["version"], before["last_seen_at"]) == (1, march(3))
    changed = app.patch(f"{PEOPLE}/{person}", {"source": "fair"}, headers={"If-Match": '"1"'}).json
    assert (changed["version"], changed["last_seen_at"]) == (2, march(3))
    assert app.get(PEOPLE).json["items"] == [changed]


def test_signs_and_changes_at_the_same_moment_lose_nothing(
    app: ApiClient, enter: Enter, react: React
) -> None:
    person = enter()

    def work(number: int) -> None:
        if number % 3:
            react(fact(person, number + 1, channel=("web", "email")[number % 2]))
        else:
            assert app.patch(f"{PEOPLE}/{person}", {"source": f"s{number}"}).status_code == 200

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(24)))
    assert seen(app, person) == march(24)
    assert signs(app, person) == {"email": march(24), "web": march(23)}
    assert app.get(f"{PEOPLE}/{person}").json["version"] == 9


def test_people_are_sorted_and_found_by_when_they_were_last_seen(
    app: ApiClient, enter: Enter, react: React
) -> None:
    names = {enter(full_name=f"P{day}"): day for day in (0, 5, 3, 9, 0, 7)}
    for person, day in names.items():
        if day:
            react(fact(person, day))
    found: list[str] = []
    token = ""
    while True:
        page = app.get(f"{PEOPLE}?sort=-last_seen_at&page_size=2{token}").json
        found += [item["full_name"] for item in page["items"]]
        if page["next_page_token"] is None:
            break
        token = f"&page_token={page['next_page_token']}"
    assert found == ["P9", "P7", "P5", "P3", "P0", "P0"]

    def listed(query: str) -> list[str]:
        items = app.get(f"{PEOPLE}?sort=last_seen_at,full_name&{query}").json["items"]
        return [item["full_name"] for item in items]

    assert listed(f"last_seen_at[gte]={march(5)}") == ["P5", "P7", "P9"]
    assert listed(f"last_seen_at[lt]={march(5)}") == ["P0", "P0", "P3"]
