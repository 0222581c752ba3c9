"""Batches of letters are found again, and forgotten like the words of all messages (NO-1)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from notifications.delivery.pruning import message_pruning
from notifications.letters.keeping import StoredLetters
from notifications.providers.port import Outgoing
from services.notifications.tests.delivery.sending import SendingNotifications

LETTERS = "/v1/notifications/letters"
BATCHES = f"{LETTERS}/batches"
KEPT = timedelta(days=30)


@pytest.fixture
def now(sending: SendingNotifications) -> datetime:
    """The clock of the test says what ids say, which come from the machine's."""
    moment = datetime.now(UTC)
    sending.clock.set(moment)
    return moment


def put(sending: SendingNotifications, count: int = 1) -> None:
    """Letters that wait."""
    letters = StoredLetters(sending.harness.service.operations)
    for _ in range(count):
        letters.put(
            Outgoing(
                tenant_id=sending.tenant_id,
                message_id=uuid4(),
                idempotency_key=str(uuid4()),
                address="王小明\n台北市信義區市府路1號",
                name="王小明",
                subject="",
                text="Words.",
                html="",
                language="en",
                purpose="",
                transactional=True,
                unsubscribe_url="",
                written_at=sending.clock.now(),
            )
        )


def begin(sending: SendingNotifications, most: int = 5000) -> dict[str, Any]:
    """A batch of what waits."""
    made = sending.client.post(f"{BATCHES}?most={most}")
    assert made.status_code == 201, made.text
    return dict(made.json)


def prune_at(sending: SendingNotifications, moment: datetime) -> None:
    """What is done every hour; the clock goes back then, since tokens have theirs."""
    before = sending.clock.now()
    sending.clock.set(moment)
    for work in message_pruning(sending.harness.service.database, sending.clock, KEPT):
        work.run()
    sending.clock.set(before)


def test_a_batch_whose_answer_was_lost_is_found_again(
    sending: SendingNotifications, now: datetime
) -> None:
    put(sending, 3)
    lost = begin(sending, 2)
    later = begin(sending)
    answer = sending.client.get(BATCHES)
    assert answer.json == {"items": [later, lost], "next_page_token": None}
    assert (lost["count"], later["count"]) == (2, 1)
    begun = datetime.fromisoformat(lost["begun_at"])
    assert abs(begun - now) < timedelta(minutes=1)
    assert len(sending.client.get(f"{BATCHES}/{lost['id']}").data.splitlines()) == 2


def test_batches_come_in_pages_and_are_counted(sending: SendingNotifications) -> None:
    put(sending, 3)
    begun = [begin(sending, 1)["id"] for _ in range(3)]
    first = sending.client.get(f"{BATCHES}?page_size=2&sort=id&count=true").json
    token = first["next_page_token"]
    second = sending.client.get(f"{BATCHES}?page_size=2&sort=id&page_token={token}").json
    assert [one["id"] for one in [*first["items"], *second["items"]]] == begun
    assert first["total_count"] == 3
    assert second["next_page_token"] is None


def test_houses_that_begin_batches_at_once_find_each_of_them(sending: SendingNotifications) -> None:
    put(sending, 6)
    with ThreadPoolExecutor(3) as threads:
        begun = {one["id"] for one in threads.map(lambda _: begin(sending, 2), range(3))}
    assert {one["id"] for one in sending.client.get(BATCHES).json["items"]} == begun


def test_who_may_not_read_letters_sees_no_batches(sending: SendingNotifications) -> None:
    put(sending)
    begin(sending)
    assert sending.harness.anonymous().get(BATCHES).status_code == 401
    writer = sending.harness.app_client(sending.tenant_id, "notifications.letters.write")
    assert writer.get(BATCHES).status_code == 403
    assert sending.harness.app_client(uuid4()).get(BATCHES).json["items"] == []
    assert sending.client.get(f"{BATCHES}?sort=count").status_code == 400


def test_letters_that_were_taken_are_forgotten_in_time_and_those_that_wait_are_not(
    sending: SendingNotifications, now: datetime
) -> None:
    put(sending, 2)
    batch = begin(sending, 1)
    prune_at(sending, now + KEPT - timedelta(minutes=1))
    assert sending.client.get(f"{BATCHES}/{batch['id']}").status_code == 200
    prune_at(sending, now + KEPT + timedelta(minutes=1))
    assert sending.client.get(BATCHES).json["items"] == []
    assert sending.client.get(f"{BATCHES}/{batch['id']}").status_code == 404
    assert sending.client.get(LETTERS).json == {"waiting": 1}


def test_more_batches_than_are_forgotten_at_once_all_go(
    sending: SendingNotifications, now: datetime
) -> None:
    put(sending, 1200)
    begin(sending)
    prune_at(sending, now + KEPT + timedelta(minutes=1))
    assert sending.client.get(BATCHES).json["items"] == []
